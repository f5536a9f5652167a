#include "engine/scene/file_name.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <memory>
#include <optional>

#include <utf8proc.h>

namespace lact {
namespace {

std::string ascii_lower(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(c < 0x80 ? std::tolower(c) : c); });
    return text;
}

/// A text in a normal form of Unicode; nothing if it is not UTF-8.
std::optional<std::string> mapped(std::string_view text, int options) {
    utf8proc_uint8_t* out = nullptr;
    const utf8proc_ssize_t size = utf8proc_map(
        reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
        &out, static_cast<utf8proc_option_t>(options | UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(out, &std::free);
    if (size < 0) {
        return std::nullopt;
    }
    return std::string(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size));
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](unsigned char c) { return c < 0x80; });
}

std::string composed_name(const std::string& name) {
    return is_ascii(name) ? name : mapped(name, 0).value_or(name);
}

}  // namespace

bool is_litter(const std::filesystem::path& path) {
    const std::string name = ascii_lower(path.filename().string());
    return name.starts_with("._") || name == ".ds_store" || name == "thumbs.db" || name == "desktop.ini" ||
           name == "__macosx" || name == "ehthumbs.db";
}

std::string folded_name(std::string_view name) {
    if (!is_ascii(name)) {
        if (auto folded = mapped(name, UTF8PROC_CASEFOLD)) {
            return *folded;
        }
    }
    return ascii_lower(std::string(name));
}

int ending_rank(const std::string& written, const std::string& ending) {
    const auto is_jpeg = [](const std::string& text) { return text == ".jpg" || text == ".jpeg"; };
    if (written == ending) {
        return 0;
    }
    if (is_jpeg(written) && is_jpeg(ending)) {
        return 1;
    }
    constexpr std::array<std::string_view, 5> order{".png", ".jpg", ".jpeg", ".bmp", ".tga"};
    return 2 + static_cast<int>(std::ranges::find(order, ending) - order.begin());
}

int spelling_rank(const std::string& written, const std::string& name) {
    return name == written ? 0 : composed_name(name) == composed_name(written) ? 1 : 2;
}

}  // namespace lact
