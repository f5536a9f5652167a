#include "engine/scene/photo_files.h"

#include "engine/scene/camera_fields.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

namespace lact {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 6> extensions{".png", ".jpg", ".jpeg", ".PNG", ".JPG", ".JPEG"};

}  // namespace

std::optional<fs::path> find_picture(const fs::path& folder, const std::string& text) {
    std::string slashed = text;
    std::replace(slashed.begin(), slashed.end(), '\\', '/');
    for (const std::string& name : {text, slashed}) {
        const fs::path path = resolve(folder, name);
        if (is_file(path)) {
            return path;
        }
        for (const std::string_view extension : extensions) {
            const fs::path guess = path.string() + std::string(extension);
            if (is_file(guess)) {
                return guess;
            }
        }
    }
    return std::nullopt;
}

std::vector<fs::path> pictures_in(const fs::path& folder) {
    std::vector<fs::path> pictures;
    std::error_code code;
    for (fs::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
        std::string ending = entry->path().extension().string();
        std::transform(ending.begin(), ending.end(), ending.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        const bool picture =
            ending == ".png" || ending == ".jpg" || ending == ".jpeg" || ending == ".bmp" || ending == ".tga";
        if (picture && is_file(entry->path())) {
            pictures.push_back(entry->path());
        }
    }
    std::sort(pictures.begin(), pictures.end());
    return pictures;
}

std::optional<fs::path> folder_with_photos(const fs::path& folder) {
    for (const char* name : {"", "images", "input", "photos"}) {
        const fs::path candidate = *name == '\0' ? folder : folder / name;
        if (!pictures_in(candidate).empty()) {
            return candidate;
        }
    }
    return std::nullopt;
}

std::optional<fs::path> guess_mask(const fs::path& image) {
    const fs::path folder = image.parent_path();
    const std::string stem = image.stem().string();
    const fs::path masks = folder.parent_path() / "masks";
    for (const fs::path& guess :
         {masks / image.filename(), masks / (stem + ".png"), masks / (image.filename().string() + ".png"),
          folder / (stem + "_mask.png")}) {
        if (guess != image && is_file(guess)) {
            return guess;
        }
    }
    return std::nullopt;
}

std::string some_of(const std::vector<std::string>& names) {
    constexpr std::size_t shown = 3;
    std::string text;
    for (std::size_t i = 0; i < std::min(shown, names.size()); ++i) {
        text += (i > 0 ? ", " : "") + names[i];
    }
    return names.size() > shown ? fmt::format("{} and {} more", text, names.size() - shown) : text;
}

std::vector<std::string> warnings_of(const PhotoNotes& notes, std::size_t count) {
    std::vector<std::string> warnings;
    if (!notes.missing.empty()) {
        warnings.push_back(fmt::format("{} of {} frames have no photo file and were skipped: {}.",
                                       notes.missing.size(), count, some_of(notes.missing)));
    }
    if (!notes.guessed_masks.empty()) {
        warnings.push_back(
            fmt::format("Masks found beside {} photos are used (white is kept), the first is {}.",
                        notes.guessed_masks.size(), notes.guessed_masks.front().string()));
    }
    return warnings;
}

}  // namespace lact
