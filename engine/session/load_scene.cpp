#include "engine/session/load_scene.h"

#include "engine/scene/select_views.h"

#include <algorithm>
#include <charconv>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact {
namespace {

/// The released generated and captured objects have this mean camera distance; used where the weights do not
/// say.
constexpr double default_radius = 2.66;
/// Photos of an object on white leave more than this share of their pixels white.
constexpr float white_background_limit = 0.9F;

/// `where`: named by errors. `what`: "input".
Result<void> check_indices(const std::string& where, std::size_t views, std::span<const std::size_t> indices,
                           std::string_view what) {
    std::vector<bool> seen(views, false);
    for (const std::size_t index : indices) {
        if (index >= views) {
            return fail(where, fmt::format("{} view {} is not there: the scene has views 0 to {}", what,
                                           index, views - 1));
        }
        if (seen[index]) {
            return fail(where, fmt::format("{} view {} was given twice", what, index));
        }
        seen[index] = true;
    }
    return {};
}

std::vector<std::size_t> choose_inputs(const SceneFiles& files, std::span<const Eigen::Matrix4d> poses,
                                       const SceneRequest& request) {
    if (!request.inputs.empty()) {
        return request.inputs;
    }
    std::vector<InputCandidate> views;
    for (std::size_t i = 0; i < poses.size(); ++i) {
        views.push_back({poses[i].block<3, 1>(0, 3), files.views[i].test});
    }
    return spread_inputs(views, request.input_count);
}

std::vector<std::size_t> all_but(std::size_t count, const std::vector<std::size_t>& without) {
    std::vector<std::size_t> rest;
    for (std::size_t i = 0; i < count; ++i) {
        if (std::find(without.begin(), without.end(), i) == without.end()) {
            rest.push_back(i);
        }
    }
    return rest;
}

}  // namespace

double camera_radius(const WeightsInfo& info) {
    return info.train_radius.value_or(default_radius);
}

Result<void> check_inputs(const ViewSet& set, std::span<const std::size_t> inputs) {
    if (inputs.empty()) {
        return fail(set.files.name, "no input view is chosen", "Tick at least one.");
    }
    return check_indices(set.files.name, set.views.size(), inputs, "input");
}

Result<LoadedScene> load_scene(const SceneRequest& request, const ModelConfig& config,
                               const WeightsInfo& info, const Job& job) {
    LACT_TRY(SceneFiles files, read_scene(request.path));
    return load_scene(std::move(files), request, config, info, job);
}

Result<LoadedScene> load_scene(SceneFiles files, const SceneRequest& request, const ModelConfig& config,
                               const WeightsInfo& info, const Job& job) {
    const std::string folder = files.folder.string();
    const std::size_t views = files.views.size();
    const Size size = request.size.value_or(default_size(info));
    LACT_CHECK(check_size(config, size));
    const Placement placement{choose_normalization(files, request.normalization), camera_radius(info)};
    LoadedScene loaded;
    loaded.remarks = files.remarks;
    loaded.inputs = choose_inputs(
        files, normalized_poses(files, placement.normalization.normalization, placement.radius), request);
    if (loaded.inputs.empty()) {
        return fail(folder, "no input view was chosen", "Ask for at least one.");
    }
    loaded.targets = request.targets.value_or(all_but(views, loaded.inputs));
    LACT_CHECK(check_indices(folder, views, loaded.inputs, "input"));
    LACT_CHECK(check_indices(folder, views, loaded.targets, "target"));
    if (request.inputs.empty() && request.input_count > loaded.inputs.size()) {
        loaded.remarks.push_back(
            {RemarkKind::training,
             {},
             fmt::format("{} input views were asked for; the scene has {} that are not kept for testing.",
                         request.input_count, loaded.inputs.size())});
    }
    std::vector<std::size_t> needed = loaded.inputs;
    needed.insert(needed.end(), loaded.targets.begin(), loaded.targets.end());
    LACT_TRY(loaded.set,
             make_view_set(request.path, std::move(files), placement, size, std::move(needed), job));
    if (auto warning = outside_training(info, size, loaded.inputs.size(),
                                        mean_foreground(loaded.input_views()), origin_of(request.path));
        !warning.empty()) {
        loaded.remarks.push_back({RemarkKind::training, {}, std::move(warning)});
    }
    return loaded;
}

Size default_size(const WeightsInfo& info) {
    Size best{256, 256};
    int most = 0;
    for (const auto& [width, height] : info.trained_sizes) {
        if (width * height > most) {
            most = width * height;
            best = {width, height};
        }
    }
    return best;
}

Result<Size> parse_size(std::string_view text) {
    const auto number = [](std::string_view digits, int& value) {
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return error == std::errc{} && end == digits.data() + digits.size() && value > 0 && value <= 8192;
    };
    Size size;
    const auto x = text.find('x');
    const bool good = x == std::string_view::npos
                          ? number(text, size.width)
                          : number(text.substr(0, x), size.width) && number(text.substr(x + 1), size.height);
    if (!good) {
        return fail("size", fmt::format("'{}' is not a size", text),
                    "Use N or WxH in pixels, for example 64 or 128x96, at most 8192.");
    }
    if (x == std::string_view::npos) {
        size.height = size.width;
    }
    return size;
}

std::string outside_training(const WeightsInfo& info, Size size, std::size_t input_views, float foreground,
                             const std::optional<GenerationSpec>& origin) {
    std::vector<std::string> reasons;
    if (!info.families.empty() &&
        (!origin || std::ranges::find(info.families, origin->family->name) == info.families.end())) {
        reasons.push_back(fmt::format("the scene is {} (trained on generated {} alone)",
                                      origin ? "of the family " + origin->family->name : "of no known family",
                                      fmt::join(info.families, " and ")));
    }
    if (!info.trained_sizes.empty()) {
        std::vector<std::string> sizes;
        bool known = false;
        for (const auto& [width, height] : info.trained_sizes) {
            known = known || Size{width, height} == size;
            sizes.push_back(fmt::format("{}x{}", width, height));
        }
        if (!known) {
            reasons.push_back(fmt::format("the size is {}x{} (trained on {})", size.width, size.height,
                                          fmt::join(sizes, ", ")));
        }
    }
    if (info.background == "white" && foreground > white_background_limit) {
        reasons.push_back(
            fmt::format("the photos have a background (trained on white; {:.0f} % of the pixels are not)",
                        foreground * 100));
    }
    // More views than in training improve the rendering; only fewer deserve a warning.
    if (info.trained_views && input_views < static_cast<std::size_t>((*info.trained_views)[0])) {
        reasons.push_back(fmt::format("there are {} input views (trained with {} to {})", input_views,
                                      (*info.trained_views)[0], (*info.trained_views)[1]));
    }
    if (reasons.empty()) {
        return {};
    }
    return fmt::format("these weights were trained for something else, expect poor images: {}",
                       fmt::join(reasons, "; "));
}

}  // namespace lact
