#include "engine/scene/path_text.h"

#include <cctype>
#include <charconv>
#include <cstddef>
#include <string_view>
#include <utility>

namespace lact {

std::vector<std::string> parts_of(const std::string& name) {
    std::vector<std::string> parts;
    std::string part;
    for (const char c : name + "/") {
        if (c != '/' && c != '\\') {
            part += c;
            continue;
        }
        if (!part.empty() && part != ".") {
            if (part == ".." && !parts.empty() && parts.back() != "..") {
                parts.pop_back();
            } else {
                parts.push_back(part);
            }
        }
        part.clear();
    }
    if (!parts.empty() && parts.front().size() == 2 && parts.front()[1] == ':' &&
        std::isalpha(static_cast<unsigned char>(parts.front()[0])) != 0) {
        parts.erase(parts.begin());
    }
    return parts;
}

bool is_rooted(const std::string& name) {
    return name.starts_with('/') || name.starts_with('\\') || name.starts_with("~/") ||
           (name.size() > 2 && std::isalpha(static_cast<unsigned char>(name[0])) != 0 && name[1] == ':' &&
            (name[2] == '/' || name[2] == '\\'));
}

std::string path_of_url(const std::string& text) {
    constexpr std::string_view scheme = "file:";
    constexpr std::string_view here = "//localhost/";
    if (!text.starts_with("file:/")) {
        return text;
    }
    std::string path = text.substr(scheme.size());
    if (path.starts_with(here)) {
        path.erase(0, here.size() - 1);
    } else if (path.starts_with("///")) {
        path.erase(0, 2);
    }
    const bool drive =
        path.size() > 2 && std::isalpha(static_cast<unsigned char>(path[1])) != 0 && path[2] == ':';
    return drive ? path.substr(1) : path;
}

std::optional<std::string> percent_decoded(const std::string& text) {
    std::string decoded;
    bool found = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        unsigned value = 0;
        const char* const digits = text.data() + at + 1;
        if (text[at] == '%' && at + 2 < text.size() &&
            std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
            decoded += static_cast<char>(value);
            at += 2;
            found = true;
        } else {
            decoded += text[at];
        }
    }
    return found ? std::optional(std::move(decoded)) : std::nullopt;
}

}  // namespace lact
