#pragma once

#include "tests/support/temporary_folder.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <utility>

/// Defines `fuzz_NAME`, which reads bytes as the file or text of one parser: 0 where the outcome, a value or
/// an error, is as it must be. `make fuzz` lets libFuzzer call it, the tests run it over corpus/NAME.
#ifdef LACT_FUZZING
#define LACT_FUZZ_TARGET(name)                                                                  \
    extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {         \
        if (lact::fuzz::fuzz_##name(data, size) != 0) {                                         \
            std::fputs("ERROR: the outcome is not as tests/fuzz/" #name ".cpp says\n", stderr); \
            __builtin_trap();                                                                   \
        }                                                                                       \
        return 0;                                                                               \
    }                                                                                           \
    int lact::fuzz::fuzz_##name(const std::uint8_t* data, std::size_t size)
#else
#define LACT_FUZZ_TARGET(name) int lact::fuzz::fuzz_##name(const std::uint8_t* data, std::size_t size)
#endif

/// All targets: X(NAME) for each NAME.cpp.
// clang-format off
#define LACT_FUZZ_TARGETS(X) \
    X(camera_track) X(colmap_binary) X(colmap_text) X(file_kind) X(jpeg) X(json) X(key_chord) \
    X(lact_json) X(layout) X(pickle) X(png) X(provenance) X(safetensors) X(script) X(session) X(settings) \
    X(side_spec) X(torch_zip) X(train_config) X(transforms_json) X(update_rule) X(weights_info) \
    X(world_family)
// clang-format on

namespace lact::fuzz {

#define LACT_DECLARE_FUZZ_TARGET(name) int fuzz_##name(const std::uint8_t* data, std::size_t size);
LACT_FUZZ_TARGETS(LACT_DECLARE_FUZZ_TARGET)
#undef LACT_DECLARE_FUZZ_TARGET

/// The bytes as text.
inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};  // NOLINT(*-reinterpret-cast)
}

/// The bytes of two files in one input: before and behind the first mark "@@"; the second is empty without
/// one.
inline std::pair<std::string_view, std::string_view> two_files(std::string_view bytes) {
    const std::size_t mark = bytes.find("@@");
    return mark == std::string_view::npos ? std::pair(bytes, std::string_view())
                                          : std::pair(bytes.substr(0, mark), bytes.substr(mark + 2));
}

/// A folder for the files of a target, one in a process; `make fuzz` puts it into memory.
inline const test::TemporaryFolder& scratch() {
    static const test::TemporaryFolder folder;
    return folder;
}

/// The folder of a scene that holds photos "a.png" and "images/a.png" of 8x8 pixels.
[[nodiscard]] const std::filesystem::path& scene_folder();

/// Reads the scene that `file` in scene_folder() describes, as opening it does. Returns 0, or 1 where views
/// hold numbers that are not finite.
[[nodiscard]] int read_scene_file(const std::filesystem::path& file);

/// Reads COLMAP's two model files, `input` with "@@" between, as cameras and images with this extension
/// (".txt",
/// ".bin"). Returns 0, or the number of images without a camera and what read_scene_file() returns.
[[nodiscard]] int read_colmap_files(std::string_view input, const std::string& extension);

}  // namespace lact::fuzz
