#include "engine/session/evaluate.h"

#include "engine/metrics/metrics.h"
#include "engine/scene/camera.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

namespace lact {
namespace {

/// Leaves out the views that have no such figure. NaN of a rendering that is not finite stays.
double mean_of(const std::vector<ViewScore>& views, double ViewScore::*field) {
    double sum = 0;
    int count = 0;
    for (const ViewScore& view : views) {
        if (std::isnan(view.psnr) || !std::isnan(view.*field)) {
            sum += view.*field;
            ++count;
        }
    }
    return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

const PreparedView& nearest_input(std::span<const PreparedView> inputs, const PreparedView& target) {
    const auto distance_of = [&target](const PreparedView& input) {
        return (input.camera.position() - target.camera.position()).norm();
    };
    double farthest = 0;
    double nearest = std::numeric_limits<double>::infinity();
    for (const PreparedView& input : inputs) {
        farthest = std::max(farthest, distance_of(input));
        nearest = std::min(nearest, distance_of(input));
    }
    // Of cameras at the same place, as in a panorama, the one that looks the same way.
    constexpr double same_place = 1e-3;
    std::vector<Camera> cameras;
    std::vector<std::size_t> close;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (distance_of(inputs[i]) <= nearest + same_place * farthest) {
            close.push_back(i);
            cameras.push_back(inputs[i].camera);
        }
    }
    const auto found = nearest_camera(cameras, target.camera, std::numeric_limits<double>::infinity());
    return inputs[close[found ? found->index : 0]];
}

}  // namespace

Result<Evaluation> evaluate(Session& session, const LoadedScene& scene, const Job& job,
                            std::vector<Frame>* frames) {
    if (scene.targets.empty()) {
        return fail(scene.set->files.folder.string(), "there is no view left to compare with: all are inputs",
                    "Use fewer input views, or name targets.");
    }
    Evaluation result;
    const std::vector<PreparedView> inputs = scene.input_views();
    const std::vector<PreparedView> targets = scene.target_views();
    for (std::size_t i = 0; i < targets.size(); ++i) {
        if (job.stopped()) {
            return cancelled();
        }
        job.progress("rendering held-out views",
                     static_cast<double>(i) / static_cast<double>(targets.size()));
        const PreparedView& target = targets[i];
        const ImageF& photo = *target.image;
        LACT_TRY(Frame frame, session.render(target.camera, job));
        result.views.push_back({target.index, psnr(frame.image, photo), psnr_foreground(frame.image, photo),
                                psnr(*nearest_input(inputs, target).image, photo), ssim(frame.image, photo),
                                frame.milliseconds});
        if (frames != nullptr) {
            frames->push_back(std::move(frame));
        }
    }
    job.progress("rendering held-out views", 1);
    result.psnr = mean_of(result.views, &ViewScore::psnr);
    result.psnr_foreground = mean_of(result.views, &ViewScore::psnr_foreground);
    result.psnr_nearest_view = mean_of(result.views, &ViewScore::psnr_nearest_view);
    result.ssim = mean_of(result.views, &ViewScore::ssim);
    return result;
}

}  // namespace lact
