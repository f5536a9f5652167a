#include "engine/train/data_parallel.h"

#include <algorithm>
#include <stdexcept>
#include <thread>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

constexpr std::int64_t batch_size = 5;

/// A batch of random views, and the loss of a small network with all terms on it, in fp64.
class DataParallelTest : public testing::Test {
  protected:
    DataParallelTest() {
        at::manual_seed(7);
        posed_ = at::rand({batch_size, 2, 12, 16, 16}, at::kDouble);
        pose_ = at::rand({batch_size, 3, 9, 16, 16}, at::kDouble);
        // Scenes with different shares of white pixels and of covered ones.
        targets_ = at::rand({batch_size, 3, 3, 16, 16}, at::kDouble);
        geometry_ = at::rand({batch_size, 3, 4, 16, 16}, at::kDouble);
        for (std::int64_t i = 0; i < batch_size; ++i) {
            targets_[i].slice(2, 0, 3 * i).fill_(1);
            geometry_[i].slice(0, 0, 1).slice(2, 0, 3 * i).fill_(0);
        }
        totals_ = batch_totals(targets_, geometry_, weights_);
    }

    TrainingLoss loss(std::int64_t first, std::int64_t last) const {
        const auto part = [&](const at::Tensor& all) { return all.slice(0, first, last); };
        const auto outputs = network_.forward_all(part(posed_), part(pose_));
        TrainingLoss made = training_loss(outputs.images, part(targets_), weights_, totals_);
        made.total =
            made.total + auxiliary_loss(outputs.auxiliary, part(geometry_), weights_.auxiliary, totals_);
        return made;
    }

    std::vector<at::Tensor> gradients() const {
        std::vector<at::Tensor> all;
        for (const Parameter& parameter : network_.parameters()) {
            all.push_back(parameter.value.grad().clone());
            parameter.value.mutable_grad() = at::Tensor();
        }
        return all;
    }

    const LossWeights weights_{3, 0.5, {0.7, 0.2}};
    TrainableNetwork network_{{1, 32, 16, 16, 1, 8}, {}, at::kCPU, at::kDouble, 1, true};
    at::Tensor posed_, pose_, targets_, geometry_;
    BatchTotals totals_;
};

TEST_F(DataParallelTest, GradientsAreThoseOfTheWholeBatch) {
    // The loss of the whole batch, without totals of a batch: an independent way to the same numbers.
    const auto outputs = network_.forward_all(posed_, pose_);
    const TrainingLoss whole = training_loss(outputs.images, targets_, weights_);
    (whole.total + auxiliary_loss(outputs.auxiliary, geometry_, weights_.auxiliary)).backward();
    const std::vector<at::Tensor> expected = gradients();
    for (const int workers : {1, 2, 3, 5, 8}) {
        const DataParallel parallel(network_.parameters(), workers, 1);
        const auto step = parallel.compute_gradients(
            batch_size, [this](std::int64_t first, std::int64_t last) { return loss(first, last); });
        EXPECT_NEAR(step.mse, whole.mse.item<double>(), 1e-12) << workers;
        const std::vector<at::Tensor> made = gradients();
        for (std::size_t i = 0; i < made.size(); ++i) {
            const double scale = std::max(1e-6, expected[i].abs().max().item<double>());
            // Newton-Schulz of the inner step runs in fp64 for fp64 tokens.
            EXPECT_LT((made[i] - expected[i]).abs().max().item<double>() / scale, 1e-9)
                << workers << " workers, " << network_.parameters()[i].name;
        }
    }
}

TEST_F(DataParallelTest, EveryWorkerHasItsOwnThreads) {
    const int before = at::get_num_threads();
    at::set_num_threads(5);
    // In bf16 the loops of this program use Torch's threads as well as Torch itself.
    const TrainableNetwork narrow({1, 32, 16, 16, 1, 8}, {}, at::kCPU, at::kBFloat16, 1);
    const auto posed = posed_.to(at::kFloat);
    const auto pose = pose_.to(at::kFloat);
    const auto targets = targets_.to(at::kFloat);
    std::vector<int> threads(2);
    std::vector<std::thread::id> ids(2);
    {
        const DataParallel parallel(narrow.parameters(), 2, 3);
        EXPECT_EQ(at::get_num_threads(), 5);
        int elsewhere = 0;
        std::thread([&] { elsewhere = at::get_num_threads(); }).join();
        EXPECT_EQ(elsewhere, 5);
        for (int step = 0; step < 2; ++step) {
            (void)parallel.compute_gradients(batch_size, [&](std::int64_t first, std::int64_t last) {
                const auto part = [&](const at::Tensor& all) { return all.slice(0, first, last); };
                const TrainingLoss made =
                    training_loss(narrow.forward(part(posed), part(pose)), part(targets), {});
                const std::size_t i = first == 0 ? 0 : 1;
                threads[i] = at::get_num_threads();
                ids[i] = std::this_thread::get_id();
                return made;
            });
        }
    }
    at::set_num_threads(before);
    EXPECT_EQ(threads, (std::vector<int>{2, 1}));
    EXPECT_NE(ids[0], ids[1]);
    EXPECT_NE(ids[0], std::this_thread::get_id());
}

TEST_F(DataParallelTest, AnExceptionOfAWorkerIsPassedOnAndTheNextStepWorks) {
    const DataParallel parallel(network_.parameters(), 2, 1);
    const auto failing = [this](std::int64_t first, std::int64_t last) {
        if (first > 0) {
            throw std::runtime_error("no memory");
        }
        return loss(first, last);
    };
    EXPECT_THROW((void)parallel.compute_gradients(batch_size, failing), std::runtime_error);
    const auto step = parallel.compute_gradients(
        batch_size, [this](std::int64_t first, std::int64_t last) { return loss(first, last); });
    EXPECT_GT(step.mse, 0);
}

TEST_F(DataParallelTest, ParametersThatNothingReadsHaveNoGradient) {
    const DataParallel parallel(network_.parameters(), 2, 1);
    const auto plain = [this](std::int64_t first, std::int64_t last) {
        const auto images = network_.forward(posed_.slice(0, first, last), pose_.slice(0, first, last));
        return training_loss(images, targets_.slice(0, first, last), {}, totals_);
    };
    (void)parallel.compute_gradients(batch_size, plain);
    for (const Parameter& parameter : network_.parameters()) {
        const bool auxiliary = parameter.name == TrainableNetwork::auxiliary_parameter;
        EXPECT_EQ(parameter.value.grad().defined(), !auxiliary) << parameter.name;
    }
}

TEST_F(DataParallelTest, GroupsOfWorkersAreKeptWhereTheyTakeTurns) {
    WorkerGroups groups(network_.parameters(), 2);  // At most one a worker.
    const auto threads_of = [&](int workers) {
        const DataParallel& group = groups.of(workers);
        EXPECT_EQ(group.workers(), workers);
        std::vector<std::thread::id> ids(static_cast<std::size_t>(batch_size));
        (void)group.compute_gradients(batch_size, [&](std::int64_t first, std::int64_t last) {
            ids[static_cast<std::size_t>(first)] = std::this_thread::get_id();
            return loss(first, last);
        });
        return ids;
    };
    const auto three = threads_of(3);
    const auto two = threads_of(2);
    EXPECT_EQ(threads_of(3), three);
    EXPECT_EQ(threads_of(2), two);
    // Both groups are there, so their threads are different ones.
    EXPECT_EQ(std::ranges::find(three, two.front()), three.end());
}

TEST(WorkerCount, IsOneForEachThreadAndAtMostOneForEachScene) {
    EXPECT_EQ(worker_count(0, 2, 8), 2);
    EXPECT_EQ(worker_count(0, 16, 8), 8);
    EXPECT_EQ(worker_count(3, 1, 8), 3);
    EXPECT_EQ(worker_count(4, 2, 2), 2);
    EXPECT_EQ(worker_count(0, 1, 0), 1);
}

}  // namespace
}  // namespace lact
