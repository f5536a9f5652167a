#include "app/runtime/engine_service.h"

#include "engine/session/scene_header.h"
#include "engine/session/weight_files.h"
#include "tests/app/runtime/bundled.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

using namespace std::chrono_literals;
using test::assets;
using test::bouquet;
using test::parcel;
using test::patience;
using test::weights_file;

/// Holds the engine's thread at the first report of a stage until told to go on.
class Gate {
  public:
    /// Called by the engine's thread.
    void pass(const JobRegistry& jobs) {
        std::unique_lock lock(mutex_);
        if (stage_.empty() || jobs.snapshot().back().stage != stage_) {
            return;
        }
        stage_.clear();
        reached_ = true;
        changed_.notify_all();
        changed_.wait_for(lock, patience, [this] { return open_; });
    }
    void close(const std::string& stage) {
        const std::scoped_lock lock(mutex_);
        stage_ = stage;
        reached_ = false;
        open_ = false;
    }
    bool wait_until_reached() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [this] { return reached_; });
    }
    void open() {
        const std::scoped_lock lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string stage_;
    bool reached_ = false;
    bool open_ = false;
};

class EngineThreadTest : public testing::Test {
  protected:
    void start() { engine_ = std::make_unique<EngineService>(ComputeOptions{"cpu"}, log_, jobs_); }
    /// Warnings and errors; notes say what goes well.
    std::vector<LogEntry> complaints() {
        auto entries = log_.after(0);
        std::erase_if(entries, [](const LogEntry& entry) { return entry.severity == Severity::note; });
        return entries;
    }
    Snapshot settled() {
        EXPECT_TRUE(engine_->wait_until_idle(patience));
        return *engine_->latest();
    }
    Snapshot open(const std::filesystem::path& scene = bouquet) {
        start();
        engine_->open_weights(weights_file);
        engine_->open_scene(scene);
        return settled();
    }
    /// What a session makes of the same, without any thread.
    static Frame direct(const Snapshot& now, const Camera& camera) {
        const auto model = Model::load(now.weights->path, {"cpu"}).value();
        SceneRequest request;
        request.path = now.scene->path;
        request.size = now.scene->size;
        request.inputs = now.scene->inputs;
        const LoadedScene scene = load_scene(request, model->config(), model->info()).value();
        Session session(model);
        EXPECT_TRUE(session.set_up(scene.input_views(), now.state->rule));
        return session.render(camera).value();
    }
    std::vector<JobStatus> ended() const { return jobs_.snapshot(); }

    Gate gate_;
    ErrorLog log_;
    JobRegistry jobs_{[this] { gate_.pass(jobs_); }};
    std::unique_ptr<EngineService> engine_;
};

TEST_F(EngineThreadTest, OpensWeightsAndSceneAndShowsTheFirstInput) {
    const Snapshot now = open();
    ASSERT_TRUE(now.weights && now.scene && now.state && now.frame);
    EXPECT_TRUE(complaints().empty()) << complaints()[0].what;
    // Before the scene was loaded, what it needs was said.
    ASSERT_EQ(log_.after(0).size(), 1U);
    EXPECT_NE(log_.after(0)[0].what.find("bouquet: 32 photos"), std::string::npos) << log_.after(0)[0].what;
    EXPECT_EQ(now.weights->sha256.size(), 64U);
    EXPECT_EQ(now.scene->name, "bouquet");
    EXPECT_EQ(now.scene->training, SizeTraining::trained);
    EXPECT_EQ(now.scene->inputs.size(), 8U);
    EXPECT_EQ(now.scene->held_out().size(), now.scene->views.size() - 8);
    EXPECT_EQ(now.state->rule, now.weights->trained_rule);
    EXPECT_FALSE(now.state->rule_switched);
    EXPECT_GT(now.state->set_up_ms, 0);
    EXPECT_EQ(now.frame->generation, now.state->generation);
    for (const ViewSummary& view : now.scene->views) {
        EXPECT_EQ(view.image->width, now.scene->size.width);
        EXPECT_GT(view.thumbnail->width, 0);
        EXPECT_FALSE(view.name.empty());
    }
    const Frame expected = direct(now, now.scene->views[now.scene->inputs.front()].camera);
    EXPECT_EQ(now.frame->image.rgb, expected.image.rgb);
}

TEST_F(EngineThreadTest, ASceneWaitsForWeightsInAnyOrder) {
    start();
    engine_->open_scene(bouquet);
    EXPECT_TRUE(engine_->idle());
    EXPECT_FALSE(settled().scene);
    engine_->set_inputs({0, 3});
    engine_->open_weights(weights_file);
    const Snapshot now = settled();
    ASSERT_TRUE(now.scene && now.frame);
    EXPECT_EQ(now.scene->inputs, (std::vector<std::size_t>{0, 3}));
}

TEST_F(EngineThreadTest, TheLatestOfManyCamerasWins) {
    const Snapshot before = open();
    const auto cameras = before.scene->cameras();
    Camera last;
    for (std::size_t i = 0; i < 200; ++i) {
        last = cameras[i % cameras.size()];
        last.c2w(0, 3) += 1e-3 * static_cast<double>(i);
        engine_->set_camera(last);
    }
    const Snapshot now = settled();
    EXPECT_EQ(now.frame->camera.c2w, last.c2w);
    EXPECT_EQ(now.frame->image.rgb, direct(now, last).image.rgb);
    EXPECT_EQ(now.state, before.state);
    EXPECT_LT(now.version - before.version, 200U);  // the others were skipped
}

TEST_F(EngineThreadTest, ChangingInputsMakesAStateAndDecodesNothing) {
    const Snapshot before = open();
    engine_->set_camera(before.scene->views[5].camera);
    engine_->set_inputs({0, 1, 2});
    const Snapshot now = settled();
    EXPECT_GT(now.state->generation, before.state->generation);
    EXPECT_EQ(now.state->input_views, 3U);
    EXPECT_TRUE(now.scene->views[1].is_input);
    EXPECT_FALSE(now.scene->views[3].is_input);
    EXPECT_EQ(now.scene->sequence, before.scene->sequence);
    for (std::size_t i = 0; i < now.scene->views.size(); ++i) {
        EXPECT_EQ(now.scene->views[i].image, before.scene->views[i].image);
        EXPECT_EQ(now.scene->views[i].thumbnail, before.scene->views[i].thumbnail);
    }
    EXPECT_EQ(now.frame->generation, now.state->generation);  // the last camera was rendered again
    EXPECT_EQ(now.frame->camera.c2w, before.scene->views[5].camera.c2w);
    EXPECT_EQ(now.frame->image.rgb, direct(now, now.frame->camera).image.rgb);
    // The same once more changes nothing.
    engine_->set_inputs({0, 1, 2});
    EXPECT_EQ(settled().state, now.state);
}

TEST_F(EngineThreadTest, InputsThatAreNotThereAreLeftOutWhereThatIsAllowed) {
    start();
    engine_->open_weights(weights_file);
    SceneRequest request;
    request.path = bouquet;
    request.size = Size{32, 32};
    request.inputs = {4, 99, 4, 0};
    request.leave_out_inputs = true;
    engine_->open_scene(request);
    const auto says = [](const Snapshot& now, const std::string& text) {
        return std::ranges::any_of(now.scene->remarks, [&](const SceneRemark& remark) {
            return remark.text.find(text) != std::string::npos;
        });
    };
    const Snapshot now = settled();
    ASSERT_TRUE(now.scene);
    EXPECT_EQ(now.scene->inputs, (std::vector<std::size_t>{4, 0}));
    EXPECT_EQ(now.scene->size, (Size{32, 32}));
    EXPECT_TRUE(says(now, "2 input views are left out: 99, 4;"));
    // What is said about inputs goes with them.
    engine_->set_inputs({1});
    EXPECT_FALSE(says(settled(), "left out"));
    // None of them is there: as many as usual, in place of none.
    request.inputs = {99};
    engine_->open_scene(request);
    EXPECT_EQ(settled().scene->inputs.size(), 8U);
}

TEST_F(EngineThreadTest, TooFewViewsForWhatWasAskedForAreToldInTheWindow) {
    start();
    engine_->open_weights(weights_file);
    SceneRequest request;
    request.path = bouquet;
    request.size = Size{32, 32};
    request.input_count = 1000;
    engine_->open_scene(request);
    const Snapshot now = settled();
    ASSERT_TRUE(now.scene);
    EXPECT_TRUE(std::ranges::any_of(now.scene->remarks, [](const SceneRemark& remark) {
        return remark.text.find("1000 input views were asked for") != std::string::npos;
    }));
}

TEST_F(EngineThreadTest, MemoryIsThatOfTheInputsThatAreChosen) {
    constexpr Size large{128, 128};
    SceneRequest two;
    two.path = bouquet;
    two.input_count = 2;
    const auto weights = describe_weights(weights_file);
    ASSERT_TRUE(weights.has_value());
    const auto needed = probe_scene(two, weights->config, large, {});
    ASSERT_TRUE(needed.has_value());
    ComputeOptions compute{"cpu"};
    compute.memory = needed->needed;
    engine_ = std::make_unique<EngineService>(compute, log_, jobs_);
    engine_->open_weights(weights_file);
    engine_->open_scene(bouquet);
    ASSERT_TRUE(settled().scene);
    ASSERT_EQ(settled().scene->inputs.size(), 8U);
    engine_->set_size(large);
    Snapshot now = settled();
    EXPECT_NE(now.scene->size, large) << "eight views are too many for it";
    ASSERT_TRUE(now.offer);
    EXPECT_EQ(now.offer->probe.inputs, 8U);
    engine_->set_inputs({3, 1});
    (void)settled();
    engine_->set_size(large);
    now = settled();
    EXPECT_EQ(now.scene->size, large);
    EXPECT_EQ(now.scene->inputs, (std::vector<std::size_t>{3, 1}));
    engine_->set_size({136, 136});
    now = settled();
    EXPECT_EQ(now.scene->size, large);
    ASSERT_TRUE(now.offer);
    EXPECT_EQ(now.offer->request.inputs, (std::vector<std::size_t>{3, 1}));
}

TEST_F(EngineThreadTest, BadRequestsAreLoggedAndLeaveEverything) {
    const Snapshot before = open();
    const auto bad = [&](const std::string& text, const auto& ask) {
        const auto seen = log_.last();
        ask();
        const Snapshot now = settled();
        EXPECT_EQ(now.weights, before.weights);
        EXPECT_EQ(now.scene, before.scene);
        EXPECT_EQ(now.state, before.state);
        EXPECT_EQ(now.frame, before.frame);
        const auto entries = log_.after(seen);
        ASSERT_EQ(entries.size(), 1U) << text;
        EXPECT_EQ(entries[0].severity, Severity::error);
        EXPECT_NE((entries[0].where + entries[0].what).find(text), std::string::npos) << entries[0].what;
        EXPECT_EQ(jobs_.snapshot().back().state, JobState::failed);
    };
    bad("none.safetensors", [&] { engine_->open_weights(assets / "none.safetensors"); });
    bad("no_scene", [&] { engine_->open_scene(assets / "no_scene"); });
    bad("99", [&] { engine_->set_inputs({0, 99}); });
    bad("twice", [&] { engine_->set_inputs({1, 1}); });
    bad("no input view", [&] { engine_->set_inputs({}); });
    bad("33x33", [&] { engine_->set_size({33, 33}); });
    UpdateRule impossible = before.weights->trained_rule;
    impossible.inner_steps = 0;
    bad("rule", [&] { engine_->set_rule(impossible); });
}

TEST_F(EngineThreadTest, AFailureDoesNotTakeOtherRequestsWithIt) {
    open();
    gate_.close("updating fast weights");
    engine_->set_inputs({0, 1});
    ASSERT_TRUE(gate_.wait_until_reached());
    engine_->open_weights(assets / "none.safetensors");
    engine_->open_scene(parcel);
    gate_.open();
    const Snapshot now = settled();
    EXPECT_EQ(now.scene->name, "parcel");
    EXPECT_EQ(now.frame->generation, now.state->generation);
    EXPECT_EQ(complaints().size(), 1U);
}

TEST_F(EngineThreadTest, CancelInMidSetUpKeepsTheOldState) {
    const Snapshot before = open();
    for (const bool through_registry : {false, true}) {
        gate_.close("updating fast weights");
        engine_->set_inputs({0, 1, 2});
        ASSERT_TRUE(gate_.wait_until_reached());
        EXPECT_FALSE(engine_->idle());
        if (through_registry) {
            EXPECT_TRUE(jobs_.cancel(jobs_.snapshot().back().id));
        } else {
            engine_->cancel();
        }
        gate_.open();
        const Snapshot now = settled();
        EXPECT_EQ(now.state, before.state);
        EXPECT_EQ(now.scene, before.scene);
        EXPECT_EQ(jobs_.snapshot().back().state, JobState::cancelled);
    }
    EXPECT_TRUE(complaints().empty());
    // And goes on as if nothing had been.
    engine_->set_inputs({0, 1, 2});
    EXPECT_EQ(settled().state->input_views, 3U);
}

TEST_F(EngineThreadTest, ANewerRequestStopsAnOlderSetUp) {
    const Snapshot before = open();
    gate_.close("updating fast weights");
    engine_->set_inputs({0, 1, 2});
    ASSERT_TRUE(gate_.wait_until_reached());
    UpdateRule rule = before.weights->trained_rule;
    rule.orthogonalize = false;
    engine_->set_rule(rule);
    gate_.open();
    const Snapshot now = settled();
    // One state for both, not two.
    EXPECT_EQ(now.state->generation, before.state->generation + 1);
    EXPECT_EQ(now.state->input_views, 3U);
    EXPECT_EQ(now.state->rule, rule);
    EXPECT_TRUE(now.state->rule_switched);
    EXPECT_EQ(ended()[ended().size() - 2].state, JobState::cancelled);
    EXPECT_EQ(now.frame->image.rgb, direct(now, now.frame->camera).image.rgb);
}

TEST_F(EngineThreadTest, ARuleSetWhilePhotosAreDecodedDoesNotStopThem) {
    start();
    engine_->open_weights(weights_file);
    settled();
    gate_.close("photos");
    engine_->open_scene(bouquet);
    ASSERT_TRUE(gate_.wait_until_reached());
    engine_->set_inputs({0, 1, 2});
    gate_.open();
    const Snapshot now = settled();
    EXPECT_EQ(now.state->generation, 1U);
    EXPECT_EQ(now.state->input_views, 3U);
    EXPECT_EQ(ended().size(), 2U);  // weights, scene: nothing was begun twice
    EXPECT_EQ(ended().back().state, JobState::done);
}

TEST_F(EngineThreadTest, PhotosChosenForASceneAreNotThoseOfTheNext) {
    const Snapshot before = open();
    gate_.close("photos");
    engine_->open_scene(parcel);
    EXPECT_GT(engine_->newest_scene(), before.scene->sequence);
    ASSERT_TRUE(gate_.wait_until_reached());
    engine_->set_inputs({3}, before.scene->sequence);  // the window still shows the scene before
    gate_.open();
    const Snapshot now = settled();
    EXPECT_EQ(now.scene->name, "parcel");
    EXPECT_EQ(now.scene->sequence, engine_->newest_scene());
    EXPECT_GT(now.state->input_views, 1U);
    engine_->set_inputs({3}, now.scene->sequence);
    EXPECT_EQ(settled().scene->inputs, (std::vector<std::size_t>{3}));
    EXPECT_TRUE(complaints().empty());
}

TEST_F(EngineThreadTest, AStoppedLoadIsNotBegunAgainForAChangeThatWaits) {
    const Snapshot before = open();
    gate_.close("photos");
    engine_->open_scene(parcel);
    ASSERT_TRUE(gate_.wait_until_reached());
    engine_->set_rule(parse_update_rule("mse").value());  // does not stop what is loading
    EXPECT_TRUE(jobs_.cancel(jobs_.snapshot().back().id));
    gate_.open();
    const Snapshot now = settled();
    EXPECT_EQ(now.scene->name, before.scene->name);
    EXPECT_EQ(now.state->rule.loss, InnerLoss::mse);
    for (const JobStatus& job : jobs_.snapshot()) {
        EXPECT_FALSE(job.title.find("parcel") != std::string::npos && job.state != JobState::cancelled);
    }
}

TEST_F(EngineThreadTest, GivingUpASetUpKeepsTheCamera) {
    const Snapshot before = open();
    gate_.close("updating fast weights");
    engine_->set_inputs({0, 1, 2});
    ASSERT_TRUE(gate_.wait_until_reached());
    const Camera camera = before.scene->views[7].camera;
    engine_->set_camera(camera);
    engine_->cancel();
    gate_.open();
    const Snapshot now = settled();
    EXPECT_EQ(now.state, before.state);
    EXPECT_EQ(now.frame->camera.c2w, camera.c2w);
}

TEST_F(EngineThreadTest, ManyRuleSwitchesEndAsAFreshSession) {
    open();
    std::mt19937 random(3);
    UpdateRule last;
    for (int i = 0; i < 30; ++i) {
        const auto presets = rule_presets();
        last = presets[std::uniform_int_distribution<std::size_t>(0, presets.size() - 1)(random)].rule;
        last.inner_steps = std::uniform_int_distribution<int>(1, 2)(random);
        last.kernel = Kernel::swiglu;  // the identity needs square fast weights
        engine_->set_rule(last);
        if (i % 3 == 0) {
            settled();
        }
    }
    const Snapshot now = settled();
    EXPECT_EQ(now.state->rule, last);
    EXPECT_EQ(now.frame->generation, now.state->generation);
    EXPECT_EQ(now.frame->image.rgb, direct(now, now.frame->camera).image.rgb);
}

TEST_F(EngineThreadTest, ANewSizeAndANewSceneBringTheCameraAlong) {
    open();
    engine_->set_size({48, 48});
    Snapshot now = settled();
    EXPECT_EQ(now.scene->size, (Size{48, 48}));
    EXPECT_EQ(now.scene->training, SizeTraining::untrained);
    EXPECT_EQ(now.frame->image.width, 48);
    EXPECT_EQ(now.scene->views[0].image->width, 48);
    // A smaller image while moving.
    Camera small = now.scene->views[0].camera;
    small.width = small.height = 16;
    engine_->set_camera(small);
    EXPECT_EQ(settled().frame->image.width, 16);
    const auto before = now.scene->sequence;
    engine_->open_scene(parcel);
    now = settled();
    EXPECT_GT(now.scene->sequence, before);
    EXPECT_EQ(now.scene->size, (Size{48, 48}));
    EXPECT_EQ(now.frame->camera.c2w, now.scene->views[now.scene->inputs.front()].camera.c2w);
    EXPECT_EQ(now.frame->generation, now.state->generation);
    // Opening weights goes back to their own size and rule; the scene stays.
    engine_->open_weights(weights_file);
    now = settled();
    EXPECT_EQ(now.scene->name, "parcel");
    EXPECT_EQ(now.scene->size, (Size{64, 64}));
}

TEST_F(EngineThreadTest, MatricesFollowTheState) {
    start();
    engine_->request_matrix({1, 0, FastMatrix::w1, MatrixTime::change});
    engine_->open_weights(weights_file);
    engine_->open_scene(bouquet);
    const Snapshot first = settled();
    ASSERT_TRUE(first.matrix);
    const MatrixShape shape = fast_weight_shape(first.weights->config, FastMatrix::w1);
    EXPECT_EQ(first.matrix->rows, shape.rows);
    EXPECT_EQ(first.matrix->columns, shape.columns);
    EXPECT_EQ(first.matrix->generation, first.state->generation);
    engine_->set_inputs({0, 1});
    const Snapshot second = settled();
    EXPECT_EQ(second.matrix->generation, second.state->generation);
    EXPECT_NE(second.matrix->values, first.matrix->values);
    engine_->request_matrix({1, 0, FastMatrix::w0, MatrixTime::initial});
    const MatrixShape other = fast_weight_shape(first.weights->config, FastMatrix::w0);
    EXPECT_EQ(settled().matrix->rows, other.rows);
    engine_->request_matrix({999, 0, FastMatrix::w0, MatrixTime::initial});
    EXPECT_EQ(settled().matrix->key.layer, 1);
    ASSERT_EQ(complaints().size(), 1U);
    EXPECT_NE(complaints()[0].what.find("999"), std::string::npos);
}

TEST_F(EngineThreadTest, EndsWhileBusy) {
    for (int i = 0; i < 4; ++i) {
        start();
        engine_->open_weights(weights_file);
        engine_->open_scene(bouquet);
        engine_->request_matrix({});
        engine_.reset();
    }
    // In the middle of a set-up.
    start();
    engine_->open_weights(weights_file);
    gate_.close("updating fast weights");
    engine_->open_scene(bouquet);
    ASSERT_TRUE(gate_.wait_until_reached());
    {
        const std::jthread opener([this] {
            std::this_thread::sleep_for(50ms);
            gate_.open();
        });
        engine_.reset();
    }
    EXPECT_FALSE(jobs_.any_running());
}

TEST_F(EngineThreadTest, WakesForEveryPublication) {
    std::mutex mutex;
    std::uint64_t wakes = 0;
    EngineService engine({"cpu"}, log_, jobs_, [&] {
        const std::scoped_lock lock(mutex);
        ++wakes;
    });
    engine.open_weights(weights_file);
    engine.open_scene(bouquet);
    ASSERT_TRUE(engine.wait_until_idle(patience));
    const auto version = engine.latest()->version;
    const std::scoped_lock lock(mutex);
    EXPECT_GE(wakes, version);
}

}  // namespace

}  // namespace lact::app
