#include "engine/scene/photo_files.h"

#include "engine/core/counted.h"
#include "engine/core/files.h"
#include "engine/scene/camera_fields.h"
#include "engine/scene/file_name.h"
#include "engine/scene/image.h"
#include "engine/scene/jpeg.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

namespace lact {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> photo_extensions{".png", ".jpg", ".jpeg", ".bmp", ".tga"};
/// Formats of phones, cameras, renderers and the web: of all kinds of images that file_kind.h refuses.
constexpr std::array<std::string_view, 27> unsupported_extensions{
    ".heic", ".heif", ".avif", ".webp", ".tif", ".tiff", ".dng", ".cr2", ".cr3",
    ".nef",  ".arw",  ".orf",  ".pef",  ".srw", ".rw2",  ".raf", ".jxl", ".gif",
    ".exr",  ".hdr",  ".jp2",  ".j2k",  ".psd", ".ppm",  ".pgm", ".pnm", ".svg"};

/// The files directly in a folder with one of the extensions, sorted.
template <std::size_t N>
std::vector<fs::path> files_with_extension(const fs::path& folder,
                                           const std::array<std::string_view, N>& endings) {
    std::vector<fs::path> files;
    std::error_code code;
    for (fs::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
        if (std::ranges::find(endings, lower_extension(entry->path())) != endings.end() &&
            !is_litter(entry->path()) && is_file(entry->path())) {
            files.push_back(entry->path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

/// The folder one or two levels below with the most photos, if it has more than `more_than`; nothing
/// otherwise.
std::optional<fs::path> deeper_photos(const fs::path& folder, std::size_t more_than) {
    std::optional<fs::path> best;
    const auto consider = [&](const fs::path& candidate) {
        if (const std::size_t count = images_in(candidate).size(); count > more_than) {
            best = candidate;
            more_than = count;
        }
    };
    for (const fs::path& child : folders_in(folder, false)) {
        consider(child);
        for (const fs::path& grandchild : folders_in(child, false)) {
            consider(grandchild);
        }
    }
    return best;
}

/// Whether the end of an image is present: the marker FF D9 after the pixels of a JPEG, the chunk IEND of a
/// PNG. Skips the segments before the pixels of a JPEG, which may hold a preview with an end marker of its
/// own.
bool has_end(std::string_view bytes) {
    using namespace std::string_view_literals;
    if (bytes.starts_with("\x89PNG"sv)) {
        return bytes.rfind("IEND"sv) != std::string_view::npos;
    }
    if (!bytes.starts_with("\xFF\xD8"sv)) {
        return true;  // Of another format.
    }
    const std::size_t at = end_of_jpeg_segments(bytes);
    return at < bytes.size() && bytes.find("\xFF\xD9"sv, at) != std::string_view::npos;
}

/// Tests the last bytes, which suffice for almost all images, then the whole file.
bool is_complete(const fs::path& path) {
    using namespace std::string_view_literals;
    constexpr std::size_t tail = 12;
    const auto file = open_for_reading(path);
    if (!file) {
        return true;  // Named for what it is where it is read.
    }
    const std::size_t read = std::min(file->size, tail);
    if (const auto last = read_file_part(*file, file->size - read, read, path);
        last && read == tail &&
        (last->ends_with("\xFF\xD9"sv) || std::string_view(*last).substr(4).starts_with("IEND"sv))) {
        return true;
    }
    const auto bytes = read_file(path);
    return !bytes || has_end(*bytes);
}

}  // namespace

bool is_photo_folder_name(std::string_view name) {
    return std::ranges::find(photo_folder_names, name) != photo_folder_names.end();
}

bool is_mask_folder_name(std::string_view name) {
    const std::string folded = folded_name(name);
    return folded.starts_with("mask") || folded.ends_with("_masks");
}

PhotoEnding photo_ending(const fs::path& name) {
    const std::string ending = lower_extension(name);
    if (std::ranges::find(photo_extensions, ending) != photo_extensions.end()) {
        return PhotoEnding::readable;
    }
    return std::ranges::find(unsupported_extensions, ending) != unsupported_extensions.end()
               ? PhotoEnding::unreadable
               : PhotoEnding::none;
}

std::vector<fs::path> folders_in(const fs::path& folder, bool masks) {
    std::vector<fs::path> folders;
    std::error_code code;
    for (fs::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
        const std::string name = entry->path().filename().string();
        std::error_code ignored;
        if (!name.starts_with('.') && !is_litter(name) && (masks || !is_mask_folder_name(name)) &&
            fs::is_directory(entry->path(), ignored)) {
            folders.push_back(entry->path());
        }
    }
    std::sort(folders.begin(), folders.end());
    return folders;
}

std::vector<fs::path> images_in(const fs::path& folder) {
    std::vector<fs::path> images = files_with_extension(folder, photo_extensions);
    constexpr std::string_view mask = "_mask";
    std::set<std::string> stems;
    for (const fs::path& image : images) {
        stems.insert(image.stem().string());
    }
    std::erase_if(images, [&](const fs::path& image) {
        const std::string stem = image.stem().string();
        return (stem.ends_with(mask) && stems.contains(stem.substr(0, stem.size() - mask.size()))) ||
               (stem.starts_with(hiding_mask_prefix) &&
                stems.contains(stem.substr(hiding_mask_prefix.size())));
    });
    return images;
}

std::optional<fs::path> folder_with_photos(const fs::path& folder) {
    std::optional<fs::path> best;
    std::size_t most = 0;
    const auto consider = [&](const fs::path& candidate) {
        if (const std::size_t count = images_in(candidate).size(); count > most) {
            best = candidate;
            most = count;
        }
    };
    for (const std::string_view name : photo_folder_names) {
        consider(folder / name);
    }
    consider(folder);
    return best;
}

std::optional<PhotosElsewhere> photos_elsewhere(const fs::path& folder, std::size_t needed) {
    const auto near = folder_with_photos(folder);
    const std::size_t count = near ? images_in(*near).size() : 0;
    if (count >= needed) {
        return std::nullopt;
    }
    const std::string holds = count == 0 ? "holds no photos" : "holds " + counted(count, "photo");
    if (const auto deeper = deeper_photos(folder, count)) {
        const std::size_t more = images_in(*deeper).size();
        return PhotosElsewhere{
            fmt::format("{}; {} in its folder {}", holds, counted(more, "photo lies", "photos lie"),
                        deeper->lexically_relative(folder).string()),
            fmt::format("Open that folder: {}", shell_word(*deeper))};
    }
    std::vector<fs::path> others = files_with_extension(folder, unsupported_extensions);
    for (const std::string_view name : photo_folder_names) {
        if (others.empty()) {
            others = files_with_extension(folder / name, unsupported_extensions);
        }
    }
    if (others.empty()) {
        return std::nullopt;
    }
    return PhotosElsewhere{
        fmt::format("{} that can be read, and {} in a format that cannot be read, the first is {}", holds,
                    counted(others.size(), "image"), others.front().filename().string()),
        "Convert them to JPEG or PNG first, for example with ImageMagick: mogrify -format jpg " +
            shell_word(others.front().parent_path()) + "/*" + others.front().extension().string()};
}

std::optional<std::string> broken_image(const fs::path& path) {
    std::error_code code;
    if (fs::file_size(path, code) == 0 && !code) {
        return "is empty";
    }
    if (!image_info(path)) {
        return "is not a readable image";
    }
    return is_complete(path) ? std::nullopt : std::optional<std::string>("is cut short");
}

std::string some_of(const std::vector<std::string>& names) {
    constexpr std::size_t shown = 3;
    std::string text;
    for (std::size_t i = 0; i < std::min(shown, names.size()); ++i) {
        text += (i > 0 ? ", " : "") + names[i];
    }
    return names.size() > shown ? fmt::format("{} and {} more", text, names.size() - shown) : text;
}

}  // namespace lact
