#include "engine/train/training_speed.h"

#include "engine/model/device.h"
#include "engine/model/rays.h"
#include "engine/train/data_parallel.h"
#include "engine/train/optimizer.h"
#include "engine/train/trainable_network.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace lact {

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

}  // namespace

void keep_freed_memory() {
#ifdef __GLIBC__
    constexpr int largest = 1 << 30;
    mallopt(M_MMAP_THRESHOLD, largest);
    mallopt(M_TRIM_THRESHOLD, largest);
#endif
}

Result<TrainingSpeed> measure_training_speed(const TrainingWorkload& work, const Job& job) {
    const ModelConfig& model = work.model;
    for (const int head : {model.ttt_head, model.attention_head}) {
        if (head < 1 || model.d < 1 || model.d % head != 0) {
            return fail("workload",
                        fmt::format("the width {} is not a multiple of a head of {}", model.d, head));
        }
    }
    if (model.patch < 1 || work.size % model.patch != 0 || work.batch < 1 || work.inputs < 1 ||
        work.targets < 1 || work.steps < 1) {
        return fail("workload", "batch, inputs, targets and steps must be at least 1, and the size " +
                                    std::to_string(work.size) + " a multiple of the patch " +
                                    std::to_string(work.model.patch));
    }
    TrainingSpeed speed;
    speed.threads = work.threads > 0 ? work.threads : static_cast<int>(std::thread::hardware_concurrency());
    at::set_num_threads(speed.threads);
    keep_freed_memory();
    const TrainableNetwork network(work.model, work.rule, at::kCPU,
                                   work.precision == Precision::bf16 ? at::kBFloat16 : at::kFloat, 1);
    Optimizer optimizer(network.parameters(), {});
    speed.workers = worker_count(work.workers, speed.threads, work.batch);
    const DataParallel parallel(network.parameters(), speed.workers, speed.threads);
    const auto posed = at::rand({work.batch, work.inputs, 12, work.size, work.size});
    const auto pose = at::rand({work.batch, work.targets, 9, work.size, work.size});
    const auto ground_truth = at::rand({work.batch, work.targets, 3, work.size, work.size});
    const BatchTotals totals = batch_totals(ground_truth, {}, {});
    const auto loss = [&](std::int64_t first, std::int64_t last) {
        const auto images = network.forward(posed.slice(0, first, last), pose.slice(0, first, last));
        return training_loss(images, ground_truth.slice(0, first, last), {}, totals);
    };
    constexpr int warm_up = 2;
    std::vector<double> forward;
    std::vector<double> backward;
    std::vector<double> optimiser;
    std::vector<double> whole;
    for (int i = 0; i < warm_up + work.steps; ++i) {
        if (job.stopped()) {
            return cancelled();
        }
        const auto begin = Clock::now();
        const DataParallel::Step computed = parallel.compute_gradients(work.batch, loss);
        const auto back = Clock::now();
        optimizer.step(1e-3);
        const auto end = Clock::now();
        if (i >= warm_up) {
            forward.push_back(computed.forward_ms);
            backward.push_back(computed.backward_ms);
            optimiser.push_back(milliseconds(back, end));
            whole.push_back(milliseconds(begin, end));
        }
        job.progress("Training", static_cast<double>(i + 1) / (warm_up + work.steps));
    }
    speed.forward = median(forward);
    speed.backward = median(backward);
    speed.optimiser = median(optimiser);
    speed.step = median(whole);
    speed.scenes_per_second = 1000.0 * work.batch / speed.step;
    return speed;
}

Result<TrainPrecision> faster_precision(const TrainConfig& config, const std::string& device,
                                        const Job& job) {
    LACT_TRY(const at::Device chosen, select_device(device));
    if (!chosen.is_cpu()) {
        return TrainPrecision::bf16;
    }
    TrainingWorkload work;
    const TrainStage& stage = config.stages.front();
    work.model = config.model;
    work.rule = train_rule(config);
    work.size = stage.size;
    work.batch = stage.batch;
    work.inputs = stage.inputs.max;
    work.targets = stage.targets.max;
    work.threads = config.threads;
    work.workers = config.workers;
    work.steps = 3;
    const Job quiet{{}, {}, job.stop};
    work.precision = Precision::bf16;
    LACT_TRY(const TrainingSpeed bf16, measure_training_speed(work, quiet));
    work.precision = Precision::fp32;
    LACT_TRY(const TrainingSpeed fp32, measure_training_speed(work, quiet));
    const bool narrow = bf16.scenes_per_second > fp32.scenes_per_second;
    job.say(fmt::format("precision: {} ({:.1f} scenes/s in bf16, {:.1f} in fp32)", narrow ? "bf16" : "fp32",
                        bf16.scenes_per_second, fp32.scenes_per_second));
    return narrow ? TrainPrecision::bf16 : TrainPrecision::fp32;
}

}  // namespace lact
