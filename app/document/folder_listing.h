#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lact::app {

/// A file or folder as a file dialog lists it.
struct FolderEntry {
    std::filesystem::path path;
    std::string name;  ///< UTF-8; bytes of other encodings are replaced.
    bool is_folder = false;
    std::uintmax_t bytes = 0;  ///< Of a file.
    std::filesystem::file_time_type modified{};
};

struct FolderListing {
    std::filesystem::path folder;  ///< Absolute.
    std::vector<FolderEntry> entries;
    std::string problem;  ///< Why the folder cannot be listed, or what is left out; empty: nothing.
};

/// Most entries that are listed.
inline constexpr std::size_t most_entries = 20000;

/// The entries of a folder: folders first, each by name with numbers in order (view2 before view10). Names
/// that begin with a dot are left out unless `hidden`. Links count as what they point to.
[[nodiscard]] FolderListing list_folder(const std::filesystem::path& folder, bool hidden = false);

/// Whether a name comes before another in a listing: without regard to case, numbers by value.
[[nodiscard]] bool name_before(std::string_view a, std::string_view b);

/// What a typed path may go on to: entries of its folder whose names begin with its last part, folders with a
/// slash at the end, in the order of a listing. A relative path starts at `base`.
[[nodiscard]] std::vector<std::string> completions(const std::string& typed,
                                                   const std::filesystem::path& base);
/// The longest text that all of them begin with; empty where there are none.
[[nodiscard]] std::string common_beginning(const std::vector<std::string>& texts);

/// A place of a file dialog.
struct FolderPlace {
    std::string name;
    std::filesystem::path folder;
};
/// Home, the current folder, the folders of the user that exist (Desktop, Documents, Pictures, Videos,
/// Downloads) and the file system.
[[nodiscard]] std::vector<FolderPlace> common_places();

/// "1.2 MB"; "312 bytes".
[[nodiscard]] std::string size_words(std::uintmax_t bytes);

}  // namespace lact::app
