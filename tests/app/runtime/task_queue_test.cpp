#include "app/runtime/task_queue.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

using namespace std::chrono_literals;

/// Only against hanging for ever: nothing is measured.
constexpr auto task_patience = 60s;

/// What the tasks of a test share; the lock of the queue guards it, but for `held`.
struct QueueLog {
    std::vector<std::string> done;  ///< Names in the order of commits; "-name" where it was stopped.
    std::atomic<bool> held = false;
    std::atomic<bool> executing = false;
};

/// Is due `times` times. Executes until it is stopped or not held.
class CountedTask final : public Task {
  public:
    CountedTask(std::string name, QueueLog& log, StopReasons stopped_by)
        : name_(std::move(name)), log_(log), stopped_by_(stopped_by) {}

    bool due() const override { return times > 0; }
    StopReasons stopped_by() const override { return stopped_by_; }
    std::stop_source take() override {
        --times;
        left_ = rounds;
        std::stop_source stop;
        token_ = stop.get_token();
        return stop;
    }
    void execute() override {
        log_.executing = true;
        while (log_.held && !token_.stop_requested()) {
            std::this_thread::sleep_for(1ms);
        }
        log_.executing = false;
    }
    Next commit(StopReasons reasons) override {
        raised = reasons;
        log_.done.push_back((token_.stop_requested() ? "-" : "") + name_);
        return --left_ > 0 ? Next::execute_again : Next::done;
    }
    void finish() override { ++finished; }

    int times = 0;
    int rounds = 1;
    StopReasons raised;
    std::atomic<int> finished = 0;

  private:
    std::string name_;
    QueueLog& log_;
    StopReasons stopped_by_;
    std::stop_token token_;
    int left_ = 0;
};

class TaskQueueTest : public testing::Test {
  protected:
    void SetUp() override {
        auto first = std::make_unique<CountedTask>("first", log_, StopReasons{StopReason::cancel});
        auto second = std::make_unique<CountedTask>("second", log_,
                                                    StopReasons{StopReason::camera, StopReason::cancel});
        first_ = first.get();
        second_ = second.get();
        std::vector<std::unique_ptr<Task>> tasks;
        tasks.push_back(std::move(first));
        tasks.push_back(std::move(second));
        queue_ = std::make_unique<TaskQueue>(std::move(tasks), [this] { ++wakes_; });
    }
    void raise(StopReasons reasons) {
        queue_->post([&] { return reasons; });
    }
    void add(CountedTask& task, int times) {
        queue_->post([&]() -> StopReasons {
            task.times += times;
            return {};
        });
    }
    void wait_until_executing() {
        while (!log_.executing) {
            std::this_thread::yield();
        }
    }
    std::vector<std::string> done() {
        EXPECT_TRUE(queue_->wait_until_idle(task_patience));
        return queue_->read([&] { return log_.done; });
    }

    QueueLog log_;
    std::atomic<int> wakes_ = 0;
    CountedTask* first_ = nullptr;
    CountedTask* second_ = nullptr;
    std::unique_ptr<TaskQueue> queue_;
};

using Names = std::vector<std::string>;

TEST_F(TaskQueueTest, TheFirstThatIsDueComesFirstAfterEveryTask) {
    queue_->post([&]() -> StopReasons {
        first_->times = 1;
        second_->times = 3;
        return {};
    });
    EXPECT_EQ(done(), (Names{"first", "second", "second", "second"}));
    log_.held = true;
    add(*second_, 2);
    wait_until_executing();
    EXPECT_FALSE(queue_->idle());
    EXPECT_FALSE(queue_->wait_until_idle(1ms));
    add(*first_, 1);
    log_.held = false;
    EXPECT_EQ(done(), (Names{"first", "second", "second", "second", "second", "first", "second"}));
    EXPECT_TRUE(queue_->idle());
    EXPECT_GE(wakes_, 7);
}

TEST_F(TaskQueueTest, OnlyItsOwnReasonsStopATask) {
    log_.held = true;
    add(*first_, 1);
    wait_until_executing();
    raise({StopReason::camera, StopReason::load});
    EXPECT_TRUE(log_.executing);
    raise({StopReason::cancel});
    EXPECT_EQ(done(), Names{"-first"});
    EXPECT_TRUE(first_->raised.contains(StopReason::load)) << "it is told all the same";
    EXPECT_FALSE(first_->raised.contains(StopReason::sides));
    log_.done.clear();
    add(*second_, 1);
    wait_until_executing();
    raise({StopReason::camera});
    EXPECT_EQ(done(), Names{"-second"});
    EXPECT_FALSE(second_->raised.contains(StopReason::cancel)) << "that was before";
}

TEST_F(TaskQueueTest, ATaskExecutesInRoundsAndIsStoppedInAny) {
    first_->rounds = 3;
    queue_->post([&]() -> StopReasons {
        first_->times = 1;
        second_->times = 1;
        return {};
    });
    EXPECT_EQ(done(), (Names{"first", "first", "first", "second"}));
    EXPECT_EQ(first_->finished, 1);
    log_.held = true;
    add(*first_, 1);
    wait_until_executing();
    raise({StopReason::cancel});
    EXPECT_EQ(done(), (Names{"first", "first", "first", "second", "-first", "-first", "-first"}));
}

TEST_F(TaskQueueTest, WhatIsTakenBackIsNotWaitedFor) {
    log_.held = true;
    add(*first_, 2);
    wait_until_executing();
    queue_->post([&]() -> StopReasons {
        first_->times = 0;
        return {StopReason::cancel};
    });
    EXPECT_EQ(done(), Names{"-first"});
}

TEST_F(TaskQueueTest, TheFirstIsIdleWhateverTheOthersDo) {
    EXPECT_TRUE(queue_->first_is_idle());
    log_.held = true;
    add(*second_, 1);
    wait_until_executing();
    EXPECT_TRUE(queue_->first_is_idle());
    add(*first_, 1);
    EXPECT_FALSE(queue_->first_is_idle()) << "it waits for the other one";
    log_.held = false;
    EXPECT_EQ(done(), (Names{"second", "first"}));
    EXPECT_TRUE(queue_->first_is_idle());
    log_.held = true;
    add(*first_, 1);
    wait_until_executing();
    EXPECT_FALSE(queue_->first_is_idle()) << "it runs";
    log_.held = false;
    EXPECT_EQ(done(), (Names{"second", "first", "first"}));
}

TEST_F(TaskQueueTest, EndsWhileATaskRunsAndOthersAreDue) {
    log_.held = true;
    add(*first_, 100);
    add(*second_, 100);
    wait_until_executing();
    queue_.reset();
    EXPECT_EQ(log_.done, Names{"-first"});
}

}  // namespace

}  // namespace lact::app
