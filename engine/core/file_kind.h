#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace lact {

/// What the bytes of a file are. Names count only for formats without a signature (`.splat`, `.ksplat`) and
/// for kinds that share one (`.spz` is a gzip stream, a `.dng` a TIFF).
enum class FileKind : std::uint8_t {
    unknown,
    missing,
    folder,
    empty,
    // What stands in place of a file.
    lfs_pointer,
    html,
    // Text.
    text,
    json,
    utf16_text,
    utf32_text,
    xml,
    // Weights.
    safetensors,
    torch_zip,
    torch_script,
    legacy_torch,
    pickle,
    cut_zip,
    onnx,
    gguf,
    hdf5,
    tensorflow,
    numpy,
    // Images that are read.
    png,
    jpeg,
    bmp,
    gif,
    psd,
    netpbm,
    // Images that are not.
    webp,
    heic,
    avif,
    tiff,
    raw_photo,
    jpeg_xl,
    jpeg_2000,
    open_exr,
    radiance_hdr,
    svg,
    video,
    // Geometry.
    ply,
    gaussian_ply,
    splat,
    blend,
    gltf,
    obj,
    fbx,
    usd,
    // Archives.
    zip,
    seven_zip,
    rar,
    tar,
    gzip,
    bzip2,
    xz,
    zstd,
    pdf,
};

/// All kinds, in the order of the enumeration.
[[nodiscard]] std::span<const FileKind> file_kinds();

/// A short identifier, "lfs_pointer".
[[nodiscard]] std::string_view to_string(FileKind kind);

/// What a reader expects of a file.
enum class FileUse : std::uint8_t { weights, photo, text, colmap_binary, recording, anything };

/// What a file is, as the predicate of a sentence, and the step that gives the right file.
struct FileFinding {
    FileKind kind = FileKind::unknown;
    std::string is;    ///< "is a Git LFS pointer: …"; empty for `unknown`.
    std::string step;  ///< "Run: git lfs pull"; may be empty.
};

/// Tells the kind of a file by its first 4 KB and, in zip files, its last 64 KB. Never fails: what cannot be
/// read is `unknown`.
[[nodiscard]] FileFinding sniff_file(const std::filesystem::path& path);

/// The error of a reader that refuses a file. If the file is of a kind that `use` does not expect, the error
/// says what the file is and which step gives the right one; otherwise it is `reason`.
[[nodiscard]] Error refused_file(const std::filesystem::path& path, FileUse use, Error reason);

/// The extension of a name in lower case, with its dot: ".png" of "A.PNG".
[[nodiscard]] std::string lower_extension(const std::filesystem::path& path);

/// Whether the name is that of an index of weights in several files, "model.safetensors.index.json", as
/// Hugging Face's libraries write it. Lower or upper case.
[[nodiscard]] bool is_shard_index(const std::filesystem::path& path);

/// Whether the name is that of a file of a COLMAP model: "images.bin", "cameras.txt", "points3D.bin", …
[[nodiscard]] bool is_colmap_name(const std::filesystem::path& path);

/// Text as one word of a POSIX shell, quoted where necessary.
[[nodiscard]] std::string shell_word(const std::string& text);

}  // namespace lact
