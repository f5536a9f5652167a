#include "engine/train/held_out.h"

#include "engine/core/counted.h"
#include "engine/metrics/metrics.h"
#include "engine/model/rays.h"
#include "engine/session/parts.h"

#include <algorithm>
#include <cmath>
#include <exception>

#include <ATen/ATen.h>
#include <fmt/format.h>

namespace lact {
namespace {

/// A mean that leaves out NaN, the score of what is not there.
class Mean {
  public:
    void add(double value) {
        if (!std::isnan(value)) {
            sum_ += value;
            ++count_;
        }
    }
    /// Without leaving out: the mean of a rendering that is not finite is NaN.
    void add_all(double value) {
        sum_ += value;
        ++count_;
    }
    [[nodiscard]] double value() const { return count_ > 0 ? sum_ / count_ : std::nan(""); }

  private:
    double sum_ = 0;
    int count_ = 0;
};

struct Means {
    Mean psnr, foreground, ssim, nearest, white, silhouette;
};

/// Images of views [first, end) of the scenes as fp32 [b, v, 3, h, w] in [0, 1].
at::Tensor images_of(std::span<const EvaluationScene> scenes, std::size_t first, std::size_t end) {
    std::vector<at::Tensor> all;
    for (const EvaluationScene& scene : scenes) {
        std::vector<ImageF> images;
        for (std::size_t i = first; i < end; ++i) {
            images.push_back(to_image_f(scene.images[i]));
        }
        std::vector<const ImageF*> pointers;
        for (const ImageF& image : images) {
            pointers.push_back(&image);
        }
        all.push_back(to_tensor(pointers));
    }
    return at::cat(all);
}

at::Tensor poses_of(std::span<const EvaluationScene> scenes, std::size_t first, std::size_t end) {
    std::vector<at::Tensor> all;
    for (const EvaluationScene& scene : scenes) {
        all.push_back(pose_channels(std::span(scene.cameras).subspan(first, end - first)));
    }
    return at::stack(all);
}

Result<at::Tensor> predictions(const Network& network, const UpdateRule& rule,
                               std::span<const EvaluationScene> scenes, const Job& job) {
    const std::size_t inputs = scenes.front().inputs;
    const std::size_t views = scenes.front().images.size();
    const auto posed = at::cat({poses_of(scenes, 0, inputs), images_of(scenes, 0, inputs) * 2 - 1}, 2);
    const Job quiet{{}, {}, job.stop};
    LACT_TRY(const SceneState state, set_up(network, rule, posed, quiet));
    constexpr std::size_t at_once = 8;  // Targets of one pass: bounds the memory.
    std::vector<at::Tensor> parts;
    for (std::size_t first = inputs; first < views; first += at_once) {
        const auto pose = poses_of(scenes, first, std::min(views, first + at_once));
        LACT_TRY(auto part, render(network, rule, state, pose, quiet));
        parts.push_back(part.to(at::kCPU));
    }
    return at::cat(parts, 1);
}

void score(const EvaluationScene& scene, const at::Tensor& made, bool with_ssim, Means& means) {
    for (std::size_t t = 0; t < scene.targets(); ++t) {
        const ImageF ground_truth = to_image_f(scene.images[scene.inputs + t]);
        const ImageF image = to_image(made[static_cast<int64_t>(t)]);
        const BaselineScore baseline = baseline_score(scene, t);
        const double db = psnr(image, ground_truth);
        // What a view has no figure for is left out, but not what a broken rendering has none for.
        const auto count_in = [broken = std::isnan(db)](Mean& mean, double value) {
            if (broken) {
                mean.add_all(value);
            } else {
                mean.add(value);
            }
        };
        means.psnr.add_all(smaller_or_nan(exact_match_db, db));
        count_in(means.foreground, smaller_or_nan(exact_match_db, psnr_foreground(image, ground_truth)));
        if (with_ssim) {
            count_in(means.ssim, ssim(image, ground_truth));
        }
        means.nearest.add(baseline.nearest_view);
        means.white.add(baseline.white);
        means.silhouette.add(baseline.silhouette);
    }
}

/// The number of leading scenes, at most `most`, with the same numbers of views and the same size.
std::size_t alike(std::span<const EvaluationScene> scenes, std::size_t most) {
    const EvaluationScene& first = scenes.front();
    std::size_t count = 1;
    while (count < std::min(most, scenes.size()) && scenes[count].inputs == first.inputs &&
           scenes[count].images.size() == first.images.size() &&
           scenes[count].images.front().width == first.images.front().width &&
           scenes[count].images.front().height == first.images.front().height) {
        ++count;
    }
    return count;
}

Result<void> check(const Network& network, const UpdateRule& rule, std::span<const EvaluationScene> scenes) {
    const ModelConfig& config = network.config();
    if (auto reason = incompatibility(rule, config.ttt_head, config.fast_hidden(), config.query_is_key);
        !reason.empty()) {
        return fail("rule", std::move(reason));
    }
    if (scenes.empty()) {
        return fail("held-out scenes", "there are none");
    }
    for (const EvaluationScene& scene : scenes) {
        if (scene.inputs == 0 || scene.inputs >= scene.images.size()) {
            return fail(scene.name,
                        fmt::format("has {}, {} as input: at least one input and one target are needed",
                                    counted(scene.images.size(), "view"), scene.inputs));
        }
    }
    return {};
}

Result<HeldOutScore> measure_checked(const Network& network, const UpdateRule& rule,
                                     std::span<const EvaluationScene> scenes, const MeasureOptions& options,
                                     const Job& job) {
    const c10::InferenceMode no_gradients;
    HeldOutScore result;
    Means means;
    for (std::size_t first = 0; first < scenes.size();) {
        job.progress("measuring held-out views",
                     static_cast<double>(first) / static_cast<double>(scenes.size()));
        const std::size_t count = alike(scenes.subspan(first), std::max<std::size_t>(1, options.batch));
        const auto some = scenes.subspan(first, count);
        LACT_TRY(const at::Tensor made, predictions(network, rule, some, job));
        for (std::size_t i = 0; i < count; ++i) {
            const auto views = made[static_cast<int64_t>(i)];
            score(some[i], views, options.ssim, means);
            result.views += some[i].targets();
            if (options.images != nullptr && options.images->size() < options.image_count) {
                options.images->push_back({some[i].images[some[i].inputs], to_image8(to_image(views[0]))});
            }
        }
        first += count;
    }
    job.progress("measuring held-out views", 1);
    result.scenes = scenes.size();
    result.psnr = means.psnr.value();
    result.psnr_foreground = means.foreground.value();
    result.ssim = options.ssim ? means.ssim.value() : 0;
    result.baseline = {means.nearest.value(), means.white.value(), means.silhouette.value()};
    return result;
}

}  // namespace

Result<HeldOutScore> measure_network(const Network& network, const UpdateRule& rule,
                                     std::span<const EvaluationScene> scenes, const MeasureOptions& options,
                                     const Job& job) {
    LACT_CHECK(check(network, rule, scenes));
    try {
        return measure_checked(network, rule, scenes, options, job);
    } catch (const std::exception& problem) {
        return tl::unexpected<Error>(engine_error("held-out scenes", problem));
    }
}

Result<HeldOutScore> measure(const Model& model, const UpdateRule& rule,
                             std::span<const EvaluationScene> scenes, const MeasureOptions& options,
                             const Job& job) {
    return measure_network(model.parts().network, rule, scenes, options, job);
}

}  // namespace lact
