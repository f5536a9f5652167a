#include "engine/scene/file_finder.h"

#include "engine/core/counted.h"
#include "engine/core/file_kind.h"
#include "engine/core/full_path.h"
#include "engine/scene/path_text.h"
#include "engine/scene/photo_files.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace lact {
namespace {

namespace fs = std::filesystem;

bool is_reduced_folder(const fs::path& name) {
    return std::ranges::find(reduced_folders, name.string(), &ReducedFolder::name) != reduced_folders.end();
}

/// Limits of the search below a folder: a scene has few subfolders, a home directory thousands.
constexpr std::size_t most_subfolders = 64;
constexpr std::size_t most_subfolders_in_all = 256;
/// Parts of a path that are compared at most; longer ones are no paths of photos.
constexpr std::size_t most_parts = 64;

std::string stem_of(const std::string& name) {
    return fs::path(name).stem().string();
}

}  // namespace

FileFinder::FileFinder(std::vector<fs::path> folders, Kind kind) : folders_(std::move(folders)), kind_(kind) {
    std::ranges::replace(folders_, fs::path(), fs::path("."));
}

const FileFinder::Listing& FileFinder::listing(const fs::path& folder) {
    const auto [place, is_new] = listings_.try_emplace(folder);
    Listing& listing = place->second;
    if (!is_new) {
        return listing;
    }
    std::error_code code;
    for (fs::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
        const std::string name = entry->path().filename().string();
        if (is_litter(name)) {
            continue;
        }
        std::error_code ignored;
        const bool is_folder = entry->is_directory(ignored);
        listing.names.emplace(name, is_folder);
        listing.folded[folded_name(name)].push_back(name);
        if (!is_folder && photo_ending(name) == PhotoEnding::readable) {
            listing.stems[folded_name(stem_of(name))].push_back(name);
        }
        if (is_folder && !name.starts_with('.')) {
            listing.folders.push_back(name);
        }
    }
    for (auto* table : {&listing.folded, &listing.stems}) {
        for (auto& [key, names] : *table) {
            std::ranges::sort(names);
        }
    }
    std::ranges::sort(listing.folders);
    return listing;
}

bool FileFinder::accepts(bool folder) const {
    return !folder || kind_ == Kind::entry;
}

/// Whether an image that is looked for has the ending of a format that cannot be read.
bool FileFinder::is_unreadable(const fs::path& name) const {
    return kind_ != Kind::entry && photo_ending(name) == PhotoEnding::unreadable;
}

std::set<FileFinder::Deviation> FileFinder::between(const std::string& written, const std::string& name) {
    const int rank = spelling_rank(written, name);
    return rank == 0   ? std::set<Deviation>{}
           : rank == 1 ? std::set<Deviation>{Deviation::accents}
                       : std::set<Deviation>{Deviation::letter_case};
}

std::optional<FileFinder::Name> FileFinder::same_name(const Listing& names, const std::string& part,
                                                      bool last) const {
    const auto fits = [&](const std::string& name) {
        const bool folder = names.names.at(name);
        return last ? accepts(folder) : folder;
    };
    if (names.names.contains(part) && fits(part)) {
        return Name{part, {}};
    }
    const auto found = names.folded.find(folded_name(part));
    if (found == names.folded.end()) {
        return std::nullopt;
    }
    const std::string* best = nullptr;
    for (const std::string& name : found->second) {
        if (fits(name) && (best == nullptr || spelling_rank(part, name) < spelling_rank(part, *best))) {
            best = &name;
        }
    }
    if (best == nullptr) {
        return std::nullopt;
    }
    if (!last || kind_ == Kind::entry) {
        return Name{*best, between(part, *best)};
    }
    Name name{*best, between(stem_of(part), stem_of(*best))};
    if (fs::path(part).extension() != fs::path(*best).extension()) {
        name.deviations.insert(Deviation::ending);
    }
    return name;
}

std::optional<FileFinder::Name> FileFinder::same_stem(const Listing& names, const std::string& part) const {
    // "frame.0001" has no ending: only endings of images are taken off.
    const bool omitted = photo_ending(part) == PhotoEnding::none;
    std::string stem = omitted ? part : stem_of(part);
    const std::string ending = omitted ? "" : lower_extension(part);
    auto found = names.stems.find(folded_name(stem));
    if (found == names.stems.end() && !omitted) {
        // a.exr.png was made of a.exr.
        stem = part;
        found = names.stems.find(folded_name(stem));
    }
    if (found == names.stems.end()) {
        return std::nullopt;
    }
    const auto rank = [&](const std::string& name) {
        return std::pair(spelling_rank(stem, stem_of(name)), ending_rank(ending, lower_extension(name)));
    };
    const std::string& best = *std::ranges::min_element(found->second, {}, rank);
    Name name{best, between(stem, stem_of(best))};
    if (!omitted) {
        name.deviations.insert(Deviation::ending);
    }
    return name;
}

/// Steps 1 to 3 for one part of a path.
std::optional<FileFinder::Name> FileFinder::name_in(const Listing& names, const std::string& part,
                                                    bool last) const {
    if (!last || kind_ == Kind::entry) {
        return same_name(names, part, last);
    }
    // Who converts what cannot be read, as the message about it says, leaves the original beside.
    const bool converted_first = is_unreadable(part);
    auto name = converted_first ? same_stem(names, part) : same_name(names, part, last);
    if (!name) {
        name = converted_first ? same_name(names, part, last) : same_stem(names, part);
    }
    return name;
}

std::optional<FileFinder::Match> FileFinder::walk(const fs::path& folder, const Parts& parts,
                                                  std::size_t from) {
    Match match{folder, {}};
    for (std::size_t i = from; i < parts.size(); ++i) {
        const bool last = i + 1 == parts.size();
        if (parts[i] == "..") {
            match.path /= "..";
            continue;
        }
        const auto name = name_in(listing(match.path), parts[i], last);
        if (!name) {
            return std::nullopt;
        }
        match.path /= name->text;
        match.deviations.insert(name->deviations.begin(), name->deviations.end());
    }
    return match;
}

/// Steps 1 to 3. Of several folders the one with the smallest deviation counts, then the first; a file that
/// can be read goes before all that cannot.
std::optional<FileFinder::Match> FileFinder::written(const std::string& name, const Parts& parts) {
    const auto exists = [&](const fs::path& path) {
        std::error_code code;
        const fs::file_status status = fs::status(path, code);
        return fs::is_regular_file(status) || (kind_ == Kind::entry && fs::is_directory(status));
    };
    const auto exact = [&]() -> std::optional<Match> {
        for (const fs::path& folder : folders_) {
            if (fs::path path = folder / name; exists(path)) {
                return Match{std::move(path), {}};
            }
        }
        return std::nullopt;
    };
    if (auto match = is_unreadable(name) ? std::nullopt : exact()) {
        return match;
    }
    std::optional<Match> best;
    const auto consider = [&](const fs::path& folder) {
        auto match = walk(folder, parts, 0);
        const auto rank = [&](const Match& m) {
            return std::pair(is_unreadable(m.path),
                             m.deviations.empty() ? Deviation::none : *m.deviations.rbegin());
        };
        if (match && (!best || rank(*match) < rank(*best))) {
            best = std::move(match);
        }
    };
    if (!is_rooted(name)) {
        std::ranges::for_each(folders_, consider);
    } else if (name.starts_with('/')) {
        consider("/");
    }
    // Where a folder of the path cannot be listed the walk finds nothing, though the file is there.
    return best || !is_unreadable(name) ? std::move(best) : exact();
}

/// The longest tail below one folder that begins at a part from `first` to `last`.
std::optional<FileFinder::Match> FileFinder::tail(const fs::path& folder, const Parts& parts,
                                                  std::size_t first, std::size_t last) {
    for (std::size_t from = first; from <= last && from < parts.size(); ++from) {
        if (auto match = walk(folder, parts, from)) {
            return match;
        }
    }
    return std::nullopt;
}

/// The longest tail below the folder that begins after its own name, or with a folder of photos (of masks):
/// what is left of a path that is relative to a folder above.
std::optional<FileFinder::Match> FileFinder::tail_of_scene(const fs::path& folder, const Parts& parts,
                                                           std::size_t first) {
    if (kind_ == Kind::entry) {
        return std::nullopt;
    }
    const std::string own = folded_name(full_path(folder).filename().string());
    for (std::size_t from = std::max<std::size_t>(first, 1); from < parts.size(); ++from) {
        const bool alone = from + 1 == parts.size();
        const std::string name = folded_name(parts[from]);
        const bool begins =
            !alone && (kind_ == Kind::mask ? is_mask_folder_name(name) : is_photo_folder_name(name));
        // The name of a mask alone may be that of its photo.
        const bool follows = folded_name(parts[from - 1]) == own && !(alone && kind_ == Kind::mask);
        if (begins || follows) {
            if (auto match = walk(folder, parts, from)) {
                return match;
            }
        }
    }
    return std::nullopt;
}

std::vector<fs::path> FileFinder::subfolders(const fs::path& folder) {
    const auto [place, is_new] = subfolders_.try_emplace(folder);
    if (!is_new) {
        return place->second;
    }
    const auto children = [&](const fs::path& parent) {
        std::vector<std::string> names = listing(parent).folders;
        std::stable_partition(names.begin(), names.end(), is_photo_folder_name);
        names.resize(std::min(names.size(), most_subfolders));
        std::vector<fs::path> paths;
        std::ranges::transform(names, std::back_inserter(paths),
                               [&](const std::string& name) { return parent / name; });
        return paths;
    };
    std::vector<fs::path> all = children(folder);
    for (std::size_t i = 0, direct = all.size(); i < direct; ++i) {
        const std::vector<fs::path> below = children(all[i]);
        all.insert(all.end(), below.begin(), below.end());
    }
    // Masks often have the names of their photos: neither is looked for among the others. Reduced copies come
    // after all photos of full size.
    std::erase_if(all, [&](const fs::path& path) {
        const fs::path within = path.lexically_relative(folder);
        const bool masks = std::ranges::any_of(
            within, [](const fs::path& part) { return is_mask_folder_name(part.string()); });
        const bool reduced = kind_ == Kind::photo && std::ranges::any_of(within, is_reduced_folder);
        return masks != (kind_ == Kind::mask) || reduced;
    });
    all.resize(std::min(all.size(), most_subfolders_in_all));
    return subfolders_[folder] = std::move(all);
}

/// Steps 4 to 6.
std::optional<FileFinder::Match> FileFinder::moved(const Parts& parts, bool other_machine) {
    if (parts.empty() || parts.size() > most_parts) {
        return std::nullopt;
    }
    const auto up = static_cast<std::size_t>(
        std::ranges::find_if(parts, [](const std::string& part) { return part != ".."; }) - parts.begin());
    const std::size_t last = other_machine ? parts.size() - 1 : std::min(up + 1, parts.size() - 1);
    const std::size_t first = std::min(up, last);
    // The name of a mask alone may be that of its photo.
    const std::size_t last_here =
        kind_ == Kind::mask ? std::min(last, std::max<std::size_t>(parts.size(), 2) - 2) : last;
    for (const fs::path& folder : folders_) {
        if (auto match = tail(folder, parts, first, last_here)) {
            return match;
        }
    }
    // front/1.png is not back/1.png: below a subfolder no folder of the path is exchanged for another.
    const std::size_t last_below =
        std::min(other_machine ? last - std::min<std::size_t>(last, 1) : first, last);
    for (const fs::path& folder : folders_) {
        for (const fs::path& below : subfolders(folder)) {
            if (auto match = tail(below, parts, first, last_below)) {
                return match;
            }
        }
    }
    for (const fs::path& folder : folders_) {
        // A name alone says too little about a photo outside of the scene.
        const bool alone = kind_ == Kind::entry;
        const std::size_t least =
            other_machine ? std::max<std::size_t>(parts.size(), 2) - (alone ? 1 : 2) : first;
        if (auto match = tail(folder / "..", parts, first, std::min(last, least))) {
            return match;
        }
    }
    // Last, as it leaves out most of what is written.
    for (const fs::path& folder : folders_) {
        if (auto match = other_machine ? std::nullopt : tail_of_scene(folder, parts, last_here + 1)) {
            return match;
        }
    }
    return std::nullopt;
}

std::optional<FileFinder::Match> FileFinder::reduced_copy(const Parts& parts, bool absolute) {
    const auto in_folder = [&](const fs::path& folder, std::string_view name) -> std::optional<Match> {
        if (folder.filename() == "images" && !absolute) {
            if (auto match = walk(folder.parent_path() / name, parts, 0)) {
                return match;
            }
        }
        const auto images = std::ranges::find(parts, "images");
        if (images == parts.end()) {
            return absolute ? std::nullopt : walk(folder / name, parts, 0);
        }
        Parts others = parts;
        const auto at = static_cast<std::size_t>(images - parts.begin());
        others[at] = name;
        return tail(folder, others, absolute ? 0 : at, at);
    };
    for (const auto& [name, reduction] : reduced_folders) {
        for (const fs::path& folder : folders_) {
            if (auto match = in_folder(folder, name)) {
                match->reduction = reduction;
                return match;
            }
        }
    }
    return std::nullopt;
}

std::optional<fs::path> FileFinder::find_below(const fs::path& folder, const std::string& name) {
    const Parts parts = parts_of(name);
    if (parts.empty() || is_rooted(name) || is_litter(parts.back())) {
        return std::nullopt;
    }
    const auto match = walk(folder, parts, 0);
    return match ? std::optional(match->path) : std::nullopt;
}

/// Steps 1 to 7, with the deviations that the step itself is.
std::optional<FileFinder::Match> FileFinder::any_match(const std::string& name) {
    const Parts parts = parts_of(name);
    // A path with a zero byte would be cut by the system.
    if (parts.empty() || is_litter(parts.back()) || name.find('\0') != std::string::npos) {
        return std::nullopt;
    }
    const bool rooted = is_rooted(name);
    std::optional<Match> match = written(name, parts);
    if (!match && (match = moved(parts, rooted))) {
        match->deviations.insert(rooted ? Deviation::other_machine : Deviation::elsewhere);
    }
    if (!match && kind_ != Kind::entry && (match = reduced_copy(parts, rooted))) {
        match->deviations.insert(Deviation::reduced);
    }
    return match;
}

void FileFinder::remember(const Match& match, const std::string& name) {
    const fs::path path = match.path.lexically_normal();
    found_.insert(path);
    if (match.reduction > 1) {
        reductions_[path] = match.reduction;
    }
    for (const Deviation deviation : match.deviations) {
        Note& note = notes_[deviation];
        constexpr std::size_t shown = 3;
        if (note.count++ < shown) {
            const bool place = deviation >= Deviation::elsewhere;
            const fs::path near = path.lexically_relative(folders_.empty() ? fs::path() : folders_.front());
            const bool below = !near.empty() && *near.begin() != "..";
            note.text +=
                fmt::format("{}{} is {}", note.text.empty() ? "" : ", ", place ? name : parts_of(name).back(),
                            place ? (below ? near : path).string() : path.filename().string());
        }
    }
}

std::optional<fs::path> FileFinder::find(const std::string& name) {
    std::string spelling = path_of_url(name);
    auto match = any_match(spelling);
    if (auto decoded = match ? std::nullopt : percent_decoded(spelling)) {
        spelling = std::move(*decoded);
        match = any_match(spelling);
    }
    if (!match) {
        return std::nullopt;
    }
    remember(*match, spelling);
    return match->path;
}

int FileFinder::reduction(const fs::path& file) const {
    const auto found = reductions_.find(file.lexically_normal());
    return found == reductions_.end() ? 1 : found->second;
}

std::vector<SceneRemark> FileFinder::remarks() const {
    const std::string_view noun = kind_ == Kind::photo ? "photo" : kind_ == Kind::mask ? "mask" : "file";
    std::vector<SceneRemark> remarks;
    for (const auto& [deviation, note] : notes_) {
        const char* how = "";
        switch (deviation) {
            case Deviation::none:
                continue;
            case Deviation::accents:
                how = "with accents composed otherwise";
                break;
            case Deviation::letter_case:
                how = "in other letter case";
                break;
            case Deviation::ending:
                how = "under another ending";
                break;
            case Deviation::elsewhere:
                how = "in another folder";
                break;
            case Deviation::other_machine:
                how = "near by, not at the path of another machine";
                break;
            case Deviation::reduced:
                how = "as reduced copies, not at the full size";
                break;
        }
        const bool than = deviation != Deviation::other_machine && deviation != Deviation::reduced;
        remarks.push_back(
            {RemarkKind::found_elsewhere,
             {},
             fmt::format("{} found {}{}: {}{}",
                         counted(note.count, fmt::format("{} was", noun), fmt::format("{}s were", noun)), how,
                         than ? " than written" : "", note.text, note.count > 3 ? ", ..." : ".")});
    }
    return remarks;
}

}  // namespace lact
