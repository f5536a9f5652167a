# Script of lact_embed: writes `source`, a C++ file with the bytes of `path` as an array.
file(READ "${path}" hex HEX)
if(kind STREQUAL WORDS)
  string(REGEX REPLACE "(..)(..)(..)(..)" "0x\\4\\3\\2\\1," elements "${hex}")
  set(element "std::uint32_t")
  set(view "bytes")
elseif(kind STREQUAL TEXT)
  string(REGEX REPLACE "(..)" "0x\\1," elements "${hex}")
  set(element "char")
else()
  string(REGEX REPLACE "(..)" "0x\\1," elements "${hex}")
  set(element "unsigned char")
  set(view "std::as_bytes(std::span<const unsigned char>(bytes))")
endif()
string(REGEX REPLACE "(,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,[^,]*,)" "\\1\n" elements "${elements}")
if(kind STREQUAL WORDS)
  set(type "std::uint32_t")
else()
  set(type "std::byte")
endif()
if(kind STREQUAL TEXT)
  set(definition "const std::string_view ${symbol}{bytes, sizeof(bytes)};")
else()
  set(definition "const std::span<const ${type}> ${symbol} = ${view};")
endif()
file(WRITE "${source}" "// Made by cmake/embed_file.cmake.
#include \"embedded/${namespace}.h\"
namespace lact::${namespace} {
namespace {
alignas(4) constexpr ${element} bytes[] = {
${elements}};
}
${definition}
}
")
