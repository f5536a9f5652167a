#include "engine/train/data_parallel.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>

namespace lact {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

/// Gradients of one worker, in the order of the parameters, and what it measured.
struct WorkerPart {
    std::vector<at::Tensor> gradients;
    DataParallel::Step step;
};

WorkerPart compute_part(const std::vector<at::Tensor>& values, const DataParallel::LossOfScenes& loss,
                        std::int64_t first, std::int64_t last) {
    const auto begin = Clock::now();
    const TrainingLoss made = loss(first, last);
    WorkerPart part;
    part.step.forward_ms = milliseconds_since(begin);
    const auto middle = Clock::now();
    part.gradients =
        torch::autograd::grad({made.total}, values, {}, {}, /*create_graph=*/false, /*allow_unused=*/true);
    part.step.mse = made.mse.item<double>();
    part.step.backward_ms = milliseconds_since(middle);
    return part;
}

}  // namespace

/// Threads that wait for work. They live as long as the run, because Torch starts a pool of threads of its
/// own for every thread that uses it.
class DataParallel::Threads {
  public:
    Threads(int count, int threads) {
        const int before = at::get_num_threads();
        for (int i = 0; i < count; ++i) {
            const int share = std::max(1, threads / count + (i < threads % count ? 1 : 0));
            threads_.emplace_back([this, i, share](const std::stop_token& stop) { serve(stop, i, share); });
        }
        wait_until_done(threads_.size());
        // Setting the threads of one thread also sets those of threads to come.
        at::set_num_threads(before);
    }
    ~Threads() {
        for (std::jthread& thread : threads_) {
            thread.request_stop();
        }
    }
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;

    /// Calls work(0), work(1), …, one on each thread, and returns when all have returned.
    void run(const std::function<void(std::size_t)>& work) {
        {
            const std::lock_guard lock(mutex_);
            work_ = &work;
            done_ = 0;
            problem_ = nullptr;
            ++round_;
        }
        changed_.notify_all();
        wait_until_done(threads_.size());
        if (problem_ != nullptr) {
            std::rethrow_exception(std::exchange(problem_, nullptr));
        }
    }

  private:
    void wait_until_done(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return done_ == count; });
    }

    void serve(const std::stop_token& stop, int index, int threads) {
        // The first use on a thread, of Torch's library and of the inline functions of its headers alike,
        // sets the number that all threads begin with; afterwards it is this thread's own.
        (void)at::get_num_threads();
        at::internal::lazy_init_num_threads();
        at::set_num_threads(threads);
        for (long long round = 0;; ++round) {
            const std::function<void(std::size_t)>* work = nullptr;
            {
                std::unique_lock lock(mutex_);
                ++done_;
                changed_.notify_all();
                if (!changed_.wait(lock, stop, [&] { return round_ > round; })) {
                    return;
                }
                work = work_;
            }
            try {
                (*work)(static_cast<std::size_t>(index));
            } catch (...) {
                const std::lock_guard lock(mutex_);
                if (problem_ == nullptr) {
                    problem_ = std::current_exception();
                }
            }
        }
    }

    std::mutex mutex_;
    std::condition_variable_any changed_;
    const std::function<void(std::size_t)>* work_ = nullptr;  ///< Of the current round.
    long long round_ = 0;
    std::size_t done_ = 0;  ///< Threads that wait for the next round.
    std::exception_ptr problem_;
    std::vector<std::jthread> threads_;  ///< Last member: the threads use all others.
};

DataParallel::DataParallel(std::vector<Parameter> parameters, int workers, int threads)
    : parameters_(std::move(parameters)), workers_(std::max(1, workers)) {
    if (workers_ > 1) {
        threads_ = std::make_unique<Threads>(workers_, threads);
    }
}
DataParallel::~DataParallel() = default;

DataParallel::Step DataParallel::compute_gradients(std::int64_t scenes, const LossOfScenes& loss) const {
    std::vector<at::Tensor> values;
    for (const Parameter& parameter : parameters_) {
        values.push_back(parameter.value);
    }
    const auto count = static_cast<std::size_t>(std::min<std::int64_t>(workers_, scenes));
    std::vector<WorkerPart> parts(count);
    const auto compute = [&](std::size_t i) {
        if (i < count) {
            const auto bound = [&](std::size_t at) {
                return scenes * static_cast<std::int64_t>(at) / static_cast<std::int64_t>(count);
            };
            parts[i] = compute_part(values, loss, bound(i), bound(i + 1));
        }
    };
    if (threads_ == nullptr) {
        compute(0);
    } else {
        threads_->run(compute);
    }
    Step step;
    std::vector<at::Tensor> sums(parameters_.size());
    for (WorkerPart& part : parts) {
        step.mse += part.step.mse;
        step.forward_ms = std::max(step.forward_ms, part.step.forward_ms);
        step.backward_ms = std::max(step.backward_ms, part.step.backward_ms);
        for (std::size_t i = 0; i < sums.size(); ++i) {
            if (part.gradients[i].defined()) {
                sums[i] = sums[i].defined() ? sums[i].add(part.gradients[i]) : part.gradients[i];
            }
        }
    }
    for (std::size_t i = 0; i < sums.size(); ++i) {
        parameters_[i].value.mutable_grad() = sums[i];
    }
    return step;
}

WorkerGroups::WorkerGroups(std::vector<Parameter> parameters, int threads)
    : parameters_(std::move(parameters)), threads_(threads) {}

const DataParallel& WorkerGroups::of(int workers) {
    return groups_.try_emplace(workers, parameters_, workers, threads_).first->second;
}

int worker_count(int requested, int threads, int batch) {
    return std::clamp(requested > 0 ? requested : threads, 1, std::max(1, batch));
}

}  // namespace lact
