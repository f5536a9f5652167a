// Experiments beside the frames of the engine service.
#include "app/runtime/engine_service.h"
#include "tests/app/runtime/bundled.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

using test::bouquet;
using test::patience;
using test::weights_file;

class EngineExperiment : public testing::Test {
  protected:
    void SetUp() override {
        engine_ = std::make_unique<EngineService>(ComputeOptions{"cpu"}, log_, jobs_, [this] { notice(); });
        engine_->open_weights(weights_file);
        engine_->open_scene(bouquet);
        ASSERT_TRUE(engine_->wait_until_idle(patience));
        opened_ = *engine_->latest();
        ASSERT_TRUE(opened_.state && opened_.frame);
        watched_ = true;
    }
    void TearDown() override { go_on(); }

    [[nodiscard]] ExperimentRequest request(const std::string& id = "mirror") const {
        ExperimentSettings settings;
        settings.views = 1;
        return {id, settings, opened_.scene->views[opened_.scene->held_out().front()].camera};
    }
    /// What the engine makes of the same without any thread.
    [[nodiscard]] ExperimentReport direct(const ExperimentRequest& asked) const {
        const auto model = Model::load(weights_file, {"cpu"}).value();
        SceneRequest scene_request;
        scene_request.path = bouquet;
        const LoadedScene scene = load_scene(scene_request, model->config(), model->info()).value();
        Session session(model);
        EXPECT_TRUE(session.set_up(scene.input_views(), model->trained_rule()));
        ExperimentInput input{std::move(session), scene.set,    scene.inputs,
                              scene.targets,      asked.camera, {"cpu"}};
        return run_experiment(asked.id, std::move(input), asked.settings).value();
    }
    [[nodiscard]] std::shared_ptr<const ExperimentOutcome> outcome(const std::string& id = "mirror") const {
        const auto snapshot = engine_->latest();
        const auto found = snapshot->experiments.find(id);
        return found == snapshot->experiments.end() ? nullptr : found->second;
    }
    [[nodiscard]] static bool wait_until(const std::function<bool()>& true_now) {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (!true_now()) {
            if (std::chrono::steady_clock::now() > deadline) {
                return false;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return true;
    }
    /// Lets the engine's thread go on, and holds it after the first task after which `condition` is true:
    /// nothing ends while the test looks at it.
    void hold_when(std::function<bool(const Snapshot&)> condition) {
        const std::scoped_lock lock(mutex_);
        condition_ = std::move(condition);
        held_ = false;
        changed_.notify_all();
    }
    void go_on() { hold_when(nullptr); }
    [[nodiscard]] bool wait_until_held() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [this] { return held_; });
    }
    /// Starts an experiment and holds the engine's thread once its first piece is done. More are left.
    [[nodiscard]] bool start_and_hold(const ExperimentRequest& asked) {
        hold_when([id = asked.id](const Snapshot& now) {
            const auto found = now.experiments.find(id);
            return found != now.experiments.end() && found->second->running && found->second->report &&
                   found->second->report->fraction > 0;
        });
        engine_->start_experiment(asked);
        return wait_until_held();
    }
    /// The fractions of all reports that were published.
    [[nodiscard]] std::vector<double> fractions() {
        const std::scoped_lock lock(mutex_);
        return fractions_;
    }

    ErrorLog log_;
    JobRegistry jobs_;
    Snapshot opened_;
    std::atomic<bool> watched_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::function<bool(const Snapshot&)> condition_;
    bool held_ = false;
    std::vector<double> fractions_;
    std::unique_ptr<EngineService> engine_;

  private:
    /// On the engine's thread, after every task.
    void notice() {
        if (!watched_) {
            return;
        }
        const auto snapshot = engine_->latest();
        const auto now = outcome();
        std::unique_lock lock(mutex_);
        if (now && now->report && (fractions_.empty() || fractions_.back() != now->report->fraction)) {
            fractions_.push_back(now->report->fraction);
        }
        if (condition_ && condition_(*snapshot)) {
            condition_ = nullptr;
            held_ = true;
            changed_.notify_all();
            changed_.wait(lock, [this] { return !held_; });
        }
    }
};

/// The numbers and texts of two reports are the same; their images, too.
void expect_equal(const ExperimentReport& a, const ExperimentReport& b) {
    ASSERT_EQ(a.tables.size(), b.tables.size());
    for (std::size_t i = 0; i < a.tables.size(); ++i) {
        EXPECT_EQ(a.tables[i].rows, b.tables[i].rows) << a.tables[i].name;
    }
    ASSERT_EQ(a.images.size(), b.images.size());
    for (std::size_t i = 0; i < a.images.size(); ++i) {
        EXPECT_EQ(a.images[i].image.rgb, b.images[i].image.rgb) << a.images[i].name;
    }
    EXPECT_EQ(a.finding, b.finding);
    EXPECT_EQ(a.settings, b.settings);
}

TEST_F(EngineExperiment, RunsPieceByPieceToItsEnd) {
    ASSERT_TRUE(start_and_hold(request()));
    EXPECT_FALSE(engine_->idle());
    go_on();
    ASSERT_TRUE(engine_->wait_until_idle(patience));
    const auto done = outcome();
    ASSERT_TRUE(done && done->report);
    EXPECT_TRUE(done->report->finished);
    EXPECT_FALSE(done->running);
    EXPECT_TRUE(done->problem.empty()) << done->problem;
    EXPECT_EQ(done->generation, opened_.state->generation);
    EXPECT_EQ(done->request, request());
    expect_equal(*done->report, direct(request()));
    EXPECT_EQ(jobs_.snapshot().back().state, JobState::done);
    // The report was there before its first piece, and grew with each one.
    const auto seen = fractions();
    ASSERT_GE(seen.size(), 4U);
    EXPECT_EQ(seen.front(), 0);
    EXPECT_EQ(seen.back(), 1);
    for (std::size_t i = 1; i < seen.size(); ++i) {
        EXPECT_GT(seen[i], seen[i - 1]);
    }
}

TEST_F(EngineExperiment, FramesGoOnWhileItRuns) {
    const auto cameras = opened_.scene->cameras();
    ASSERT_TRUE(start_and_hold(request()));
    const auto before = outcome();
    engine_->set_camera(cameras[3]);
    hold_when([camera = cameras[3]](const Snapshot& now) { return now.frame->camera == camera; });
    ASSERT_TRUE(wait_until_held());
    EXPECT_EQ(outcome(), before) << "the frame comes before the next piece";
    EXPECT_TRUE(outcome()->running);
    go_on();
    // These may stop a piece.
    for (const std::size_t view : {9U, 17U, 21U}) {
        engine_->set_camera(cameras[view]);
        ASSERT_TRUE(wait_until([&] { return engine_->latest()->frame->camera == cameras[view]; }));
    }
    ASSERT_TRUE(engine_->wait_until_idle(patience));
    ASSERT_TRUE(outcome()->report->finished);
    // Pieces that were stopped and done again leave no trace.
    expect_equal(*outcome()->report, direct(request()));
}

TEST_F(EngineExperiment, ASetUpInBetweenDoesNotChangeWhatIsMeasured) {
    ASSERT_TRUE(start_and_hold(request()));
    engine_->set_inputs({0, 1});
    hold_when([](const Snapshot& now) { return now.state->input_views == 2; });
    ASSERT_TRUE(wait_until_held());
    EXPECT_TRUE(outcome()->running);
    go_on();
    ASSERT_TRUE(engine_->wait_until_idle(patience));
    ASSERT_TRUE(outcome()->report->finished);
    EXPECT_LT(outcome()->generation, engine_->latest()->state->generation);
    expect_equal(*outcome()->report, direct(request()));
}

TEST_F(EngineExperiment, ACancelledRunKeepsItsReportSoFar) {
    const std::vector<std::function<void()>> ways = {
        [&] { engine_->cancel_experiment(); }, [&] { engine_->cancel(); },
        [&] { EXPECT_TRUE(jobs_.cancel(jobs_.snapshot().back().id)); }};
    for (std::size_t i = 0; i < ways.size(); ++i) {
        ASSERT_TRUE(start_and_hold(request())) << i;
        ways[i]();
        go_on();
        ASSERT_TRUE(engine_->wait_until_idle(patience)) << i;
        const auto stopped = outcome();
        EXPECT_FALSE(stopped->running) << i;
        EXPECT_FALSE(stopped->problem.empty()) << i;
        ASSERT_TRUE(stopped->report) << i;
        EXPECT_FALSE(stopped->report->finished) << i;
        EXPECT_FALSE(stopped->report->tables.front().rows.empty()) << i;
        EXPECT_EQ(jobs_.snapshot().back().state, JobState::cancelled) << i;
        EXPECT_EQ(engine_->latest()->state, opened_.state) << i;
    }
    engine_->start_experiment(request());
    ASSERT_TRUE(engine_->wait_until_idle(patience));
    EXPECT_TRUE(outcome()->report->finished);
}

TEST_F(EngineExperiment, ARequestThatHasNotBegunIsShownAndWithdrawn) {
    EngineService engine(ComputeOptions{"cpu"}, log_, jobs_);  // Without a state nothing begins.
    engine.start_experiment(request());
    EXPECT_EQ(engine.latest()->requested_experiment, "mirror");
    engine.cancel_experiment();
    EXPECT_EQ(engine.latest()->requested_experiment, "");
    engine.open_weights(weights_file);
    engine.open_scene(bouquet);
    ASSERT_TRUE(engine.wait_until_idle(patience));
    EXPECT_TRUE(engine.latest()->experiments.empty());
    engine.start_experiment(request());
    ASSERT_TRUE(engine.wait_until_idle(patience));
    EXPECT_EQ(engine.latest()->requested_experiment, "") << "it has run";
    EXPECT_TRUE(engine.latest()->experiments.contains("mirror"));
}

TEST_F(EngineExperiment, AnotherRequestTakesItsPlaceAndBothReportsStay) {
    ASSERT_TRUE(start_and_hold(request("mirror")));
    ExperimentRequest other = request("mirror");
    other.settings.views = 2;
    engine_->start_experiment(other);
    go_on();
    ASSERT_TRUE(engine_->wait_until_idle(patience));
    EXPECT_TRUE(outcome()->report->finished);
    EXPECT_EQ(outcome()->request, other);
    const auto ended = jobs_.snapshot();
    EXPECT_EQ(ended.back().state, JobState::done);
    EXPECT_EQ(ended[ended.size() - 2].state, JobState::cancelled);
    engine_->start_experiment(request("linear"));
    ASSERT_TRUE(wait_until([&] { return outcome("linear") != nullptr; }));
    EXPECT_TRUE(outcome("mirror")->report->finished);
    engine_->cancel();
    ASSERT_TRUE(engine_->wait_until_idle(patience));
}

TEST_F(EngineExperiment, WhatCannotRunSaysWhy) {
    engine_->start_experiment(request("nothing"));
    ASSERT_TRUE(engine_->wait_until_idle(patience));
    const auto failed = outcome("nothing");
    ASSERT_TRUE(failed);
    EXPECT_FALSE(failed->running);
    EXPECT_EQ(failed->report, nullptr);
    EXPECT_NE(failed->problem.find("'nothing' is not known"), std::string::npos) << failed->problem;
    EXPECT_EQ(jobs_.snapshot().back().state, JobState::failed);
    EXPECT_EQ(log_.after(0).back().severity, Severity::error);
}

TEST_F(EngineExperiment, ARunDoesNotKeepARuleFromBeingSettled) {
    ASSERT_TRUE(start_and_hold(request()));
    EXPECT_FALSE(engine_->idle());
    EXPECT_TRUE(engine_->idle_but_for_experiment());
    EXPECT_TRUE(outcome()->running);
    engine_->cancel_experiment();
    go_on();
    ASSERT_TRUE(engine_->wait_until_idle(patience));
}

}  // namespace

}  // namespace lact::app
