#include "engine/session/load_scene.h"

#include "engine/core/counted.h"
#include "engine/scene/select_views.h"
#include "engine/scene/view_policy.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <numeric>
#include <utility>

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
    if (request.leave_out_inputs) {
        if (auto named = named_inputs(request.inputs, files.views.size()); !named.there.empty()) {
            return std::move(named.there);
        }
    } else if (!request.inputs.empty()) {
        return request.inputs;
    }
    std::vector<InputCandidate> views;
    for (std::size_t i = 0; i < poses.size(); ++i) {
        views.push_back({poses[i].block<3, 1>(0, 3), files.views[i].test, files.views[i].outlying});
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

/// Views of a scene that are chosen and placed, before any is decoded.
struct Choice {
    Placement placement;
    std::vector<std::size_t> inputs;
    std::vector<std::size_t> targets;
    bool all = false;  ///< No targets were asked for: every view is decoded, those that are none, too.

    [[nodiscard]] std::vector<std::size_t> needed(std::size_t views) const {
        if (all) {
            return all_but(views, {});
        }
        std::vector<std::size_t> some = inputs;
        some.insert(some.end(), targets.begin(), targets.end());
        std::ranges::sort(some);
        some.erase(std::ranges::unique(some).begin(), some.end());
        return some;
    }
};

/// Every view that is no input. A photo beside a wrong camera measures nothing: outlying views are left out
/// where others are there.
std::vector<std::size_t> default_targets(const SceneFiles& files, const std::vector<std::size_t>& inputs) {
    const std::vector<std::size_t> rest = all_but(files.views.size(), inputs);
    std::vector<std::size_t> fitting;
    std::ranges::copy_if(rest, std::back_inserter(fitting),
                         [&](std::size_t index) { return !files.views[index].outlying; });
    return fitting.empty() ? rest : fitting;
}

Result<Choice> choose_views(const SceneFiles& files, const SceneRequest& request, const WeightsInfo& info) {
    const std::string folder = files.folder.string();
    const std::size_t views = files.views.size();
    Choice choice{{choose_normalization(files, request.normalization), camera_radius(info)}, {}, {}, {}};
    choice.inputs = choose_inputs(
        files, normalized_poses(files, choice.placement.normalization.normalization, choice.placement.radius),
        request);
    if (choice.inputs.empty()) {
        return fail(folder, "no input view was chosen", "Ask for at least one.");
    }
    choice.targets = request.targets.value_or(default_targets(files, choice.inputs));
    choice.all = !request.targets.has_value();
    LACT_CHECK(check_indices(folder, views, choice.inputs, "input"));
    LACT_CHECK(check_indices(folder, views, choice.targets, "target"));
    return choice;
}

/// What is said about the inputs that were chosen of a scene with so many views.
std::vector<SceneRemark> remarks_about_inputs(const SceneRequest& request, std::size_t views,
                                              std::size_t inputs) {
    if (request.inputs.empty() && request.input_count > inputs) {
        return {
            SceneRemark{RemarkKind::training,
                        {},
                        fmt::format("{} asked for; the scene has {} neither kept for testing nor outlying.",
                                    counted(request.input_count, "input view was", "input views were"),
                                    counted(inputs, "view that is", "views that are"))}};
    }
    if (std::string left_out = named_inputs(request.inputs, views).sentence(views);
        request.leave_out_inputs && !left_out.empty()) {
        return {SceneRemark{RemarkKind::left_out, {}, std::move(left_out)}};
    }
    return {};
}

/// A scene while its photos are decoded. Views that cannot be are taken out, and the choice is made again of
/// the others, until all chosen views are decoded. An index counts the views that can be decoded, and depends
/// on those before it: they are decoded, too.
class Decoder {
  public:
    Decoder(SceneFiles files, SceneRequest request)
        : files_(std::move(files)), request_(std::move(request)), count_(files_.views.size()) {}

    /// The choice whose views are all decoded.
    Result<Choice> decode(Size size, const WeightsInfo& info, const Job& job) {
        while (true) {
            LACT_TRY(Choice choice, choose_views(files_, request_, info).map_error([this](Error error) {
                return with_left_out(std::move(error));
            }));
            const std::vector<std::size_t> needed = choice.needed(files_.views.size());
            std::vector<std::size_t> missing;
            std::ranges::set_difference(with_those_before(needed), indices_of(views_),
                                        std::back_inserter(missing));
            LACT_TRY(DecodedViews decoded, decode_views(files_, missing, size, job));
            views_.insert(views_.end(), std::make_move_iterator(decoded.views.begin()),
                          std::make_move_iterator(decoded.views.end()));
            std::ranges::sort(views_, {}, &PreparedView::index);
            if (decoded.failures.empty()) {
                keep(needed);
                return choice;
            }
            LACT_CHECK(leave_out(std::move(decoded.failures)));
        }
    }

    /// The files with the remarks about what was left out.
    [[nodiscard]] SceneFiles files() && {
        for (SceneRemark& remark : remarks_of(notes_, count_)) {
            files_.remarks.push_back(std::move(remark));
        }
        return std::move(files_);
    }
    [[nodiscard]] std::vector<PreparedView> views() && { return std::move(views_); }

  private:
    static std::vector<std::size_t> indices_of(const std::vector<PreparedView>& views) {
        std::vector<std::size_t> indices(views.size());
        std::ranges::transform(views, indices.begin(), &PreparedView::index);
        return indices;
    }

    /// `needed` and the views before the last one that the request names.
    [[nodiscard]] std::vector<std::size_t> with_those_before(const std::vector<std::size_t>& needed) const {
        const std::size_t before = std::min(named_views(request_), files_.views.size());
        std::vector<std::size_t> all(before);
        std::iota(all.begin(), all.end(), std::size_t{0});
        std::ranges::copy_if(needed, std::back_inserter(all),
                             [before](std::size_t index) { return index >= before; });
        return all;
    }

    /// An index that is not there may be one of the file: says what does not count.
    [[nodiscard]] Error with_left_out(Error error) const {
        if (!notes_.left_out.empty() && error.hint.empty()) {
            error.hint = fmt::format("{} that cannot be used {} not count, such as {}, which {}.",
                                     counted(notes_.left_out.size(), "photo"),
                                     notes_.left_out.size() == 1 ? "does" : "do",
                                     notes_.left_out.front().name, notes_.left_out.front().error.what);
        }
        return error;
    }

    /// Views of an earlier choice, and those before the named ones, are dropped; the flags of the others
    /// follow the files.
    void keep(const std::vector<std::size_t>& needed) {
        std::erase_if(views_, [&](const PreparedView& view) {
            return !std::ranges::binary_search(needed, view.index);
        });
        for (PreparedView& view : views_) {
            view.outlying = files_.views[view.index].outlying;
        }
    }

    Result<void> leave_out(std::vector<DecodedViews::Failure> failures) {
        std::vector<std::size_t> gone;
        for (DecodedViews::Failure& failure : failures) {
            gone.push_back(failure.index);
            const SceneView& view = files_.views[failure.index];
            notes_.left_out.push_back(
                {failure.defect, view.image.filename().string(), std::move(failure.error)});
        }
        for (auto index = gone.rbegin(); index != gone.rend(); ++index) {
            files_.views.erase(files_.views.begin() + static_cast<std::ptrdiff_t>(*index));
        }
        LACT_CHECK(check_enough(files_.views.size(), notes_, count_, files_.folder.string()));
        for (PreparedView& view : views_) {
            view.index -= static_cast<std::size_t>(std::ranges::lower_bound(gone, view.index) - gone.begin());
        }
        mark_outlying(files_);
        return {};
    }

    SceneFiles files_;
    SceneRequest request_;
    std::size_t count_;  ///< Of views that were read.
    ViewNotes notes_;
    std::vector<PreparedView> views_;  ///< Decoded so far, by ascending index.
};

}  // namespace

std::string NamedInputs::sentence(std::size_t views) const {
    if (left_out.empty()) {
        return {};
    }
    constexpr std::size_t most = 8;
    const auto some = std::span(left_out).first(std::min(most, left_out.size()));
    return fmt::format("{} left out: {}{}; the scene has views 0 to {}, and takes each once",
                       counted(left_out.size(), "input view is", "input views are"), fmt::join(some, ", "),
                       some.size() < left_out.size() ? ", ..." : "", views - 1);
}

NamedInputs named_inputs(std::span<const std::size_t> inputs, std::size_t views) {
    NamedInputs named;
    for (const std::size_t index : inputs) {
        const bool taken = index >= views || std::ranges::find(named.there, index) != named.there.end();
        (taken ? named.left_out : named.there).push_back(index);
    }
    return named;
}

std::size_t named_views(const SceneRequest& request) {
    std::size_t count = 0;
    for (const std::size_t index : request.inputs) {
        count = std::max(count, index + 1);
    }
    for (const std::size_t index : request.targets.value_or(std::vector<std::size_t>())) {
        count = std::max(count, index + 1);
    }
    return count;
}

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
    const Size size = request.size.value_or(default_size(info));
    LACT_CHECK(check_size(config, size));
    Decoder decoder(std::move(files), request);
    LACT_TRY(Choice choice, decoder.decode(size, info, job));
    LoadedScene loaded;
    std::vector<PreparedView> views = std::move(decoder).views();
    loaded.set =
        assemble_view_set(request.path, std::move(decoder).files(), choice.placement, size, std::move(views));
    loaded.inputs = std::move(choice.inputs);
    loaded.targets = std::move(choice.targets);
    loaded.remarks = loaded.set->remarks;
    loaded.about_inputs = remarks_about_inputs(request, loaded.set->files.views.size(), loaded.inputs.size());
    std::ranges::copy(loaded.about_inputs, std::back_inserter(loaded.remarks));
    if (auto warning = outside_training(info, size, loaded.inputs.size(),
                                        mean_foreground(loaded.input_views()), origin_of(request.path));
        !warning.empty()) {
        loaded.remarks.push_back({RemarkKind::training, {}, std::move(warning)});
    }
    return loaded;
}

Size default_size(const WeightsInfo& info) {
    Size best{256, 256};
    std::int64_t most = 0;
    for (const auto& [width, height] : info.trained_sizes) {
        const std::int64_t pixels = std::int64_t{width} * height;
        if (pixels > most) {
            most = pixels;
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
    // Of unknown origin is any object: what the family "general" is for.
    const auto& family = origin ? origin->family->name : general_family().name;
    if (!info.families.empty() && std::ranges::find(info.families, family) == info.families.end()) {
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
    const auto most = static_cast<std::size_t>(info.trained_views ? (*info.trained_views)[1] : 0);
    if (info.trained_views && input_views < static_cast<std::size_t>((*info.trained_views)[0])) {
        reasons.push_back(fmt::format("there {} {} (trained with {} to {})", input_views == 1 ? "is" : "are",
                                      counted(input_views, "input view"), (*info.trained_views)[0],
                                      (*info.trained_views)[1]));
    }
    if (reasons.empty() && info.trained_views && input_views > most) {
        // Not a reason to expect poor images: what more views do to them differs from scene to scene.
        return fmt::format("{} input views, more than in training ({} to {}): whether they help is not known",
                           input_views, (*info.trained_views)[0], most);
    }
    if (reasons.empty()) {
        return {};
    }
    return fmt::format("outside the training range: expect poor images, as {}", fmt::join(reasons, "; "));
}

}  // namespace lact
