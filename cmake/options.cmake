# How our own code is compiled. Third-party headers are system headers and exempt from the warnings.
# A newer compiler has new warnings, so they are errors in continuous integration (CI=true in the environment) and with
# the preset `ci` alone.
option(LACT_WERROR "Warnings are errors" OFF)
option(LACT_UNITY "Compile several files of a folder at once: a first build takes far less time" ON)
set(LACT_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined")
set(LACT_COLD_OPTIMIZATION "-O1" CACHE STRING
  "Release: optimisation of what is not hot (ui, commands, document, platform, application, cli, Dear ImGui); empty: as the rest")
set(LACT_TEST_OPTIMIZATION "-O1" CACHE STRING "Release: optimisation of the tests; empty: as the rest")
if("$ENV{CI}")
  set(LACT_WERROR ON)
endif()

find_program(ccache_program ccache)
if(ccache_program)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    ${ccache_program})
  add_compile_options(-fpch-preprocess)
endif()
find_program(mold_program mold)
if(mold_program)
  add_link_options(-fuse-ld=mold)
endif()

add_library(lact_options INTERFACE)
target_compile_options(lact_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  $<$<BOOL:${LACT_WERROR}>:-Werror>
  # GCC finds this one by following the optimised code, and is wrong about the contents of std::optional and
  # tl::expected at some levels of optimisation: a warning, never an error.
  $<$<AND:$<BOOL:${LACT_WERROR}>,$<CXX_COMPILER_ID:GNU>>:-Wno-error=maybe-uninitialized>)
if(LACT_SANITIZE)
  target_compile_options(lact_options INTERFACE -fsanitize=${LACT_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(lact_options INTERFACE -fsanitize=${LACT_SANITIZE})
endif()

# Targets that compute little: -O1 compiles them in 15 to 50 % less time than -O3, Dear ImGui and ImPlot in half. The
# engine, gfx, video, compare, runtime and figures keep the optimisation of the build type.
# (Precompiled headers for the GUI were measured as well: with several files compiled at once they save no more than it
# takes to make them.)
function(lact_cold)
  foreach(target ${ARGN})
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:${LACT_COLD_OPTIMIZATION}>)
  endforeach()
endfunction()
