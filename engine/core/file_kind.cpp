#include "engine/core/file_kind.h"

#include "engine/core/counted.h"
#include "engine/core/files.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace lact {
namespace {

using namespace std::string_view_literals;
namespace fs = std::filesystem;

constexpr std::size_t head_bytes = 4096;
constexpr std::size_t tail_bytes = 65536 + 22;  ///< The longest end record of a zip file.

/// A kind in words. In `step`, {file}, {stem} and {folder} are words of a shell.
struct KindText {
    FileKind kind;
    std::string_view name;
    std::string_view is;
    std::string_view step;
};

constexpr auto photos_step =
    "Open the photos and camera poses that it was made from: a folder with transforms.json or COLMAP's "
    "sparse/0."sv;
constexpr auto other_framework =
    "Use LaCT-NVS weights of PyTorch: a .safetensors file, or a .pt file of torch.save."sv;

constexpr std::array kind_texts{
    KindText{FileKind::unknown, "unknown", "", ""},
    KindText{FileKind::missing, "missing", "is not there", ""},
    KindText{FileKind::folder, "folder", "is a folder, a file was expected", ""},
    KindText{FileKind::empty, "empty", "is empty: it has 0 bytes", "Copy or download it again."},
    KindText{FileKind::lfs_pointer, "lfs_pointer",
             "is a Git LFS pointer, which stands in place of the file itself",
             "Install git-lfs, then run: git -C {folder} lfs pull"},
    KindText{FileKind::html, "html", "is an HTML page of a web site, saved in place of the file",
             "Download it again by the direct link (\"raw\", \"resolve\" or \"download\", not \"blob\"), and "
             "log in first if the site asks for it."},
    KindText{FileKind::text, "text", "is a text file", ""},
    KindText{FileKind::json, "json", "is a JSON text", ""},
    KindText{FileKind::utf16_text, "utf16_text", "is text in UTF-16, UTF-8 was expected",
             "Convert it: iconv -f UTF-16 -t UTF-8 {file} > {stem}-utf8{ending}"},
    KindText{FileKind::utf32_text, "utf32_text", "is text in UTF-32, UTF-8 was expected",
             "Convert it: iconv -f UTF-32 -t UTF-8 {file} > {stem}-utf8{ending}"},
    KindText{FileKind::xml, "xml", "is an XML text",
             "Export the cameras as COLMAP text or binary files, or as transforms.json."},
    KindText{FileKind::safetensors, "safetensors", "is a safetensors file of tensors", ""},
    KindText{FileKind::torch_zip, "torch_zip", "is a PyTorch file of tensors", ""},
    KindText{FileKind::torch_script, "torch_script", "is a TorchScript program, not a state dict",
             "Save its tensors in Python: import torch; "
             "torch.save({{\"model\": torch.jit.load({python}).state_dict()}}, \"weights.pt\")"},
    KindText{FileKind::legacy_torch, "legacy_torch",
             "is a PyTorch file of the format before version 1.6, which is a bare pickle",
             "Save it again in Python: import torch; "
             "torch.save(torch.load({python}, map_location=\"cpu\", weights_only=True), \"weights.pt\")"},
    KindText{
        FileKind::pickle, "pickle", "is a Python pickle without tensors of its own",
        "Save the weights in Python with torch.save({{\"model\": model.state_dict()}}, \"weights.pt\")."},
    KindText{FileKind::cut_zip, "cut_zip",
             "is a zip file without its end: the download or copy is incomplete",
             "Download or copy it again, and compare the sizes."},
    KindText{FileKind::onnx, "onnx", "is an ONNX model", other_framework},
    KindText{FileKind::gguf, "gguf", "is a GGUF file of a language model", other_framework},
    KindText{FileKind::hdf5, "hdf5", "is an HDF5 file (as Keras writes)", other_framework},
    KindText{FileKind::tensorflow, "tensorflow", "is a TensorFlow checkpoint or graph", other_framework},
    KindText{FileKind::numpy, "numpy", "is a NumPy array file",
             "Poses of LLFF (poses_bounds.npy) are read after COLMAP or nerfstudio converted them: "
             "ns-process-data images --data images --output-dir scene"},
    KindText{FileKind::png, "png", "is a PNG image", ""},
    KindText{FileKind::jpeg, "jpeg", "is a JPEG image", ""},
    KindText{FileKind::bmp, "bmp", "is a BMP image", ""},
    KindText{FileKind::gif, "gif", "is a GIF image", ""},
    KindText{FileKind::psd, "psd", "is a Photoshop document", "Export it as PNG."},
    KindText{FileKind::netpbm, "netpbm", "is a Netpbm image", "Convert it: mogrify -format png {file}"},
    KindText{FileKind::webp, "webp", "is a WebP image, which is not read",
             "Convert it with ImageMagick: mogrify -format png {file}"},
    KindText{FileKind::heic, "heic", "is a HEIC photo, which is not read",
             "Convert it with libheif: heif-convert -q 95 {file} {stem}.jpg"},
    KindText{FileKind::avif, "avif", "is an AVIF image, which is not read",
             "Convert it with libheif: heif-convert {file} {stem}.png"},
    KindText{FileKind::tiff, "tiff", "is a TIFF image, which is not read",
             "Convert it with ImageMagick: mogrify -format png -depth 8 {file}"},
    KindText{FileKind::raw_photo, "raw_photo", "is a raw photo of a camera, which is not read",
             "Develop it, for example: darktable-cli {file} {stem}.jpg"},
    KindText{FileKind::jpeg_xl, "jpeg_xl", "is a JPEG XL image, which is not read",
             "Convert it with libjxl: djxl {file} {stem}.png"},
    KindText{FileKind::jpeg_2000, "jpeg_2000", "is a JPEG 2000 image, which is not read",
             "Convert it with ImageMagick: mogrify -format png {file}"},
    KindText{FileKind::open_exr, "open_exr", "is an OpenEXR image, which is not read",
             "Map its tones to 8 bits and save it as PNG: mogrify -format png -colorspace sRGB {file}"},
    KindText{FileKind::radiance_hdr, "radiance_hdr", "is a Radiance HDR image",
             "Map its tones to 8 bits and save it as PNG: mogrify -format png -colorspace sRGB {file}"},
    KindText{FileKind::svg, "svg", "is an SVG drawing, which is not read",
             "Draw it as PNG: rsvg-convert {file} -o {stem}.png"},
    KindText{FileKind::video, "video", "is a video",
             "Take photos out of it: mkdir -p photos && ffmpeg -i {file} -vf fps=2 -q:v 2 photos/%04d.jpg"},
    KindText{FileKind::ply, "ply", "is a PLY file of points or triangles", photos_step},
    KindText{FileKind::gaussian_ply, "gaussian_ply", "is a PLY file of 3D Gaussians (a trained splat)",
             photos_step},
    KindText{FileKind::splat, "splat", "is a file of 3D Gaussians (a trained splat)", photos_step},
    KindText{
        FileKind::blend, "blend", "is a Blender file",
        "Render its cameras with an add-on that writes transforms.json (for example BlenderNeRF), and open "
        "that folder."},
    KindText{FileKind::gltf, "gltf", "is a glTF model", photos_step},
    KindText{FileKind::obj, "obj", "is an OBJ model", photos_step},
    KindText{FileKind::fbx, "fbx", "is an FBX model", photos_step},
    KindText{FileKind::usd, "usd", "is a USD scene", photos_step},
    KindText{FileKind::zip, "zip", "is a zip archive", "Unpack it: unzip {file} -d {stem}"},
    KindText{FileKind::seven_zip, "seven_zip", "is a 7z archive", "Unpack it: 7z x {file} -o{stem}"},
    KindText{FileKind::rar, "rar", "is a RAR archive", "Unpack it: unrar x {file}"},
    KindText{FileKind::tar, "tar", "is a tar archive", "Unpack it: tar -xf {file}"},
    KindText{FileKind::gzip, "gzip", "is compressed by gzip",
             "Unpack it: tar -xzf {file}, or: gunzip {file}"},
    KindText{FileKind::bzip2, "bzip2", "is compressed by bzip2",
             "Unpack it: tar -xjf {file}, or: bunzip2 {file}"},
    KindText{FileKind::xz, "xz", "is compressed by xz", "Unpack it: tar -xJf {file}, or: unxz {file}"},
    KindText{FileKind::zstd, "zstd", "is compressed by zstd",
             "Unpack it: tar --zstd -xf {file}, or: unzstd {file}"},
    KindText{FileKind::pdf, "pdf", "is a PDF document", ""},
};

/// The bytes by which a kind is told.
struct Evidence {
    std::string head;
    std::string tail;  ///< The last bytes; overlaps `head` in short files.
    std::uintmax_t size = 0;
    std::string ending;  ///< Lower case, with the dot.

    [[nodiscard]] bool begins(std::string_view text) const { return head.starts_with(text); }
    [[nodiscard]] std::string_view part(std::size_t at, std::size_t count) const {
        return at < head.size() ? std::string_view(head).substr(at, count) : std::string_view{};
    }
};

std::string in_lower_case(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower;
}

std::optional<Evidence> evidence_of(const fs::path& path) {
    const auto file = open_for_reading(path);
    if (!file) {
        return std::nullopt;
    }
    Evidence found;
    found.size = file->size;
    const std::size_t tail = std::min<std::size_t>(file->size, tail_bytes);
    auto first = read_file_part(*file, 0, std::min<std::size_t>(file->size, head_bytes), path);
    auto last = read_file_part(*file, file->size - tail, tail, path);
    if (!first || !last) {
        return std::nullopt;
    }
    found.head = std::move(*first);
    found.tail = std::move(*last);
    found.ending = lower_extension(path);
    return found;
}

struct Signature {
    std::size_t at;
    std::string_view bytes;
    FileKind kind;
};

constexpr std::array signatures{
    Signature{0, "version https://git-lfs"sv, FileKind::lfs_pointer},
    Signature{0, "\x89PNG\r\n\x1a\n"sv, FileKind::png},
    Signature{0, "\xff\xd8\xff"sv, FileKind::jpeg},
    Signature{0, "GIF8"sv, FileKind::gif},
    Signature{0, "8BPS"sv, FileKind::psd},
    Signature{8, "WEBP"sv, FileKind::webp},
    Signature{0, "\x00\x00\x00\x0cJXL "sv, FileKind::jpeg_xl},
    Signature{0, "\xff\x0a"sv, FileKind::jpeg_xl},
    Signature{0, "\x00\x00\x00\x0cjP  "sv, FileKind::jpeg_2000},
    Signature{0, "\xff\x4f\xff\x51"sv, FileKind::jpeg_2000},
    Signature{0, "\x76\x2f\x31\x01"sv, FileKind::open_exr},
    Signature{0, "#?RADIANCE"sv, FileKind::radiance_hdr},
    Signature{0, "\x1a\x45\xdf\xa3"sv, FileKind::video},
    Signature{8, "AVI "sv, FileKind::video},
    Signature{0, "BLENDER"sv, FileKind::blend},
    Signature{0, "glTF"sv, FileKind::gltf},
    Signature{0, "Kaydara FBX Binary"sv, FileKind::fbx},
    Signature{0, "PXR-USDC"sv, FileKind::usd},
    Signature{0, "#usda"sv, FileKind::usd},
    Signature{0, "GGUF"sv, FileKind::gguf},
    Signature{0, "\x89HDF\r\n\x1a\n"sv, FileKind::hdf5},
    Signature{0, "\x93NUMPY"sv, FileKind::numpy},
    Signature{0, "7z\xbc\xaf\x27\x1c"sv, FileKind::seven_zip},
    Signature{0, "Rar!\x1a\x07"sv, FileKind::rar},
    Signature{0, "\x1f\x8b"sv, FileKind::gzip},
    Signature{0, "BZh"sv, FileKind::bzip2},
    Signature{0,
              "\xfd"
              "7zXZ\x00"sv,
              FileKind::xz},
    Signature{0, "\x28\xb5\x2f\xfd"sv, FileKind::zstd},
    Signature{257, "ustar"sv, FileKind::tar},
    Signature{0, "%PDF-"sv, FileKind::pdf},
};

/// Files of the ISO base media format state their brand behind "ftyp".
FileKind kind_of_brand(std::string_view brand) {
    for (const std::string_view avif : {"avif"sv, "avis"sv}) {
        if (brand == avif) {
            return FileKind::avif;
        }
    }
    for (const std::string_view heic :
         {"heic"sv, "heix"sv, "hevc"sv, "hevx"sv, "heim"sv, "heis"sv, "mif1"sv, "msf1"sv}) {
        if (brand == heic) {
            return FileKind::heic;
        }
    }
    return brand == "crx "sv ? FileKind::raw_photo : FileKind::video;
}

/// The central directory at the end of a zip file names all of its entries.
FileKind kind_of_zip(const Evidence& file) {
    const std::string_view tail = file.tail;
    if (tail.rfind("PK\x05\x06"sv) == std::string_view::npos) {
        return FileKind::cut_zip;
    }
    const auto names = [&](std::string_view part) {
        return tail.find(part) != std::string_view::npos || file.head.find(part) != std::string::npos;
    };
    if (names("/constants.pkl"sv) && names("/code/"sv)) {
        return FileKind::torch_script;
    }
    if (names("/data.pkl"sv)) {
        return FileKind::torch_zip;
    }
    return names(".npy"sv) ? FileKind::numpy : file.ending == ".usdz" ? FileKind::usd : FileKind::zip;
}

FileKind kind_of_ply(const Evidence& file) {
    const bool gaussians = file.head.find(" f_dc_0") != std::string::npos ||
                           file.head.find(" rot_0") != std::string::npos ||
                           file.head.find(" packed_rotation") != std::string::npos;
    return gaussians ? FileKind::gaussian_ply : FileKind::ply;
}

bool is_tiff(const Evidence& file) {
    return file.begins("II*\0"sv) || file.begins("MM\0*"sv) || file.begins("II+\0"sv) ||
           file.begins("MM\0+"sv);
}

bool one_of(const std::string& ending, std::initializer_list<std::string_view> endings) {
    return std::find(endings.begin(), endings.end(), ending) != endings.end();
}

/// The header as JSON behind its length. A length beyond the file is that of a file which is cut short within
/// its header, where the name says so, too.
bool is_safetensors(const Evidence& file) {
    constexpr std::size_t length_bytes = 8;
    constexpr std::uint64_t longest_header = 100'000'000;
    const std::string_view text = file.part(length_bytes, 2);
    if (!text.starts_with('{') ||
        (text.size() > 1 && "\"} \t\r\n"sv.find(text[1]) == std::string_view::npos)) {
        return false;
    }
    std::uint64_t length = 0;
    for (std::size_t i = length_bytes; i > 0; --i) {
        length = length << 8U | static_cast<unsigned char>(file.head[i - 1]);
    }
    return length >= 2 && length <= longest_header &&
           (length <= file.size - length_bytes || file.ending == ".safetensors");
}

/// A protocol from 2 to 5, then an opcode. Counts and lengths of other binary files begin with the same two
/// bytes, but have a small number behind them.
bool is_pickle(const Evidence& file) {
    if (file.head.size() < 3 || file.head[0] != '\x80' || file.head[1] < 2 || file.head[1] > 5) {
        return false;
    }
    const auto opcode = static_cast<unsigned char>(file.head[2]);
    return (opcode > ' ' && opcode <= '~') || (opcode >= 0x80 && opcode <= 0x98);
}

/// A ModelProto: ir_version (field 1), then producer_name (field 2, a short text).
bool is_onnx(const Evidence& file) {
    const auto byte = [&](std::size_t at) {
        return at < file.head.size() ? static_cast<unsigned char>(file.head[at]) : 0U;
    };
    const std::size_t length = byte(3);
    const std::string_view producer = file.part(4, length);
    return byte(0) == 0x08 && byte(1) >= 1 && byte(1) <= 32 && byte(2) == 0x12 && length > 0 &&
           producer.size() == length &&
           std::all_of(producer.begin(), producer.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::optional<FileKind> kind_by_signature(const Evidence& file) {
    for (const Signature& signature : signatures) {
        if (file.part(signature.at, signature.bytes.size()) == signature.bytes) {
            const bool compressed = signature.kind == FileKind::gzip || signature.kind == FileKind::zstd;
            if (compressed && file.ending == ".spz") {
                return FileKind::splat;
            }
            return compressed && file.ending == ".blend" ? FileKind::blend : signature.kind;
        }
    }
    if (file.part(4, 4) == "ftyp"sv) {
        return kind_of_brand(file.part(8, 4));
    }
    if (file.begins("PK\x03\x04"sv)) {
        return kind_of_zip(file);
    }
    if (file.begins("ply\n"sv) || file.begins("ply\r"sv)) {
        return kind_of_ply(file);
    }
    if (is_tiff(file)) {
        return one_of(file.ending, {".dng", ".nef", ".arw", ".cr2", ".orf", ".pef", ".srw", ".rw2"})
                   ? FileKind::raw_photo
                   : FileKind::tiff;
    }
    // The magic number of torch.save before version 1.6, the first value of its pickle.
    if (file.begins("\x80\x02\x8a\x0al\xfc"sv)) {
        return FileKind::legacy_torch;
    }
    if (is_pickle(file)) {
        return one_of(file.ending, {".pt", ".pth", ".bin", ".ckpt"}) ? FileKind::legacy_torch
                                                                     : FileKind::pickle;
    }
    if (file.tail.ends_with("\x57\xfb\x80\x8b\x24\x75\x47\xdb"sv)) {
        return FileKind::tensorflow;  // The table of names of a checkpoint.
    }
    return std::nullopt;
}

/// UTF-16 and UTF-32 by their marks, or by the zero bytes of ASCII letters.
std::optional<FileKind> kind_of_wide_text(const Evidence& file) {
    if (file.begins("\xff\xfe\0\0"sv) || file.begins("\0\0\xfe\xff"sv)) {
        return FileKind::utf32_text;
    }
    if (file.begins("\xff\xfe"sv) || file.begins("\xfe\xff"sv)) {
        return FileKind::utf16_text;
    }
    constexpr std::size_t looked_at = 64;
    const std::string_view start = file.part(0, looked_at);
    const auto printable = [](char c) {
        return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t';
    };
    for (const std::size_t letter : {std::size_t{0}, std::size_t{1}}) {
        bool wide = start.size() >= 4;
        for (std::size_t i = 0; i + 1 < start.size() && wide; i += 2) {
            wide = printable(start[i + letter]) && start[i + 1 - letter] == '\0';
        }
        if (wide) {
            return FileKind::utf16_text;
        }
    }
    return std::nullopt;
}

/// The first letters that are neither blank nor in a comment.
std::string_view first_letters(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf"sv)) {
        text.remove_prefix(3);
    }
    while (!text.empty()) {
        text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
        const bool line = text.starts_with("//"sv) || text.starts_with('#');
        if (!line && !text.starts_with("/*"sv)) {
            break;
        }
        const std::size_t end = line ? text.find('\n') : text.find("*/"sv, 2);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + (line ? 1 : 2));
    }
    return text;
}

FileKind kind_of_text(const Evidence& file) {
    const std::string start = in_lower_case(first_letters(file.head).substr(0, 1024));
    if (start.starts_with("<!doctype html"sv) || start.starts_with("<html"sv) ||
        start.starts_with("<head"sv) ||
        (start.starts_with("<!--"sv) && start.find("<html"sv) != std::string::npos)) {
        return FileKind::html;
    }
    if (start.starts_with("<?xml"sv) || start.starts_with("<svg"sv)) {
        return start.find("<html"sv) != std::string::npos  ? FileKind::html
               : start.find("<svg"sv) != std::string::npos ? FileKind::svg
                                                           : FileKind::xml;
    }
    if (start.starts_with('{') || start.starts_with('[')) {
        return file.ending == ".gltf" ? FileKind::gltf : FileKind::json;
    }
    for (const std::string_view word : {"mtllib "sv, "v "sv, "o "sv, "g "sv, "usemtl "sv}) {
        if (start.starts_with(word) && file.head.find("\nv "sv) != std::string::npos) {
            return FileKind::obj;
        }
    }
    return FileKind::text;
}

bool is_text(std::string_view head) {
    return std::all_of(head.begin(), head.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f';
    });
}

FileKind kind_of(const Evidence& file) {
    if (file.size == 0) {
        return FileKind::empty;
    }
    // Before the signatures: the length of a header may begin as one of them.
    if (is_safetensors(file)) {
        return FileKind::safetensors;
    }
    if (const auto known = kind_by_signature(file)) {
        return *known;
    }
    if (const auto wide = kind_of_wide_text(file)) {
        return *wide;
    }
    if (one_of(file.ending, {".splat", ".ksplat"})) {
        return FileKind::splat;
    }
    if (file.begins("BM"sv) && file.part(6, 4) == "\0\0\0\0"sv) {
        return FileKind::bmp;
    }
    if (file.head.size() > 2 && file.head[0] == 'P' && file.head[1] >= '1' && file.head[1] <= '6' &&
        std::isspace(static_cast<unsigned char>(file.head[2])) != 0) {
        return FileKind::netpbm;
    }
    if (is_onnx(file)) {
        return FileKind::onnx;
    }
    if (file.ending == ".pb" || file.ending.starts_with(".data-00")) {
        return FileKind::tensorflow;
    }
    return is_text(file.head) ? kind_of_text(file) : FileKind::unknown;
}

const KindText& text_of_kind(FileKind kind) {
    const auto* found = std::find_if(kind_texts.begin(), kind_texts.end(),
                                     [kind](const KindText& text) { return text.kind == kind; });
    return found == kind_texts.end() ? kind_texts.front() : *found;
}

/// The sizes that belong to a finding.
std::string with_sizes(const Evidence& file, FileKind kind, std::string_view is) {
    if (kind == FileKind::lfs_pointer) {
        const std::size_t at = file.head.find("\nsize ");
        const std::string digits =
            at == std::string::npos
                ? std::string()
                : file.head.substr(
                      at + 6,
                      std::min<std::size_t>(file.head.find_first_not_of("0123456789", at + 6) - at - 6, 19));
        return digits.empty() ? std::string(is)
                              : fmt::format("{} ({} bytes; here are {})", is, digits, file.size);
    }
    return kind == FileKind::cut_zip ? fmt::format("{} (it has {})", is, counted(file.size, "byte"))
                                     : std::string(is);
}

FileFinding finding(const fs::path& path, FileKind kind, std::string is) {
    const KindText& text = text_of_kind(kind);
    const fs::path folder = path.parent_path();
    const std::string stem = (folder / path.stem()).string();
    std::string python = "\"";
    for (const char letter : path.string()) {
        python += letter == '"' || letter == '\\' ? std::string{'\\', letter} : std::string{letter};
    }
    python += '"';
    std::string step = fmt::format(
        fmt::runtime(text.step), fmt::arg("file", shell_word(path.string())),
        fmt::arg("stem", shell_word(stem)),
        fmt::arg("ending", path.has_extension() ? shell_word(path.extension().string()) : std::string()),
        fmt::arg("folder", shell_word(folder.empty() ? "." : folder.string())), fmt::arg("python", python));
    return {kind, std::move(is), std::move(step)};
}

/// Kinds whose own errors say more than their name.
bool expects(FileUse use, FileKind kind) {
    if (kind == FileKind::unknown || kind == FileKind::missing || kind == FileKind::folder) {
        return true;
    }
    switch (use) {
        case FileUse::weights:
            return kind == FileKind::safetensors || kind == FileKind::torch_zip;
        case FileUse::photo:
            return kind >= FileKind::png && kind <= FileKind::netpbm;
        case FileUse::text:
            return kind == FileKind::text || kind == FileKind::json;
        case FileUse::recording:
            return kind == FileKind::png || kind == FileKind::gif || kind == FileKind::video;
        case FileUse::colmap_binary:
            // The number of photos may look like the beginning of one of these.
            return kind == FileKind::safetensors || kind == FileKind::pickle ||
                   kind == FileKind::legacy_torch;
        case FileUse::anything:
            return false;
    }
    return false;
}

std::string_view expectation(FileUse use) {
    switch (use) {
        case FileUse::weights:
            return "Weights are .safetensors files, or .pt files of torch.save.";
        case FileUse::photo:
            return "PNG, JPEG, BMP and TGA images can be read.";
        case FileUse::recording:
            return "A PNG, GIF or MP4 file of this program was expected.";
        case FileUse::colmap_binary:
            return "A binary file of a COLMAP model was expected.";
        case FileUse::text:
        case FileUse::anything:
            return "";
    }
    return "";
}

constexpr auto all_kinds = [] {
    std::array<FileKind, kind_texts.size()> kinds{};
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        kinds.at(i) = kind_texts.at(i).kind;
    }
    return kinds;
}();

}  // namespace

std::span<const FileKind> file_kinds() {
    return all_kinds;
}

std::string_view to_string(FileKind kind) {
    return text_of_kind(kind).name;
}

FileFinding sniff_file(const fs::path& path) {
    std::error_code code;
    const fs::file_status status = fs::status(path, code);
    const FileKind without_bytes = !fs::exists(status)        ? FileKind::missing
                                   : fs::is_directory(status) ? FileKind::folder
                                                              : FileKind::unknown;
    // Pipes and devices are not read: that could wait for ever.
    if (!fs::is_regular_file(status)) {
        return finding(path, without_bytes, std::string(text_of_kind(without_bytes).is));
    }
    const auto evidence = evidence_of(path);
    if (!evidence) {
        return {};
    }
    const FileKind kind = kind_of(*evidence);
    return finding(path, kind, with_sizes(*evidence, kind, text_of_kind(kind).is));
}

Error refused_file(const fs::path& path, FileUse use, Error reason) {
    if (reason.cancelled) {
        return reason;
    }
    const FileFinding found = sniff_file(path);
    if (expects(use, found.kind)) {
        return reason;
    }
    std::string hint = found.step;
    // What stands in place of the right file, or only needs unpacking, does not need the list of formats.
    const bool in_place = found.kind <= FileKind::html || found.kind == FileKind::cut_zip;
    if (const std::string_view expected = expectation(use); hint.empty() || !in_place) {
        hint += hint.empty() || expected.empty() ? "" : "\n  ";
        hint += expected;
    }
    return {found.is, path.string(), hint, false};
}

std::string lower_extension(const fs::path& path) {
    return in_lower_case(path.extension().string());
}

bool is_shard_index(const fs::path& path) {
    const std::string name = in_lower_case(path.filename().string());
    constexpr std::array endings{".safetensors.index.json"sv, ".bin.index.json"sv, ".pt.index.json"sv,
                                 ".pth.index.json"sv};
    return std::any_of(endings.begin(), endings.end(),
                       [&](std::string_view ending) { return name.ends_with(ending); });
}

bool is_colmap_name(const fs::path& path) {
    constexpr std::array names{"images.bin"sv, "cameras.bin"sv, "points3D.bin"sv,
                               "images.txt"sv, "cameras.txt"sv, "points3D.txt"sv};
    return std::find(names.begin(), names.end(), path.filename().string()) != names.end();
}

std::string shell_word(const std::string& text) {
    const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80 ||
               "/._-+,:@%="sv.find(c) != std::string_view::npos;
    });
    if (plain) {
        return text;
    }
    std::string quoted = "'";
    for (const char letter : text) {
        quoted += letter == '\'' ? "'\\''" : std::string(1, letter);
    }
    return quoted + "'";
}

}  // namespace lact
