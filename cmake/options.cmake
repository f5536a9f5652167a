# How our own code is compiled. Third-party headers are system headers and exempt from the warnings.
option(LACT_WERROR "Warnings are errors: for development and continuous integration" OFF)
option(LACT_UNITY "Compile several files of a folder at once: a first build takes far less time" ON)
set(LACT_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined")
if("$ENV{CI}" STREQUAL "true")
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
  $<$<BOOL:${LACT_WERROR}>:-Werror>)
if(LACT_SANITIZE)
  target_compile_options(lact_options INTERFACE -fsanitize=${LACT_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(lact_options INTERFACE -fsanitize=${LACT_SANITIZE})
endif()
