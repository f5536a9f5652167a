#include "engine/train/batch_loader.h"

#include "engine/model/rays.h"

#include <algorithm>
#include <array>
#include <exception>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

namespace lact {
namespace {

/// Lowers the priority of the calling thread below that of training.
void lower_priority() {
    constexpr int niceness = 10;
    // On Linux this acts on the calling thread alone. A failure is harmless.
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness);
}

// Plain loops without tensor arithmetic: Torch would start a thread pool for each loader thread.
void write_camera(const Camera& camera, std::span<float> intrinsics, std::span<float> c2w) {
    const std::array<double, 4> values{camera.fx, camera.fy, camera.cx, camera.cy};
    std::transform(values.begin(), values.end(), intrinsics.begin(),
                   [](double value) { return static_cast<float>(value); });
    for (Eigen::Index i = 0; i < 16; ++i) {
        c2w[static_cast<std::size_t>(i)] = static_cast<float>(camera.c2w(i / 4, i % 4));
    }
}

/// The values of view `i` of all views of a batch.
std::span<float> part(const at::Tensor& tensor, std::size_t i, std::size_t length) {
    return {tensor.data_ptr<float>() + i * length, length};
}

}  // namespace

Batch make_batch(BatchPlan plan, DrawnScenes& scenes) {
    const auto samples = static_cast<int64_t>(plan.samples.size());
    const int64_t views = plan.inputs + plan.targets;
    const int size = plan.size;
    Batch batch{std::move(plan),
                at::empty({samples, views, 3, size, size}, at::kFloat),
                at::empty({samples, views, 4}, at::kFloat),
                at::empty({samples, views, 4, 4}, at::kFloat),
                {}};
    const std::size_t pixels = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
    std::size_t i = 0;
    // Geometry exists where the drawing function makes positions.
    for (const SamplePlan& sample : batch.plan.samples) {
        const auto scene = scenes.get(*sample.family, sample.seed, size);
        for (const int view : sample.views) {
            const auto v = static_cast<std::size_t>(view);
            write_augmented(std::span(scene->rgb).subspan(v * pixels * 3, pixels * 3), size,
                            sample.augmentation, part(batch.images, i, 3 * pixels));
            if (!scene->position.empty()) {
                if (!batch.geometry.defined()) {
                    batch.geometry = at::empty({samples, views, 4, size, size}, at::kFloat);
                    std::fill_n(batch.geometry.data_ptr<float>(), batch.geometry.numel(), 0.0F);
                }
                write_augmented_geometry(std::span(scene->mask).subspan(v * pixels, pixels),
                                         std::span(scene->position).subspan(v * pixels * 3, pixels * 3), size,
                                         sample.augmentation, part(batch.geometry, i, 4 * pixels));
            }
            write_camera(augmented(scene->cameras.at(v), sample.augmentation), part(batch.intrinsics, i, 4),
                         part(batch.c2w, i, 16));
            ++i;
        }
    }
    return batch;
}

TrainingViews training_views(const Batch& batch, at::Device device, std::int64_t first, std::int64_t last) {
    const auto part = [&](const at::Tensor& all) { return all.slice(0, first, last).to(device); };
    const auto images = part(batch.images);
    const auto channels =
        pose_channels(part(batch.intrinsics), part(batch.c2w), batch.plan.size, batch.plan.size);
    const int64_t inputs = batch.plan.inputs;
    return {at::cat({channels.slice(1, 0, inputs), images.slice(1, 0, inputs) * 2 - 1}, 2),
            channels.slice(1, inputs).contiguous(), images.slice(1, inputs).contiguous(),
            batch.geometry.defined() ? part(batch.geometry).slice(1, inputs).contiguous() : at::Tensor()};
}

TrainingViews training_views(const Batch& batch, at::Device device) {
    return training_views(batch, device, 0, batch.images.size(0));
}

BatchLoader::BatchLoader(const SampleOrder& order, long long first_step, DrawScene draw, int threads,
                         int ahead)
    : order_(order),
      scenes_(std::move(draw), order.config().cache.views, order.cache_capacity()),
      ahead_(std::max(1, ahead)),
      to_make_(first_step),
      to_take_(first_step) {
    for (int i = 0; i < std::max(1, threads); ++i) {
        threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
    }
}

BatchLoader::~BatchLoader() {
    for (std::jthread& thread : threads_) {
        thread.request_stop();
    }
}

void BatchLoader::work(const std::stop_token& stop) {
    lower_priority();
    while (true) {
        long long step = 0;
        {
            std::unique_lock lock(mutex_);
            const bool room = changed_.wait(lock, stop, [this] { return to_make_ < to_take_ + ahead_; });
            if (!room || stop.stop_requested() || to_make_ >= order_.steps()) {
                return;
            }
            step = to_make_++;
        }
        Result<Batch> batch = fail("", "");
        try {
            batch = make_batch(order_.batch(step), scenes_);
        } catch (const std::exception& error) {
            batch =
                fail("training data", fmt::format("step {} could not be prepared: {}", step, error.what()));
        }
        const std::lock_guard lock(mutex_);
        prepared_.emplace(step, std::move(batch));
        changed_.notify_all();
    }
}

Result<Batch> BatchLoader::next(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    if (to_take_ >= order_.steps()) {
        return fail("training data", fmt::format("all {} batches were returned", order_.steps()));
    }
    if (!changed_.wait(lock, stop, [this] { return prepared_.contains(to_take_); })) {
        return cancelled();
    }
    auto node = prepared_.extract(to_take_++);
    changed_.notify_all();
    return std::move(node.mapped());
}

}  // namespace lact
