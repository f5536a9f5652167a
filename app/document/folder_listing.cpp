#include "app/document/folder_listing.h"

#include "app/document/open_target.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <system_error>

#include <fmt/format.h>

namespace lact::app {

namespace {

namespace fs = std::filesystem;

int lower(char c) {
    return std::tolower(static_cast<unsigned char>(c));
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// The digits at a position without leading zeros; moves the position behind them.
std::string_view number_at(std::string_view text, std::size_t& at) {
    while (at < text.size() && text[at] == '0') {
        ++at;
    }
    const std::size_t begin = at;
    while (at < text.size() && is_digit(text[at])) {
        ++at;
    }
    return text.substr(begin, at - begin);
}

/// Appends what `listing` says about a folder that cannot be read to its end.
void note_problem(FolderListing& listing, const std::error_code& problem) {
    if (problem) {
        listing.problem = "This folder cannot be listed: " + problem.message() + ".";
    }
}

/// The folder and the beginning of a name in a typed path.
struct Typed {
    std::string folder;  ///< As it was typed, with its slash; may be empty.
    std::string name;
};

Typed split(const std::string& typed) {
    const std::size_t slash = typed.rfind('/');
    return slash == std::string::npos ? Typed{"", typed}
                                      : Typed{typed.substr(0, slash + 1), typed.substr(slash + 1)};
}

}  // namespace

bool name_before(std::string_view a, std::string_view b) {
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() && j < b.size()) {
        if (is_digit(a[i]) && is_digit(b[j])) {
            const std::string_view left = number_at(a, i);
            const std::string_view right = number_at(b, j);
            if (left.size() != right.size()) {
                return left.size() < right.size();
            }
            if (left != right) {
                return left < right;
            }
            continue;
        }
        if (lower(a[i]) != lower(b[j])) {
            return lower(a[i]) < lower(b[j]);
        }
        ++i;
        ++j;
    }
    const bool a_ends = i == a.size();
    const bool b_ends = j == b.size();
    return a_ends != b_ends ? a_ends : a < b;
}

FolderListing list_folder(const fs::path& folder, bool hidden) {
    FolderListing listing;
    std::error_code problem;
    listing.folder = fs::absolute(folder, problem).lexically_normal();
    fs::directory_iterator files(listing.folder, problem);
    for (; !problem && files != fs::directory_iterator(); files.increment(problem)) {
        FolderEntry entry;
        entry.path = files->path();
        entry.name = entry.path.filename().string();
        if (!hidden && entry.name.starts_with('.')) {
            continue;
        }
        if (listing.entries.size() == most_entries) {
            listing.problem = fmt::format("Only {} entries of this folder are listed.", most_entries);
            break;
        }
        std::error_code ignored;  // A link that leads nowhere is a file without a size.
        entry.is_folder = files->is_directory(ignored);
        if (!entry.is_folder) {
            entry.bytes = files->file_size(ignored);
            entry.bytes = ignored ? 0 : entry.bytes;
        }
        entry.modified = files->last_write_time(ignored);
        if (ignored) {
            entry.modified = {};
        }
        listing.entries.push_back(std::move(entry));
    }
    note_problem(listing, problem);
    std::ranges::sort(listing.entries, [](const FolderEntry& a, const FolderEntry& b) {
        return a.is_folder != b.is_folder ? a.is_folder : name_before(a.name, b.name);
    });
    return listing;
}

std::vector<std::string> completions(const std::string& typed, const fs::path& base) {
    const Typed parts = split(typed);
    fs::path folder = parts.folder.empty() ? base : fs::path(typed_path(parts.folder));
    if (folder.is_relative()) {
        folder = base / folder;
    }
    std::vector<std::string> found;
    for (const FolderEntry& entry : list_folder(folder, parts.name.starts_with('.')).entries) {
        if (entry.name.starts_with(parts.name)) {
            found.push_back(parts.folder + entry.name + (entry.is_folder ? "/" : ""));
        }
    }
    return found;
}

std::string common_beginning(const std::vector<std::string>& texts) {
    if (texts.empty()) {
        return {};
    }
    std::size_t length = texts.front().size();
    for (const std::string& text : texts) {
        const auto [a, b] =
            std::mismatch(texts.front().begin(), texts.front().begin() + static_cast<std::ptrdiff_t>(length),
                          text.begin(), text.end());
        length = static_cast<std::size_t>(a - texts.front().begin());
    }
    // Not within a character of several bytes.
    while (length > 0 && length < texts.front().size() &&
           (static_cast<unsigned char>(texts.front()[length]) & 0xC0U) == 0x80U) {
        --length;
    }
    return texts.front().substr(0, length);
}

std::vector<FolderPlace> common_places() {
    std::vector<FolderPlace> places;
    std::error_code problem;
    const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe)
    const fs::path own = home == nullptr ? fs::path() : fs::path(home);
    if (own.is_absolute()) {
        places.push_back({"Home", own});
    }
    if (const fs::path current = fs::current_path(problem); !problem && current != own) {
        places.push_back({"Current folder", current});
    }
    constexpr std::array<const char*, 5> usual = {"Desktop", "Documents", "Pictures", "Videos", "Downloads"};
    for (const char* name : usual) {
        if (own.is_absolute() && fs::is_directory(own / name, problem)) {
            places.push_back({name, own / name});
        }
    }
    places.push_back({"File system", "/"});
    return places;
}

std::string size_words(std::uintmax_t bytes) {
    if (bytes < 1000) {
        return fmt::format("{} {}", bytes, bytes == 1 ? "byte" : "bytes");
    }
    constexpr std::array<const char*, 4> units = {"kB", "MB", "GB", "TB"};
    double amount = static_cast<double>(bytes) / 1000;
    std::size_t unit = 0;
    while (amount >= 999.5 && unit + 1 < units.size()) {
        amount /= 1000;
        ++unit;
    }
    return amount < 9.95 ? fmt::format("{:.1f} {}", amount, units.at(unit))
                         : fmt::format("{:.0f} {}", amount, units.at(unit));
}

}  // namespace lact::app
