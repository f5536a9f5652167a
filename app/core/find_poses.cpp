#include "app/core/find_poses.h"

#include "engine/scene/photo_files.h"
#include "engine/scene/scene.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <deque>
#include <system_error>
#include <vector>

#include <fmt/format.h>

namespace lact::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_exhaustive = 200;

/// The working folder, removed with this object.
class PartFolder {
  public:
    [[nodiscard]] static Result<PartFolder> make(const fs::path& path) {
        std::error_code code;
        fs::remove_all(path, code);  // Of a run that was killed.
        if (!fs::create_directories(path / "sparse", code)) {
            return fail(path.string(), "cannot be made: " + code.message(),
                        "Choose a folder that you may write to, or copy the photos to one.");
        }
        return PartFolder(path);
    }
    PartFolder(PartFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    PartFolder& operator=(PartFolder&&) = delete;
    ~PartFolder() {
        std::error_code ignored;
        if (!path_.empty()) {
            fs::remove_all(path_, ignored);
        }
    }
    [[nodiscard]] const fs::path& path() const { return path_; }

  private:
    explicit PartFolder(fs::path path) : path_(std::move(path)) {}
    fs::path path_;
};

/// The whole number that begins at `at`, moved behind it; none where there is no digit.
std::optional<std::size_t> number_at(std::string_view text, std::size_t& at) {
    std::size_t value = 0;
    const auto [end, code] = std::from_chars(text.data() + at, text.data() + text.size(), value);
    if (code != std::errc()) {
        return std::nullopt;
    }
    at = static_cast<std::size_t>(end - text.data());
    return value;
}

/// How far "[3/40]" or, for blocks of pairs, "[2/4, 3/4]" says the work is: what is begun is not done yet.
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

/// One colmap command after the other, with the last lines that they printed.
class Colmap {
  public:
    Colmap(fs::path program, const Job& job) : program_(std::move(program)), job_(job) {}

    /// `read_line` gives the fraction that a line stands for, where it says one.
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
            return fail(program_.string() + " " + arguments.front(),
                        fmt::format("ended with {}{}", end.exit_code, said()));
        }
        job_.progress(stage, 1);
        return {};
    }

    /// Its name of an option that may have been renamed (in COLMAP 3.12); empty where it has neither.
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
    [[nodiscard]] std::string said() const {
        std::string text;
        for (const std::string& line : last_) {
            text += "\n    " + line;
        }
        return text.empty() ? "" : "; it said last:" + text;
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

Result<void> find_features(Colmap& colmap, const PosesRequest& request, const std::string& database,
                           const fs::path& photos) {
    std::vector<std::string> arguments{"feature_extractor",
                                       "--database_path",
                                       database,
                                       "--image_path",
                                       photos.string(),
                                       "--ImageReader.camera_model",
                                       request.camera_model,
                                       "--ImageReader.single_camera",
                                       request.one_camera ? "1" : "0"};
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
    // COLMAP tells of every block of pairs: of its own size, 50 photos, the first word would be the last.
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

/// What a request comes to.
struct Checked {
    fs::path photos;  ///< The folder that holds them.
    std::size_t count = 0;
    fs::path program;
};

Result<Checked> check(const PosesRequest& request) {
    const std::string name = request.folder.string();
    std::error_code code;
    if (!fs::is_directory(request.folder, code)) {
        return fail(name, "is not a folder", "Name the folder that holds the photos.");
    }
    if (fs::exists(request.folder / "sparse", code)) {
        return fail(name, "has poses already, in its folder \"sparse\"",
                    "Remove or rename that folder to have them found again.");
    }
    const auto photos = folder_with_photos(request.folder);
    const std::size_t count = photos ? pictures_in(*photos).size() : 0;
    if (count < fewest_photos_to_place) {
        return fail(name,
                    fmt::format("holds {} photos, at least {} are needed", count, fewest_photos_to_place),
                    "Take 20 to 60 photos all around the scene that overlap by more than half.");
    }
    const auto program = find_program("colmap", request.search_path);
    if (!program) {
        return fail("colmap", "is not installed; it is what finds the poses of photos",
                    "Install it with: sudo apt install colmap");
    }
    return Checked{*photos, count, *program};
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

PhotoMatching matching_for(PhotoMatching asked, std::size_t photos) {
    if (asked != PhotoMatching::automatic) {
        return asked;
    }
    return photos > most_exhaustive ? PhotoMatching::sequential : PhotoMatching::exhaustive;
}

Result<std::size_t> check_poses_request(const PosesRequest& request) {
    LACT_TRY(const Checked checked, check(request));
    return checked.count;
}

Result<FoundPoses> find_poses(const PosesRequest& request, const Job& job) {
    LACT_TRY(const Checked checked, check(request));
    const fs::path& photos = checked.photos;
    FoundPoses found;
    found.photos = checked.count;
    found.model = request.folder / "sparse";
    LACT_TRY(const PartFolder part, PartFolder::make(request.folder / "poses.part"));
    const std::string database = (part.path() / "database.db").string();
    Colmap colmap(checked.program, job);
    LACT_CHECK(find_features(colmap, request, database, photos));
    LACT_CHECK(match_features(colmap, request, database, found.photos));
    LACT_CHECK(place_cameras(colmap, photos, part.path(), database, found.photos));
    const auto scene = read_scene(part.path());
    if (!scene) {
        return fail(request.folder.string(),
                    "COLMAP found no poses that can be read: " + scene.error().message() + colmap.said(),
                    "Photos need texture, light and much overlap; frames of a video need --matching "
                    "sequential.");
    }
    found.placed = scene->views.size();
    std::error_code code;
    fs::rename(part.path() / "sparse", found.model, code);
    if (code) {
        return fail(found.model.string(), "cannot be written: " + code.message());
    }
    return found;
}

}  // namespace lact::app
