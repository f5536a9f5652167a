#include "app/runtime/find_poses.h"

#include "engine/core/counted.h"
#include "engine/core/files.h"
#include "engine/core/output_path.h"
#include "engine/scene/colmap_model.h"
#include "engine/scene/image.h"
#include "engine/scene/photo_files.h"
#include "engine/scene/reader.h"
#include "engine/scene/scene_files.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <deque>
#include <optional>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace lact::app {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_exhaustive = 200;
constexpr const char* advice_on_photos =
    "Photos need texture, light and much overlap; frames of a video need --matching sequential.";

/// Parses the integer at `at` and moves `at` behind it; none without a digit.
std::optional<std::size_t> number_at(std::string_view text, std::size_t& at) {
    std::size_t value = 0;
    const auto [end, code] = std::from_chars(text.data() + at, text.data() + text.size(), value);
    if (code != std::errc()) {
        return std::nullopt;
    }
    at = static_cast<std::size_t>(end - text.data());
    return value;
}

/// Progress in "[3/40]" or, for blocks of pairs, "[2/4, 3/4]": the item that has begun is not yet done.
std::optional<double> fraction_in_brackets(std::string_view line) {
    const std::size_t open = line.rfind('[');
    if (open == std::string_view::npos) {
        return std::nullopt;
    }
    double done = 0;
    double share = 1;
    std::size_t at = open + 1;
    for (bool any = false;; any = true) {
        const auto part = number_at(line, at);
        if (!part || at >= line.size() || line[at] != '/') {
            return any ? std::optional(done) : std::nullopt;
        }
        ++at;
        const auto whole = number_at(line, at);
        if (!whole || *whole == 0 || *part > *whole) {
            return std::nullopt;
        }
        share /= static_cast<double>(*whole);
        done += share * static_cast<double>(*part > 0 ? *part - 1 : 0);
        while (at < line.size() && (line[at] == ',' || line[at] == ' ')) {
            ++at;
        }
    }
}

/// How many photos are placed, from "Registering image #12 (5)" and its newer forms
/// ("... (num_reg_frames=5)").
std::optional<std::size_t> placed_photos(std::string_view line) {
    const std::size_t open = line.rfind('(');
    if (line.find("Registering") == std::string_view::npos || open == std::string_view::npos) {
        return std::nullopt;
    }
    std::size_t at = open + 1;
    while (at < line.size() && std::isdigit(static_cast<unsigned char>(line[at])) == 0) {
        ++at;
    }
    return at < line.size() ? number_at(line, at) : std::nullopt;
}

/// Runs colmap commands and keeps the last lines of their output.
class Colmap {
  public:
    Colmap(fs::path program, const Job& job) : program_(std::move(program)), job_(job) {}

    /// `read_line` returns the progress that a line reports, if any.
    template <class ReadLine>
    [[nodiscard]] Result<void> run(std::string_view stage, const std::vector<std::string>& arguments,
                                   const ReadLine& read_line) {
        job_.progress(stage, 0);
        last_.clear();
        double most = 0;
        LACT_TRY(const ChildEnd end, run_child(
                                         program_, arguments,
                                         [&](std::string_view line) {
                                             remember(line);
                                             if (const std::optional<double> fraction = read_line(line)) {
                                                 most = std::clamp(*fraction, most, 1.0);
                                                 job_.progress(stage, most);
                                             }
                                         },
                                         job_.stop));
        if (end.exit_code != 0) {
            // The mapper ends with 1 where it finds no poses.
            return fail(program_.string() + " " + arguments.front(),
                        fmt::format("ended with {}{}", end.exit_code, last_output()),
                        stage == "cameras" && end.exit_code == 1 ? advice_on_photos : "");
        }
        job_.progress(stage, 1);
        return {};
    }

    /// The name of an option that COLMAP 3.12 renamed; empty where the command has neither.
    [[nodiscard]] Result<std::string> option_of(const std::string& command, std::string_view renamed,
                                                std::string_view former) {
        std::string found;
        LACT_CHECK(run_child(
            program_, {command, "--help"},
            [&](std::string_view line) {
                for (const std::string_view name : {renamed, former}) {
                    if (found.empty() && line.find(name) != std::string_view::npos) {
                        found = "--" + std::string(name);
                    }
                }
            },
            job_.stop));
        return found;
    }

    /// The last lines, for messages.
    [[nodiscard]] std::string last_output() const {
        std::string text;
        for (const std::string& line : last_) {
            text += "\n    " + line;
        }
        return text.empty() ? "" : "; its last output:" + text;
    }

  private:
    void remember(std::string_view line) {
        constexpr std::size_t kept = 5;
        last_.emplace_back(line.substr(0, 300));
        if (last_.size() > kept) {
            last_.pop_front();
        }
    }
    fs::path program_;
    const Job& job_;
    std::deque<std::string> last_;
};

/// A checked request.
struct Checked {
    fs::path folder;               ///< Of the photos.
    std::vector<fs::path> photos;  ///< In that folder.
    fs::path program;
};

/// "480x270 and 270x480"; empty where all photos have one size. Ignores unreadable photos.
std::string different_sizes(const std::vector<fs::path>& photos) {
    std::set<std::pair<int, int>> sizes;
    for (const fs::path& photo : photos) {
        if (const auto info = image_info(photo)) {
            sizes.emplace(info->width, info->height);
        }
    }
    if (sizes.size() < 2) {
        return {};
    }
    const auto text = [](const std::pair<int, int>& size) {
        return fmt::format("{}x{}", size.first, size.second);
    };
    return sizes.size() == 2 ? text(*sizes.begin()) + " and " + text(*sizes.rbegin())
                             : fmt::format("{} sizes from {} to {}", sizes.size(), text(*sizes.begin()),
                                           text(*sizes.rbegin()));
}

/// Writes the names of the photos, one per line, for COLMAP, which would search subfolders otherwise.
Result<fs::path> write_list(const std::vector<fs::path>& photos, const fs::path& part) {
    std::string text;
    for (const fs::path& photo : photos) {
        text += photo.filename().string() + "\n";
    }
    const fs::path list = part / "photos.list";
    LACT_CHECK(write_file_atomically(list, text));
    return list;
}

Result<void> find_features(Colmap& colmap, const PosesRequest& request, const std::string& database,
                           const Checked& checked, const fs::path& part, const Job& job) {
    bool one_camera = request.one_camera;
    if (const std::string sizes = different_sizes(checked.photos); one_camera && !sizes.empty()) {
        one_camera = false;
        job.say("the photos are of " + sizes + " pixels: every photo gets a camera of its own");
    }
    LACT_TRY(const fs::path list, write_list(checked.photos, part));
    std::vector<std::string> arguments{"feature_extractor",
                                       "--database_path",
                                       database,
                                       "--image_path",
                                       checked.folder.string(),
                                       "--image_list_path",
                                       list.string(),
                                       "--ImageReader.camera_model",
                                       request.camera_model,
                                       "--ImageReader.single_camera",
                                       one_camera ? "1" : "0"};
    LACT_TRY(const std::string gpu,
             colmap.option_of("feature_extractor", "FeatureExtraction.use_gpu", "SiftExtraction.use_gpu"));
    if (!gpu.empty()) {
        arguments.insert(arguments.end(), {gpu, request.gpu ? "1" : "0"});
    }
    return colmap.run("features", arguments, fraction_in_brackets);
}

Result<void> match_features(Colmap& colmap, const PosesRequest& request, const std::string& database,
                            std::size_t count) {
    const std::string command = matching_for(request.matching, count) == PhotoMatching::sequential
                                    ? "sequential_matcher"
                                    : "exhaustive_matcher";
    std::vector<std::string> arguments{command, "--database_path", database};
    LACT_TRY(const std::string gpu,
             colmap.option_of(command, "FeatureMatching.use_gpu", "SiftMatching.use_gpu"));
    if (!gpu.empty()) {
        arguments.insert(arguments.end(), {gpu, request.gpu ? "1" : "0"});
    }
    // COLMAP reports every block of pairs; with its default of 50 photos there would be a single report.
    constexpr std::string_view block_option = "ExhaustiveMatching.block_size";
    LACT_TRY(const std::string block, colmap.option_of(command, block_option, block_option));
    if (!block.empty()) {
        const std::size_t size = std::clamp<std::size_t>(count / 5, 10, 50);
        arguments.insert(arguments.end(), {block, std::to_string(size)});
    }
    return colmap.run("matches", arguments, fraction_in_brackets);
}

Result<void> place_cameras(Colmap& colmap, const fs::path& photos, const fs::path& part,
                           const std::string& database, std::size_t count) {
    return colmap.run(
        "cameras",
        {"mapper", "--database_path", database, "--image_path", photos.string(), "--output_path",
         (part / "sparse").string()},
        [count](std::string_view line) -> std::optional<double> {
            const auto placed = placed_photos(line);
            return placed ? std::optional(static_cast<double>(*placed) / static_cast<double>(count))
                          : std::nullopt;
        });
}

/// Whether a folder or its subfolders hold a file; COLMAP leaves empty folders where it finds nothing.
bool holds_files(const fs::path& folder) {
    std::error_code code;
    for (fs::recursive_directory_iterator entry(folder, code), end; !code && entry != end;
         entry.increment(code)) {
        std::error_code ignored;
        if (!fs::is_directory(entry->symlink_status(ignored))) {
            return true;
        }
    }
    return static_cast<bool>(code);
}

/// Errors: there are poses already; other files are in the place of the poses.
Result<void> check_no_poses(const fs::path& folder) {
    const std::string name = folder.string();
    if (const auto found = find_scene(folder)) {
        const auto scene = read_scene(folder);
        if (!scene && found->reader == &colmap_reader()) {
            return fail(name, "has a COLMAP model that cannot be read: " + scene.error().message(),
                        "Remove or rename the folder of that model to have the poses found again.");
        }
        const bool model = found->reader == &colmap_reader();
        return fail(name, "has poses already, in " + found->file.string(),
                    fmt::format("Open it as it is. To have them found again, remove or rename that {}.",
                                model ? "model's folder" : "file"));
    }
    if (const auto above = scene_above(folder)) {
        return fail(name, "holds photos of a scene that has poses already, in " + above->cameras.string(),
                    "Open the scene: " + shell_word(above->open));
    }
    std::error_code code;
    const fs::path sparse = folder / "sparse";
    if (fs::exists(sparse, code) && (!fs::is_directory(sparse, code) || holds_files(sparse))) {
        return fail(name,
                    "has \"sparse\", where the poses would be written, but there is no COLMAP model in it",
                    "Remove or rename it first.");
    }
    return {};
}

Result<Checked> check(const PosesRequest& request) {
    const std::string name = request.folder.string();
    std::error_code code;
    if (!fs::is_directory(request.folder, code)) {
        return fail(name, "is not a folder", "Name the folder that holds the photos.");
    }
    LACT_CHECK(check_no_poses(request.folder));
    if (auto elsewhere = photos_elsewhere(request.folder, fewest_photos_to_place)) {
        return fail(name, std::move(elsewhere->what), std::move(elsewhere->hint));
    }
    const auto folder = folder_with_photos(request.folder);
    std::vector<fs::path> photos = folder ? images_in(*folder) : std::vector<fs::path>{};
    if (photos.size() < fewest_photos_to_place) {
        return fail(name,
                    fmt::format("holds {}, at least {} are needed", counted(photos.size(), "photo"),
                                fewest_photos_to_place),
                    "Take 20 to 60 photos all around the scene that overlap by more than half.");
    }
    const auto program = find_program("colmap", request.search_path);
    if (!program) {
        return fail("colmap", "is not installed; it estimates the poses of photos",
                    "Install it with: sudo apt install colmap");
    }
    return Checked{*folder, std::move(photos), *program};
}

/// Number of models of the mapper: folders 0, 1, …
std::size_t models_in(const fs::path& sparse) {
    std::size_t models = 0;
    while (colmap_images_file(sparse / std::to_string(models))) {
        ++models;
    }
    return models;
}

/// Reads the model of the mapper.
Result<FoundPoses> read_found_poses(const Checked& checked, const fs::path& part, const Colmap& colmap,
                                    const fs::path& folder) {
    const auto scene = read_scene(part);
    if (!scene) {
        return fail(
            folder.string(),
            "COLMAP found no poses that can be read: " + scene.error().message() + colmap.last_output(),
            advice_on_photos);
    }
    FoundPoses found;
    found.photos = checked.photos.size();
    found.placed = scene->views.size();
    found.models = models_in(part / "sparse");
    std::set<std::string> placed;
    for (const SceneView& view : scene->views) {
        placed.insert(view.image.filename().string());
    }
    for (const fs::path& photo : checked.photos) {
        if (const std::string name = photo.filename().string(); !placed.contains(name)) {
            found.left_out.push_back(name);
        }
    }
    return found;
}

}  // namespace

Result<PhotoMatching> parse_photo_matching(std::string_view text) {
    if (text == "auto") {
        return PhotoMatching::automatic;
    }
    if (text == "exhaustive") {
        return PhotoMatching::exhaustive;
    }
    if (text == "sequential") {
        return PhotoMatching::sequential;
    }
    return fail("matching", fmt::format("'{}' is not one of auto, exhaustive, sequential", text));
}

std::string_view to_string(PhotoMatching matching) {
    switch (matching) {
        case PhotoMatching::automatic:
            return "auto";
        case PhotoMatching::exhaustive:
            return "exhaustive";
        case PhotoMatching::sequential:
            break;
    }
    return "sequential";
}

bool can_find_poses(const std::string& search_path) {
    return find_program("colmap", search_path).has_value();
}

PhotoMatching matching_for(PhotoMatching requested, std::size_t photos) {
    if (requested != PhotoMatching::automatic) {
        return requested;
    }
    return photos > most_exhaustive ? PhotoMatching::sequential : PhotoMatching::exhaustive;
}

std::string FoundPoses::sentence() const {
    std::string text =
        fmt::format("found the poses of {} of {}: {}", placed, counted(photos, "photo"), model.string());
    if (models > 1) {
        text += fmt::format("; uses the largest of {} parts that COLMAP could not join", models);
    }
    if (!left_out.empty()) {
        text += fmt::format("; left out: {}, as they match too few of the other photos", some_of(left_out));
    }
    return text;
}

Result<std::size_t> check_poses_request(const PosesRequest& request) {
    LACT_TRY(const Checked checked, check(request));
    return checked.photos.size();
}

Result<FoundPoses> find_poses(const PosesRequest& request, const Job& job) {
    LACT_CHECK(check(request));
    LACT_TRY(const FileDescriptor lock, lock_folder(request.folder));
    LACT_TRY(const OutputFolder part, OutputFolder::within(request.folder, "poses"));
    std::error_code code;
    if (!fs::create_directory(part.path() / "sparse", code)) {
        return fail(request.folder.string(), "cannot be written to: " + code.message());
    }
    LACT_TRY(const Checked checked, check(request));  // Again: another run may have ended meanwhile.
    const std::string database = (part.path() / "database.db").string();
    Colmap colmap(checked.program, job);
    LACT_CHECK(find_features(colmap, request, database, checked, part.path(), job));
    LACT_CHECK(match_features(colmap, request, database, checked.photos.size()));
    LACT_CHECK(place_cameras(colmap, checked.folder, part.path(), database, checked.photos.size()));
    LACT_TRY(FoundPoses found, read_found_poses(checked, part.path(), colmap, request.folder));
    found.model = request.folder / "sparse";
    if (!holds_files(found.model)) {
        fs::remove_all(found.model, code);  // Empty folders.
    }
    fs::rename(part.path() / "sparse", found.model, code);
    if (code) {
        return fail(found.model.string(), "cannot be written: " + code.message());
    }
    return found;
}

}  // namespace lact::app
