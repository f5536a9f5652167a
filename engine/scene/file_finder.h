#pragma once

#include "engine/scene/file_name.h"
#include "engine/scene/remark.h"

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lact {

/// Finds the files that a scene, a mask list or a session names, also where they are not exactly as written.
/// One object serves one read. It lists each folder once, so that a capture of n photos costs O(n).
///
/// find() tries, in this order, in all folders before the next step:
///  1. the name as written (absolute, or relative to a folder);
///  2. separators of either system, letter case, composed or decomposed accents, of every part of the path;
///  3. photos and masks: a missing ending, or another ending of a readable image format with the same stem.
///     Beside a file of a format that cannot be read, a.tif or a.exr, a.png was made of it and goes before
///     it;
///  4. the longest tail of the path that exists below a folder. A path of another machine (POSIX, Windows,
///     "~") may lose any number of leading parts; a relative one loses "..", or one folder;
///  5. a path, or a tail of two parts, below the subfolders of a folder (two levels; masks in folders
///     of masks only, photos in others only), and beside the folder;
///  6. of a relative path what follows the folder's own name (data/fox/images/a.png below .../fox, as it is
///     written relative to where a program ran), or begins with a folder of photos, or of masks for a mask;
///  7. images_2, images_4, images_8, images_16 in place of a folder "images";
///  8. the same with a percent-encoded name ("my%20photo.png") decoded. The URL of a file ("file:///a/b") is
///     its path from the first step on.
///
/// Where several files match equally, the choice depends on names alone: within one folder an equal spelling
/// wins over equal letters with other accents, these over other letter case; of endings, the same format
/// wins (.JPG: .jpg, .jpeg), then .png, .jpg, .jpeg, .bmp, .tga; what remains is taken in byte order.
/// Folders count in the order of the constructor; subfolders images, input and photos come before others,
/// which follow by name.
class FileFinder {
  public:
    enum class Kind {
        photo,  ///< Of a readable image format; other endings are tried.
        mask,   ///< As a photo.
        entry,  ///< Any file or folder, under its own ending only.
    };

    /// `folders`: those that names are relative to, most likely first.
    explicit FileFinder(std::vector<std::filesystem::path> folders, Kind kind = Kind::photo);

    /// The existing file that `name` means; nothing if there is none. Notes how it was found.
    [[nodiscard]] std::optional<std::filesystem::path> find(const std::string& name);

    /// Steps 1 to 3 in one folder. Notes nothing.
    [[nodiscard]] std::optional<std::filesystem::path> find_below(const std::filesystem::path& folder,
                                                                  const std::string& name);

    /// By how much smaller than the named photo the file is that find() found: 4 for a file of images_4 in
    /// place of images; 1 for all others.
    [[nodiscard]] int reduction(const std::filesystem::path& file) const;

    /// What find() found so far.
    [[nodiscard]] const std::set<std::filesystem::path>& found() const { return found_; }

    /// One remark for each kind of deviation: "16 photos were found under another ending than written:
    /// IMG_0000.JPG is IMG_0000.jpg, ...". Separators and an omitted ending are usual and not remarked on.
    [[nodiscard]] std::vector<SceneRemark> remarks() const;

  private:
    /// How a found file differs from what was written.
    enum class Deviation { none, accents, letter_case, ending, elsewhere, other_machine, reduced };
    struct Match {
        std::filesystem::path path;
        std::set<Deviation> deviations;
        int reduction = 1;
    };
    struct Name {
        std::string text;
        std::set<Deviation> deviations;
    };
    /// The names in one folder, each list in byte order.
    struct Listing {
        std::unordered_map<std::string, bool> names;  ///< True for a folder.
        std::unordered_map<std::string, std::vector<std::string>> folded;
        std::unordered_map<std::string, std::vector<std::string>> stems;  ///< Folded stems of images.
        std::vector<std::string> folders;                                 ///< Without hidden ones.
    };
    using Parts = std::vector<std::string>;

    const Listing& listing(const std::filesystem::path& folder);
    [[nodiscard]] bool accepts(bool folder) const;
    [[nodiscard]] bool is_unreadable(const std::filesystem::path& name) const;
    static std::set<Deviation> between(const std::string& written, const std::string& name);
    std::optional<Name> same_name(const Listing& names, const std::string& part, bool last) const;
    std::optional<Name> same_stem(const Listing& names, const std::string& part) const;
    std::optional<Name> name_in(const Listing& names, const std::string& part, bool last) const;
    std::optional<Match> walk(const std::filesystem::path& folder, const Parts& parts, std::size_t from);
    std::optional<Match> written(const std::string& name, const Parts& parts);
    std::optional<Match> tail(const std::filesystem::path& folder, const Parts& parts, std::size_t first,
                              std::size_t last);
    std::optional<Match> tail_of_scene(const std::filesystem::path& folder, const Parts& parts,
                                       std::size_t first);
    std::optional<Match> moved(const Parts& parts, bool other_machine);
    std::optional<Match> reduced_copy(const Parts& parts, bool absolute);
    std::optional<Match> any_match(const std::string& name);
    void remember(const Match& match, const std::string& name);
    std::vector<std::filesystem::path> subfolders(const std::filesystem::path& folder);

    std::vector<std::filesystem::path> folders_;
    Kind kind_;
    std::map<std::filesystem::path, Listing> listings_;
    std::map<std::filesystem::path, std::vector<std::filesystem::path>> subfolders_;
    std::set<std::filesystem::path> found_;
    std::map<std::filesystem::path, int> reductions_;  ///< Of reduced copies.
    struct Note {
        std::string text;
        std::size_t count = 0;
    };
    std::map<Deviation, Note> notes_;
};

}  // namespace lact
