# Files inside the program: shaders as SPIR-V and fonts as C arrays.
#   lact_embed(TARGET NAMESPACE [SHADERS a.vert b.frag …] [FILES font.ttf …] [TEXTS a.json …])
# adds to TARGET one source a file and the header "embedded/NAMESPACE.h", which declares for each, e.g.
# heat_map.frag, `extern const std::span<const std::uint32_t> heat_map_frag;` (SPIR-V words) and for a file
# `extern const std::span<const std::byte> roboto_regular;` in namespace lact::NAMESPACE; for a text (ASCII)
# `extern const std::string_view a;`, which is there before any dynamic initialisation.
find_program(LACT_GLSLC glslc)
if(NOT LACT_GLSLC)
  message(FATAL_ERROR "glslc, the shader compiler, was not found.\nRun 'make build', or: apt install glslc")
endif()

set(LACT_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/embed_file.cmake")

function(lact_embed target namespace)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "SHADERS;FILES;TEXTS")
  set(dir "${CMAKE_CURRENT_BINARY_DIR}/embedded")
  file(MAKE_DIRECTORY "${dir}")
  set(declarations "")
  foreach(path ${arg_SHADERS})
    get_filename_component(name "${path}" NAME)
    string(MAKE_C_IDENTIFIER "${name}" symbol)
    string(TOLOWER "${symbol}" symbol)
    set(spirv "${dir}/${name}.spv")
    add_custom_command(OUTPUT "${spirv}" DEPENDS "${path}"
      COMMAND ${LACT_GLSLC} --target-env=vulkan1.3 -O -Werror -MD -MF "${spirv}.d" -o "${spirv}" "${path}"
      DEPFILE "${spirv}.d" COMMENT "Compiling shader ${name}" VERBATIM)
    lact_embed_one("${spirv}" "${symbol}" WORDS)
    string(APPEND declarations "extern const std::span<const std::uint32_t> ${symbol};\n")
  endforeach()
  foreach(path ${arg_FILES})
    get_filename_component(name "${path}" NAME_WE)
    string(MAKE_C_IDENTIFIER "${name}" symbol)
    string(TOLOWER "${symbol}" symbol)
    lact_embed_one("${path}" "${symbol}" BYTES)
    string(APPEND declarations "extern const std::span<const std::byte> ${symbol};\n")
  endforeach()
  foreach(path ${arg_TEXTS})
    get_filename_component(name "${path}" NAME_WE)
    string(MAKE_C_IDENTIFIER "${name}" symbol)
    string(TOLOWER "${symbol}" symbol)
    lact_embed_one("${path}" "${symbol}" TEXT)
    string(APPEND declarations "extern const std::string_view ${symbol};\n")
  endforeach()
  file(CONFIGURE OUTPUT "${dir}/${namespace}.h" @ONLY CONTENT
"// Made by cmake/embed.cmake.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
namespace lact::@namespace@ {
@declarations@}
")
  target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}")
endfunction()

# Part of lact_embed: one file becomes one source of the target.
macro(lact_embed_one path symbol kind)
  set(source "${dir}/${symbol}.cpp")
  add_custom_command(OUTPUT "${source}" DEPENDS "${path}" "${LACT_EMBED_SCRIPT}"
    COMMAND ${CMAKE_COMMAND} -D "path=${path}" -D "source=${source}" -D "symbol=${symbol}" -D "kind=${kind}"
      -D "namespace=${namespace}" -P "${LACT_EMBED_SCRIPT}"
    COMMENT "Embedding ${symbol}" VERBATIM)
  target_sources(${target} PRIVATE "${source}")
  set_source_files_properties("${source}" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON SKIP_PRECOMPILE_HEADERS ON)
endmacro()
