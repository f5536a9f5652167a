#include "engine/session/engine_speed.h"

#include "engine/core/counted.h"
#include "engine/session/parts.h"
#include "engine/session/timing.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <functional>
#include <numbers>
#include <random>

#include <ATen/ATen.h>
#include <Eigen/Geometry>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>
#include <sys/resource.h>

namespace lact {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// A camera that looks at the origin, after this fraction of a turn around it.
Camera camera_on_circle(double turn, Size size) {
    constexpr double distance = 2.66;  // As in training.
    const double angle = 2 * std::numbers::pi * turn;
    const Eigen::Vector3d position(distance * std::cos(angle), distance * std::sin(angle), 0.8);
    const Eigen::Vector3d forward = -position.normalized();
    const Eigen::Vector3d right = forward.cross(Eigen::Vector3d::UnitZ()).normalized();
    Eigen::Matrix4d c2w = Eigen::Matrix4d::Identity();
    c2w.block<3, 1>(0, 0) = right;
    c2w.block<3, 1>(0, 1) = forward.cross(right);
    c2w.block<3, 1>(0, 2) = forward;
    c2w.block<3, 1>(0, 3) = position;
    const double focal = size.width;
    return {size.width, size.height, focal, focal, size.width / 2.0, size.height / 2.0, c2w};
}

/// Views of random pixels: what they show does not change the time.
std::vector<PreparedView> random_views(const EngineWorkload& work) {
    std::mt19937 random(1);
    std::uniform_real_distribution<float> values(0, 1);
    std::vector<PreparedView> views(work.inputs);
    for (std::size_t i = 0; i < views.size(); ++i) {
        ImageF image{work.size.width, work.size.height, {}};
        image.rgb.resize(static_cast<std::size_t>(work.size.width) *
                         static_cast<std::size_t>(work.size.height) * 3);
        std::ranges::generate(image.rgb, [&] { return values(random); });
        views[i].index = i;
        views[i].image = std::make_shared<const ImageF>(std::move(image));
        views[i].camera =
            camera_on_circle(static_cast<double>(i) / static_cast<double>(work.inputs), work.size);
    }
    return views;
}

std::vector<Camera> target_cameras(const EngineWorkload& work) {
    std::vector<Camera> cameras;
    for (std::size_t i = 0; i < work.batch; ++i) {
        cameras.push_back(
            camera_on_circle((static_cast<double>(i) + 0.37) / static_cast<double>(work.batch), work.size));
    }
    return cameras;
}

Result<void> check_workload(const EngineWorkload& work, bool on_cpu) {
    if (work.inputs < 1 || work.batch < 1 || work.repeats < 1) {
        return fail("workload", fmt::format("{}, {} at once, {}: each must be at least 1",
                                            counted(work.inputs, "input view"), counted(work.batch, "view"),
                                            counted(work.repeats, "repeat")));
    }
    if (work.processor_time && !on_cpu) {
        return fail("clock", "processor time does not measure a GPU", "Use --clock wall.");
    }
    return {};
}

double operations_to_first_view(const ModelConfig& config, const UpdateRule& rule,
                                const EngineWorkload& work) {
    return set_up_operations(config, rule, work.inputs, work.size).total() +
           render_operations(config, rule, work.size).total();
}

/// What is timed can be stopped, but reports nothing: its reports would be part of its time.
Job stop_of(const Job& job) {
    return {{}, {}, job.stop};
}

/// Times `run`, which gets the number of the repeat; the first run is not counted.
Result<WorkTimes> timed_runs(const EngineWorkload& work, double operations, const Job& job,
                             const std::function<Result<void>(int)>& run) {
    constexpr int least = 3;
    WorkTimes times;
    times.operations = operations;
    LACT_CHECK(run(0));
    const auto began = SteadyClock::now();
    for (int i = 0; i < work.repeats; ++i) {
        const bool late = std::chrono::duration<double>(SteadyClock::now() - began).count() > work.seconds;
        if (i >= least && late) {
            break;
        }
        if (job.stopped()) {
            return cancelled();
        }
        const double start = clock_milliseconds(work.processor_time);
        LACT_CHECK(run(i + 1));
        times.milliseconds.push_back(clock_milliseconds(work.processor_time) - start);
        job.progress("Measuring", static_cast<double>(i + 1) / work.repeats);
    }
    return times;
}

}  // namespace

double WorkTimes::median() const {
    return median_of_times(milliseconds);
}

double WorkTimes::p95() const {
    std::vector<double> sorted = milliseconds;
    std::ranges::sort(sorted);
    const auto place = static_cast<std::size_t>(std::ceil(0.95 * static_cast<double>(sorted.size())));
    return sorted[std::max<std::size_t>(place, 1) - 1];
}

Result<WorkTimes> time_rendering(std::shared_ptr<const Model> model, const UpdateRule& rule,
                                 const EngineWorkload& work, const Job& job) {
    LACT_CHECK(check_workload(work, model->on_cpu()));
    const double operations = render_operations(model->config(), rule, work.size).total();
    Session session(std::move(model));
    LACT_CHECK(session.set_up(random_views(work), rule, stop_of(job)));
    const std::vector<Camera> cameras = target_cameras(work);
    LACT_TRY(WorkTimes times, timed_runs(work, operations, job, [&](int) -> Result<void> {
                 LACT_CHECK(session.render(cameras, stop_of(job), work.batch));
                 return {};
             }));
    for (double& one : times.milliseconds) {
        one /= static_cast<double>(work.batch);
    }
    return times;
}

Result<WorkTimes> time_set_up(std::shared_ptr<const Model> model, const UpdateRule& rule,
                              const EngineWorkload& work, const Job& job) {
    LACT_CHECK(check_workload(work, model->on_cpu()));
    const double operations = set_up_operations(model->config(), rule, work.inputs, work.size).total();
    const std::vector<PreparedView> views = random_views(work);
    Session session(std::move(model));
    return timed_runs(work, operations, job, [&](int) -> Result<void> {
        LACT_CHECK(session.set_up(views, rule, stop_of(job)));
        return {};
    });
}

Result<WorkTimes> time_switch(std::shared_ptr<const Model> model, const UpdateRule& rule,
                              const UpdateRule& other, const EngineWorkload& work, const Job& job) {
    LACT_CHECK(check_workload(work, model->on_cpu()));
    const double mean = (operations_to_first_view(model->config(), rule, work) +
                         operations_to_first_view(model->config(), other, work)) /
                        2;
    const std::vector<PreparedView> views = random_views(work);
    const Camera camera = target_cameras(work).front();
    Session session(model);
    return timed_runs(work, mean, job, [&](int run) -> Result<void> {
        LACT_CHECK(session.set_up(views, run % 2 == 0 ? rule : other, stop_of(job)));
        LACT_CHECK(session.render(camera, stop_of(job)));
        return {};
    });
}

Result<WorkTimes> time_start(const std::filesystem::path& weights, const ComputeOptions& compute,
                             const UpdateRule& rule, const EngineWorkload& work, const Job& job) {
    double operations = 0;
    const std::vector<PreparedView> views = random_views(work);
    const Camera camera = target_cameras(work).front();
    LACT_TRY(WorkTimes times, timed_runs(work, 0, job, [&](int) -> Result<void> {
                 LACT_TRY(auto model, Model::load(weights, compute));
                 LACT_CHECK(check_workload(work, model->on_cpu()));
                 operations = operations_to_first_view(model->config(), rule, work);
                 Session session(std::move(model));
                 LACT_CHECK(session.set_up(views, rule, stop_of(job)));
                 LACT_CHECK(session.render(camera, stop_of(job)));
                 return {};
             }));
    times.operations = operations;
    return times;
}

Result<double> matrix_product_rate(const Model& model, const EngineWorkload& work) {
    try {
        const c10::InferenceMode guard;
        const Network& network = model.parts().network;
        const std::int64_t side = model.on_cpu() ? 1024 : 8192;
        const auto options = at::TensorOptions(network.type()).device(network.device());
        const at::Tensor a = at::randn({side, side}, options);
        const at::Tensor b = at::randn({side, side}, options);
        const double operations = 2.0 * std::pow(static_cast<double>(side), 3);
        EngineWorkload several = work;
        several.repeats = 7;
        several.seconds = 5;
        LACT_TRY(const WorkTimes times, timed_runs(several, operations, {}, [&](int) -> Result<void> {
                     (void)at::mm(a, b).flatten()[0].item<float>();  // Waits for a GPU.
                     return {};
                 }));
        return times.gflops();
    } catch (const std::exception& problem) {
        return tl::unexpected<Error>(engine_error("matrix products", problem));
    }
}

PeakMemory peak_memory(const Model& model) {
    PeakMemory memory;
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        memory.main = static_cast<std::size_t>(usage.ru_maxrss) * 1024;
    }
    const at::Device device = model.parts().network.device();
    if (!device.is_cpu()) {
        auto* allocator = dynamic_cast<c10::DeviceAllocator*>(c10::GetAllocator(device.type()));
        if (allocator != nullptr) {
            const auto stats = allocator->getDeviceStats(device.index() < 0 ? 0 : device.index());
            constexpr auto all = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);
            memory.device = static_cast<std::size_t>(stats.allocated_bytes.at(all).peak);
        }
    }
    return memory;
}

}  // namespace lact
