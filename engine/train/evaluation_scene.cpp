#include "engine/train/evaluation_scene.h"

#include "engine/core/counted.h"
#include "engine/core/parallel.h"
#include "engine/metrics/metrics.h"
#include "engine/scene/select_views.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <numeric>

#include <fmt/format.h>

namespace lact {
namespace {

EvaluationScene from_generated(const GeneratedViews& views, std::string name, int inputs) {
    EvaluationScene scene{std::move(name), static_cast<std::size_t>(inputs), {}, views.cameras};
    const std::size_t bytes = static_cast<std::size_t>(views.size) * static_cast<std::size_t>(views.size) * 3;
    for (std::size_t i = 0; i < views.cameras.size(); ++i) {
        const auto begin = views.rgb.begin() + static_cast<std::ptrdiff_t>(i * bytes);
        scene.images.push_back(
            {views.size, views.size, 3, {begin, begin + static_cast<std::ptrdiff_t>(bytes)}});
    }
    return scene;
}

/// The image with every pixel that is not white replaced by the mean colour of those pixels.
ImageF silhouette(const ImageF& ground_truth) {
    constexpr float white = 254.0F / 255.0F;
    const auto is_object = [&](std::size_t pixel) {
        return std::min({ground_truth.rgb[pixel], ground_truth.rgb[pixel + 1], ground_truth.rgb[pixel + 2]}) <
               white;
    };
    std::array<double, 3> mean{};
    double count = 0;
    for (std::size_t at = 0; at + 2 < ground_truth.rgb.size(); at += 3) {
        if (is_object(at)) {
            for (std::size_t c = 0; c < 3; ++c) {
                mean[c] += static_cast<double>(ground_truth.rgb[at + c]);
            }
            ++count;
        }
    }
    ImageF filled = ground_truth;
    for (std::size_t at = 0; at + 2 < ground_truth.rgb.size(); at += 3) {
        for (std::size_t c = 0; c < 3; ++c) {
            filled.rgb[at + c] = is_object(at) ? static_cast<float>(mean[c] / count) : 1.0F;
        }
    }
    return filled;
}

}  // namespace

Result<std::vector<EvaluationScene>> draw_evaluation_scenes(const WorldFamily& family,
                                                            std::span<const std::uint64_t> seeds, int inputs,
                                                            int targets, int size, const DrawScene& draw,
                                                            const Job& job) {
    std::vector<EvaluationScene> scenes(seeds.size());
    std::atomic<std::size_t> done{0};
    std::atomic<bool> failed{false};
    parallel_for(seeds.size(), [&](std::size_t i) {
        if (job.stopped()) {
            return;
        }
        try {
            scenes[i] = from_generated(draw(family, seeds[i], inputs + targets, size),
                                       fmt::format("seed {}", seeds[i]), inputs);
        } catch (const std::exception&) {
            failed = true;
        }
        ++done;
    });
    if (job.stopped()) {
        return cancelled();
    }
    if (failed) {
        return fail("held-out scenes",
                    fmt::format("{} of {} at {}x{} could not be drawn", counted(seeds.size(), "scene"),
                                counted(inputs + targets, "view"), size, size),
                    "Measure fewer scenes: there may be too little memory.");
    }
    return scenes;
}

EvaluationScene evaluation_scene(const LoadedScene& scene) {
    EvaluationScene result{scene.set->files.name, scene.inputs.size(), {}, {}};
    for (const auto* indices : {&scene.inputs, &scene.targets}) {
        for (const std::size_t index : *indices) {
            const PreparedView& view = scene.set->view(index);
            result.images.push_back(to_image8(*view.image));
            result.cameras.push_back(view.camera);
        }
    }
    return result;
}

BaselineScore baseline_score(const EvaluationScene& scene, std::size_t target) {
    const ImageF ground_truth = to_image_f(scene.images.at(scene.inputs + target));
    std::vector<Eigen::Vector3d> positions;
    for (std::size_t i = 0; i < scene.inputs; ++i) {
        positions.push_back(scene.cameras[i].position());
    }
    std::vector<std::size_t> all(scene.inputs);
    std::iota(all.begin(), all.end(), std::size_t{0});
    const std::size_t nearest = nearest_view(positions, all, scene.cameras[scene.inputs + target].position());
    ImageF white = ground_truth;
    std::fill(white.rgb.begin(), white.rgb.end(), 1.0F);
    return {smaller_or_nan(exact_match_db, psnr(to_image_f(scene.images[nearest]), ground_truth)),
            smaller_or_nan(exact_match_db, psnr(white, ground_truth)),
            smaller_or_nan(exact_match_db, psnr(silhouette(ground_truth), ground_truth))};
}

}  // namespace lact
