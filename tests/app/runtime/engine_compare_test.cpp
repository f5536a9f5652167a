// The engine thread's two sides: what they show, and that a pair never mixes cameras or states.
#include "app/compare/comparison.h"
#include "app/document/camera_motion.h"
#include "app/document/compare_state.h"
#include "app/document/viewpoint.h"
#include "app/runtime/engine_service.h"
#include "app/runtime/engine_state.h"
#include "engine/core/files.h"
#include "engine/metrics/metrics.h"
#include "engine/scene/scene_files.h"
#include "tests/app/runtime/bundled.h"
#include "tests/support/temporary_folder.h"

#include <atomic>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <memory>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

using namespace std::chrono_literals;
using test::assets;
using test::patience;
using test::weights_file;

SideSpec side_of(const std::string& text) {
    const auto spec = parse_side_spec(text);
    EXPECT_TRUE(spec.has_value()) << text;
    return spec.value_or(SideSpec{});
}

bool same_camera(const Camera& x, const Camera& y) {
    return x.width == y.width && x.height == y.height && x.fx == y.fx && x.c2w == y.c2w;
}

class EngineCompareTest : public testing::Test {
  protected:
    void SetUp() override {
        engine_ = std::make_unique<EngineService>(ComputeOptions{"cpu"}, log_, jobs_);
        engine_->open_weights(weights_file);
        engine_->open_scene(assets / "scenes/bouquet");
        ASSERT_TRUE(settled().frame != nullptr);
    }
    Snapshot settled() {
        EXPECT_TRUE(engine_->wait_until_idle(patience));
        return *engine_->latest();
    }
    Snapshot compare(const std::string& a, const std::string& b) {
        engine_->compare(CompareRequest{side_of(a), side_of(b), nullptr});
        return settled();
    }
    std::size_t errors() const {
        std::size_t count = 0;
        for (const LogEntry& entry : log_.after(0)) {
            count += entry.severity == Severity::error ? 1U : 0U;
        }
        return count;
    }
    static std::shared_ptr<const Captured> keep(const Snapshot& now) {
        return std::make_shared<const Captured>(
            Captured{now.frame, "before", now.scene->sequence, now.scene->name});
    }
    /// What a session of these inputs and this rule makes of it, without any thread.
    static Frame direct(const Snapshot& now, const std::vector<std::size_t>& inputs,
                        const std::string& rule) {
        const auto model = Model::load(weights_file, {"cpu"}).value();
        SceneRequest request;
        request.path = now.scene->path;
        request.inputs = inputs;
        const LoadedScene scene = load_scene(request, model->config(), model->info()).value();
        UpdateRule requested = parse_update_rule(rule).value();
        requested.ns_precision = model->trained_rule().ns_precision;
        Session session(model);
        EXPECT_TRUE(session.set_up(scene.input_views(), requested));
        return session.render(now.pair->camera).value();
    }

    ErrorLog log_;
    JobRegistry jobs_;
    std::unique_ptr<EngineService> engine_;
};

TEST_F(EngineCompareTest, ShowsBothSidesFromTheCameraOfTheFrame) {
    EXPECT_EQ(settled().pair, nullptr) << "nobody asked for one";
    const Snapshot now = compare("current", "rule=ascent,views=0,5,9");
    ASSERT_TRUE(now.pair && now.pair->a.image && now.pair->b.image);
    EXPECT_TRUE(same_camera(now.pair->camera, now.frame->camera));
    EXPECT_EQ(now.pair->a.image->rgb, now.frame->image.rgb);
    EXPECT_EQ(now.pair->b.image->rgb, direct(now, {0, 5, 9}, "ascent").image.rgb);
    EXPECT_FALSE(now.pair->a_switched);
    EXPECT_TRUE(now.pair->b_switched);
    EXPECT_NE(now.pair->b.label.find("ascent (switched at inference)"), std::string::npos);
    EXPECT_NE(now.pair->b.label.find("3 views"), std::string::npos) << now.pair->b.label;
    ASSERT_TRUE(now.pair->figures && now.pair->whole);
    EXPECT_EQ(now.pair->figures->psnr, psnr(*now.pair->a.image, *now.pair->b.image));
    EXPECT_EQ(now.pair->figures->ssim, ssim(*now.pair->a.image, *now.pair->b.image));
    engine_->compare(std::nullopt);
    EXPECT_EQ(settled().pair, nullptr);
    EXPECT_EQ(errors(), 0U);
}

TEST_F(EngineCompareTest, EndsAlsoBesideASetUp) {
    (void)compare("current", "rule=mse");
    engine_->set_rule(parse_update_rule("ascent").value());
    engine_->compare(std::nullopt);
    const Snapshot now = settled();
    EXPECT_EQ(now.pair, nullptr);
    EXPECT_EQ(now.table, nullptr);
    EXPECT_EQ(now.state->rule.direction, Direction::ascent);
}

TEST_F(EngineCompareTest, APairNeverMixesCameras) {
    const Snapshot start = compare("current", "rule=mse");
    Viewpoint viewpoint = go_to(frame_all(start.scene->cameras()), start.frame->camera);
    std::atomic<bool> done = false;
    std::atomic<double> seen = std::nan("");  // where the reader last saw a pair
    int broken = 0;
    std::jthread reader([&] {
        while (!done) {
            const Snapshot now = *engine_->latest();
            if (now.pair) {
                broken += same_camera(now.pair->camera, now.frame->camera) ? 0 : 1;
                broken += now.pair->a.image->rgb == now.frame->image.rgb ? 0 : 1;
                seen = now.pair->camera.c2w(0, 3);
            }
        }
    });
    for (int i = 0; i < 12; ++i) {
        viewpoint = orbit(viewpoint, 0.1, 0.01);
        const Camera camera = viewpoint.camera(start.scene->size);
        engine_->set_camera(camera);
        while (i % 3 == 0 && seen != camera.c2w(0, 3)) {  // the others overtake each other
            std::this_thread::yield();
        }
        if (i == 6) {
            engine_->set_rule(parse_update_rule("ascent").value());
        }
    }
    const Snapshot end = settled();
    done = true;
    reader.join();
    EXPECT_EQ(broken, 0);
    EXPECT_TRUE(same_camera(end.pair->camera, viewpoint.camera(start.scene->size)));
    const Frame b = direct(end, end.scene->inputs, "mse");
    EXPECT_EQ(end.pair->b.image->rgb, b.image.rgb);
}

TEST_F(EngineCompareTest, SidesStayWhatTheySayWhenTheStateChanges) {
    const Snapshot before = compare("current", "rule=baseline");
    EXPECT_TRUE(std::isinf(before.pair->figures->psnr)) << "the same state";
    engine_->set_rule(parse_update_rule("ascent").value());
    const Snapshot after = settled();
    EXPECT_EQ(after.pair->a.image->rgb, after.frame->image.rgb);
    EXPECT_EQ(after.pair->b.image->rgb, before.frame->image.rgb) << "B names its rule";
    EXPECT_TRUE(after.pair->a_switched);
    engine_->set_inputs({0, 5, 9});
    const Snapshot fewer = settled();
    EXPECT_EQ(fewer.pair->b.image->rgb, direct(fewer, {0, 5, 9}, "baseline").image.rgb)
        << "B names no views: those of the current state";
    EXPECT_EQ(errors(), 0U);
}

TEST_F(EngineCompareTest, APhotoIsComparedFromItsOwnCameraAlone) {
    const Snapshot now = compare("current", "photo");
    const std::size_t view = now.scene->held_out()[2];
    engine_->set_camera(now.scene->views[view].camera);
    const Snapshot on = settled();
    ASSERT_TRUE(on.pair->figures.has_value());
    EXPECT_EQ(on.pair->view, view);
    EXPECT_EQ(on.pair->b.image->rgb, on.scene->views[view].image->rgb);
    EXPECT_EQ(on.pair->figures->psnr, on.pair->photos[0]->psnr);
    EXPECT_TRUE(std::isinf(on.pair->photos[1]->psnr));
    Viewpoint beside = go_to(frame_all(on.scene->cameras()), on.scene->views[view].camera);
    engine_->set_camera(orbit(beside, 0.05, 0).camera(on.scene->size));
    const Snapshot off = settled();
    EXPECT_EQ(off.pair->b.image, nullptr);
    EXPECT_FALSE(off.pair->b.why_not.empty());
    EXPECT_FALSE(off.pair->figures || off.pair->view);
}

TEST_F(EngineCompareTest, AKeptImageOutlivesTheStateThatMadeIt) {
    const Snapshot before = settled();
    const auto kept = keep(before);
    engine_->compare(CompareRequest{side_of("current"), side_of("captured"), kept});
    engine_->set_rule(parse_update_rule("ascent").value());
    const Snapshot now = settled();
    EXPECT_EQ(now.pair->b.image->rgb, before.frame->image.rgb);
    EXPECT_EQ(now.pair->b.label, "frozen: before");
    EXPECT_LT(now.pair->figures->psnr, 20);
    engine_->set_camera(now.scene->views[3].camera);
    const Snapshot elsewhere = settled();
    EXPECT_EQ(elsewhere.pair->b.image, nullptr);
    EXPECT_TRUE(elsewhere.pair->b.elsewhere);
}

TEST_F(EngineCompareTest, WithoutAKeptImageTheSideSaysSo) {
    const Snapshot none = compare("captured", "current");
    ASSERT_TRUE(none.pair != nullptr) << none.compare_problem;
    EXPECT_EQ(none.pair->a.image, nullptr);
    EXPECT_EQ(none.pair->a.why_not, "No image is frozen yet: press K.");
    EXPECT_EQ(errors(), 0U) << "sessions hold such a side and are opened without the picture";
}

TEST_F(EngineCompareTest, AKeptImageBelongsToItsSceneAndSize) {
    const Snapshot before = settled();
    engine_->compare(CompareRequest{side_of("current"), side_of("captured"), keep(before)});
    engine_->set_size({96, 96});
    const Snapshot larger = settled();
    EXPECT_EQ(larger.pair->b.image, nullptr);
    EXPECT_FALSE(larger.pair->b.elsewhere) << "going there does not help";
    EXPECT_NE(larger.pair->b.why_not.find("64x64"), std::string::npos) << larger.pair->b.why_not;
    engine_->open_scene(assets / "scenes/parcel");
    engine_->set_size({64, 64});
    settled();
    engine_->set_camera(before.frame->camera);
    const Snapshot other = settled();
    ASSERT_NE(other.scene->sequence, before.scene->sequence);
    EXPECT_EQ(other.pair->b.image, nullptr);
    EXPECT_NE(other.pair->b.why_not.find("another scene, bouquet"), std::string::npos)
        << other.pair->b.why_not;
}

/// Where neither side is it: two images a camera, and the last frame stays.
TEST_F(EngineCompareTest, WhatIsOpenIsRenderedOnlyWhereASideIsIt) {
    const Snapshot start = compare("rule=mse", "rule=ascent");
    ASSERT_TRUE(start.pair && start.frame);
    const Frame a = direct(start, start.scene->inputs, "mse");
    EXPECT_EQ(start.pair->a.image->rgb, a.image.rgb);
    engine_->set_camera(start.scene->views[5].camera);
    const Snapshot moved = settled();
    EXPECT_TRUE(same_camera(moved.pair->camera, moved.scene->views[5].camera));
    EXPECT_EQ(moved.frame, start.frame) << "two pictures, not three";
    EXPECT_EQ(moved.frame->generation, moved.state->generation) << "and what is there is what is open";
    engine_->request_frame(true);
    const Snapshot asked = settled();
    EXPECT_TRUE(same_camera(asked.frame->camera, asked.pair->camera));
    EXPECT_EQ(asked.pair, moved.pair);
    EXPECT_NE(asked.frame->image.rgb, asked.pair->a.image->rgb);
    engine_->request_frame(false);
    engine_->set_camera(start.scene->views[7].camera);
    EXPECT_EQ(settled().frame, asked.frame);
    engine_->set_rule(parse_update_rule("mse,steps=2").value());
    const Snapshot other = settled();
    EXPECT_EQ(other.frame->generation, other.state->generation) << "never that of another rule";
    engine_->set_camera(start.scene->views[9].camera);
    EXPECT_EQ(settled().frame, other.frame);
    engine_->compare(std::nullopt);
    const Snapshot over = settled();
    EXPECT_TRUE(same_camera(over.frame->camera, over.scene->views[9].camera));
    EXPECT_EQ(errors(), 0U);
}

TEST_F(EngineCompareTest, SidesAndPairsAreCountedForTheWholeRun) {
    const Snapshot first = compare("current", "rule=mse");
    engine_->compare(std::nullopt);
    settled();
    const Snapshot second = compare("current", "rule=ascent");
    EXPECT_GT(second.pair->sides, first.pair->sides);
    EXPECT_GT(second.pair->number, first.pair->number);
}

TEST_F(EngineCompareTest, ASideThatCannotBeMadeSaysWhyAndLeavesTheRest) {
    for (const char* wrong : {"truth", "views=1000", "views=0,900", "weights=/nowhere.pt"}) {
        const std::size_t before = errors();
        const Snapshot now = compare("current", wrong);
        EXPECT_EQ(now.pair, nullptr) << wrong;
        EXPECT_TRUE(now.compare_problem.starts_with("side B")) << now.compare_problem;
        EXPECT_NE(now.frame, nullptr);
        EXPECT_EQ(errors(), before + 1) << wrong;
    }
    const Snapshot good = compare("current", "precision=bf16");
    ASSERT_TRUE(good.pair && good.pair->figures);
    EXPECT_TRUE(good.compare_problem.empty());
    EXPECT_GT(good.pair->figures->psnr, 30);
    EXPECT_FALSE(std::isinf(good.pair->figures->psnr)) << "bf16 rounds";
}

TEST_F(EngineCompareTest, ASideIsRenderedByLinearAttentionAlone) {
    const Snapshot exact = compare("rule=baseline,ns=fp32", "rule=baseline,ns=fp32,form=linear");
    ASSERT_TRUE(exact.pair && exact.pair->figures);
    EXPECT_GT(exact.pair->figures->psnr, 90) << "the same image but for the last bits";
    EXPECT_NE(exact.pair->b.label.find("by linear attention"), std::string::npos) << exact.pair->b.label;
    const Snapshot running = compare("current", "form=linear");
    ASSERT_TRUE(running.pair && running.pair->figures);
    EXPECT_LT(running.pair->figures->psnr, 80) << "the form does not round Newton-Schulz to bf16";
    EXPECT_GT(running.pair->figures->psnr, 30);
}

TEST_F(EngineCompareTest, TheTableIsComputedWhileItIsWanted) {
    const Snapshot without = compare("current", "views=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20");
    ASSERT_TRUE(without.table != nullptr);
    EXPECT_TRUE(without.table->rows.empty());
    engine_->request_table(true);
    const Snapshot now = settled();
    ASSERT_EQ(now.table->rows.size(), now.table->of);
    ASSERT_FALSE(now.table->rows.empty());
    for (const CompareRow& row : now.table->rows) {
        EXPECT_GT(row.view, 20U) << "held out of both sides";
        EXPECT_FALSE(now.scene->views[row.view].is_input);
    }
    engine_->set_camera(now.scene->views[now.table->rows.back().view].camera);
    const Snapshot there = settled();
    EXPECT_EQ(there.table, now.table) << "the camera does not change it";
    EXPECT_EQ(there.pair->photos[1]->psnr, now.table->rows.back().psnr_b);
    EXPECT_EQ(there.pair->figures->ssim, now.table->rows.back().ssim_ab);
    const Snapshot photo = compare("photo", "current");
    EXPECT_EQ(photo.table->rows.size(), photo.scene->held_out().size());
    EXPECT_TRUE(std::isinf(photo.table->rows[0].psnr_a));
    EXPECT_EQ(photo.table->rows[0].psnr_b, photo.table->rows[0].psnr_ab);
}

/// Holds the engine's thread after each of its tasks, until the test lets it go on.
class HeldAfterTasks {
  public:
    void hold() { holds_ = true; }
    void release() { holds_ = false; }
    /// On the engine's thread.
    void after_task() {
        if (!holds_) {
            return;
        }
        const int held = ++held_;
        while (holds_ && let_go_ < held) {
            std::this_thread::sleep_for(1ms);
        }
    }
    /// Until it is held.
    void wait() const {
        const auto end = std::chrono::steady_clock::now() + patience;
        while (held_ <= let_go_ && std::chrono::steady_clock::now() < end) {
            std::this_thread::yield();
        }
        EXPECT_GT(held_.load(), let_go_.load()) << "no task came";
    }
    void let_one_task_run() {
        ++let_go_;
        wait();
    }

  private:
    std::atomic<bool> holds_ = false;
    std::atomic<int> held_ = 0;    ///< How many times.
    std::atomic<int> let_go_ = 0;  ///< Likewise.
};

TEST_F(EngineCompareTest, SidesArePendingFromTheirRequestUntilTheyAreThere) {
    HeldAfterTasks thread;
    EngineService engine(ComputeOptions{"cpu"}, log_, jobs_, [&thread] { thread.after_task(); });
    engine.open_weights(weights_file);
    engine.open_scene(assets / "scenes/bouquet");
    engine.compare(CompareRequest{side_of("current"), side_of("views=4"), nullptr});
    EXPECT_TRUE(engine.wait_until_idle(patience));
    const Snapshot before = *engine.latest();
    ASSERT_TRUE(before.scene && before.pair && before.table);
    EXPECT_FALSE(before.sides_pending);
    thread.hold();
    engine.set_camera(before.scene->views[3].camera);  // Something to do, after which it is held.
    thread.wait();
    engine.compare(CompareRequest{side_of("current"), side_of("rule=mse"), nullptr});
    const Snapshot requested = *engine.latest();
    EXPECT_TRUE(requested.sides_pending);
    EXPECT_EQ(requested.table, before.table);
    thread.let_one_task_run();
    const Snapshot made = *engine.latest();
    EXPECT_FALSE(made.sides_pending);
    EXPECT_NE(made.table, before.table);
    EXPECT_EQ(made.pair, requested.pair) << "still of the sides before, as its number says";
    EXPECT_NE(made.pair->sides, made.table->sides);
    engine.set_rule(parse_update_rule("ascent").value());
    thread.let_one_task_run();
    const Snapshot other = *engine.latest();
    EXPECT_EQ(other.state->rule.direction, Direction::ascent);
    EXPECT_TRUE(other.sides_pending) << "another state changes side A";
    thread.release();
    EXPECT_TRUE(engine.wait_until_idle(patience));
    const Snapshot end = *engine.latest();
    EXPECT_FALSE(end.sides_pending);
    EXPECT_EQ(end.pair->sides, end.table->sides);
    engine.compare(CompareRequest{side_of("current"), side_of("views=1000"), nullptr});
    EXPECT_TRUE(engine.wait_until_idle(patience));
    EXPECT_FALSE(engine.latest()->sides_pending) << "there are none";
}

TEST_F(EngineCompareTest, ARejectedRuleIsSettledBeforeTheTableIsComputed) {
    std::atomic<bool> hold = false;
    std::atomic<bool> held = false;
    const std::size_t errors_before = errors();
    // The engine's thread waits here after the set-up that is rejected, before the first row of the table.
    EngineService engine(ComputeOptions{"cpu"}, log_, jobs_, [&] {
        while (hold && errors() > errors_before) {
            held = true;
            std::this_thread::sleep_for(1ms);
        }
    });
    engine.open_weights(weights_file);
    engine.open_scene(assets / "scenes/bouquet");
    engine.compare(CompareRequest{side_of("current"), side_of("views=4"), nullptr});
    EXPECT_TRUE(engine.wait_until_idle(patience));
    EXPECT_TRUE(engine.set_up_settled(*engine.latest()));
    EXPECT_FALSE(engine.set_up_settled(Snapshot{})) << "a snapshot of before";
    hold = true;
    UpdateRule impossible;
    impossible.inner_steps = 0;
    engine.set_rule(impossible);
    engine.request_table(true);
    while (!held) {
        std::this_thread::yield();
    }
    EXPECT_TRUE(engine.set_up_settled(*engine.latest()));
    EXPECT_FALSE(engine.idle_but_for_experiment()) << "the table is still to be computed";
    hold = false;
    EXPECT_TRUE(engine.wait_until_idle(patience));
    EXPECT_EQ(engine.latest()->table->rows.size(), engine.latest()->table->of);
}

TEST(EngineTable, IsStoppedWhereRowsAreMissingAndDoNotWait) {
    EngineState state;
    EXPECT_FALSE(state.table_stopped()) << "there is no table";
    CompareTable table;
    table.of = 3;
    table.rows.resize(1);
    table.rows.front().view = 4;
    state.publish([&](Snapshot& next) { next.table = std::make_shared<const CompareTable>(table); });
    state.comparison.ready = true;
    state.comparison.table_views = {4, 5, 6};
    state.comparison.table_left = {5, 6};
    EXPECT_FALSE(state.table_stopped()) << "the rest waits";
    state.drop_requests();
    EXPECT_TRUE(state.table_stopped()) << "cancelled";
    state.resume_table();
    EXPECT_EQ(state.comparison.table_left, (std::vector<std::size_t>{5, 6}));
    EXPECT_FALSE(state.table_stopped());
    // A pair failed.
    state.comparison.ready = false;
    state.publish([](Snapshot& next) { next.compare_problem = "No memory."; });
    EXPECT_TRUE(state.table_stopped());
    state.comparison.sides_due = true;
    EXPECT_FALSE(state.table_stopped()) << "the sides are about to be made again";
    state.comparison.sides_due = false;
    state.comparison.ready = true;
    state.comparison.table_left.clear();
    EXPECT_TRUE(state.table_stopped()) << "a row failed";
    table.rows.resize(3);
    state.publish([&](Snapshot& next) { next.table = std::make_shared<const CompareTable>(table); });
    EXPECT_FALSE(state.table_stopped()) << "it is complete";
}

TEST_F(EngineCompareTest, SsimOfLargeImagesComesAfterThePair) {
    engine_->set_size({256, 256});
    const Snapshot now = compare("current", "current");
    ASSERT_TRUE(now.pair && now.pair->figures);
    EXPECT_TRUE(now.pair->whole);
    EXPECT_EQ(now.pair->figures->ssim, 1);
}

/// The bundled weights as if they had been trained from another distance.
std::filesystem::path with_radius(const std::filesystem::path& folder, double radius) {
    std::string bytes = read_file(weights_file).value();
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof length);
    auto header = nlohmann::json::parse(bytes.substr(8, length));
    auto about = nlohmann::json::parse(header["__metadata__"]["lact"].get<std::string>());
    about["train_radius"] = radius;
    header["__metadata__"]["lact"] = about.dump();
    std::string text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    const std::uint64_t now = text.size();
    std::string head(sizeof now, '\0');
    std::memcpy(head.data(), &now, sizeof now);
    const auto path = folder / "other.safetensors";
    EXPECT_TRUE(write_file_atomically(path, head + text + bytes.substr(8 + length)).has_value());
    return path;
}

TEST(CompareHistory, TakesThePsnrAtOnceAndTheSsimWhenItComes) {
    CompareHistory history;
    ComparedPair pair;
    pair.sides = 1;
    pair.number = 1;
    pair.figures = PairFigures{20, std::nan(""), 0, 0, 0};
    history.add(pair);
    ASSERT_EQ(history.psnr(), std::vector<double>{20});
    EXPECT_TRUE(std::isnan(history.ssim().back()));
    pair.figures->ssim = 0.5;
    pair.whole = true;
    history.add(pair);
    EXPECT_EQ(history.psnr().size(), 1U);
    EXPECT_EQ(history.ssim(), std::vector<double>{0.5});
    pair.number = 2;
    history.add(pair);
    EXPECT_EQ(history.psnr().size(), 2U);
    EXPECT_TRUE(history.changes().empty());
}

SideBase base_of(const std::filesystem::path& scene, Normalization normalization) {
    SideBase base;
    base.model = Model::load(weights_file, {"cpu"}).value();
    SceneRequest request;
    request.path = scene;
    request.normalization = normalization;
    base.compute.device = "cpu";
    request.size = Size{64, 64};
    LoadedScene loaded = load_scene(request, base.model->config(), base.model->info()).value();
    base.scene = std::move(loaded.set);
    base.inputs = std::move(loaded.inputs);
    base.rule = base.model->trained_rule();
    return base;
}

TEST(CompareSide, NewtonSchulzIsAsItIsUnlessTheTextNamesIt) {
    SideBase base = base_of(assets / "scenes/bouquet", Normalization::automatic);
    base.rule.ns_precision = NsPrecision::fp32;
    SideModels models;
    const auto precision = [&](const char* text) {
        return plan_side(side_of(text), base, models).value().rule.ns_precision;
    };
    EXPECT_EQ(precision("rule=ascent"), NsPrecision::fp32);
    EXPECT_EQ(precision("rule=ascent,ns=bf16"), NsPrecision::bf16);
    EXPECT_EQ(precision(("rule=ascent,weights=" + weights_file.string()).c_str()),
              base.model->trained_rule().ns_precision);
}

/// Writes other weights to a file, as a training does.
void replace_weights(const std::filesystem::path& file, const std::filesystem::path& folder) {
    const auto before = std::filesystem::last_write_time(file);
    std::filesystem::copy_file(with_radius(folder, 7), file,
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::last_write_time(file, before + 5s);  // However coarse the times of the file system are.
}

/// A training replaces the file that is open: its new weights are not the open ones in another precision.
TEST(CompareSide, AnotherPrecisionIsOfTheWeightsThatAreOpen) {
    const lact::test::TemporaryFolder folder;
    const auto file = folder.path() / "own.safetensors";
    std::filesystem::copy_file(weights_file, file);
    SideBase base = base_of(assets / "scenes/bouquet", Normalization::automatic);
    base.model = Model::load(file, {"cpu"}).value();
    SideModels models;
    const SideSpec rounded = side_of("precision=bf16");
    const SidePlan before = plan_side(rounded, base, models).value();
    EXPECT_EQ(before.model->sha256(), base.model->sha256());
    replace_weights(file, folder.path());
    EXPECT_EQ(plan_side(rounded, base, models).value(), before) << "they are still in memory";
    SideModels none;
    const auto refused = plan_side(rounded, base, none);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message().find("other weights than when it was opened"), std::string::npos)
        << refused.error().message();
    base.model = Model::load(file, {"cpu"}).value();
    EXPECT_EQ(plan_side(rounded, base, models).value().model->sha256(), base.model->sha256());
}

TEST(CompareSide, NamedWeightsAreWhatTheirFileHolds) {
    const lact::test::TemporaryFolder folder;
    const auto file = folder.path() / "own.safetensors";
    std::filesystem::copy_file(weights_file, file);
    const SideBase base = base_of(assets / "scenes/bouquet", Normalization::automatic);
    SideModels models;
    const SideSpec named = side_of("weights=" + file.string());
    const SidePlan before = plan_side(named, base, models).value();
    EXPECT_EQ(plan_side(named, base, models).value().model, before.model);
    replace_weights(file, folder.path());
    const SidePlan after = plan_side(named, base, models).value();
    EXPECT_NE(after.model->sha256(), before.model->sha256());
    std::filesystem::remove(file);
    EXPECT_EQ(plan_side(named, base, models).value().model, after.model) << "still in memory";
}

TEST(CompareSide, SaysWhatItsWeightsWereNotTrainedFor) {
    const SideBase base = base_of(assets / "scenes/bouquet", Normalization::automatic);
    Comparison comparison;
    ASSERT_TRUE(comparison.set({side_of("current"), side_of("views=1"), nullptr}, base, {}).has_value());
    EXPECT_EQ(comparison.empty_table().a.warning, "");
    EXPECT_NE(comparison.empty_table().b.warning.find("1 input view "), std::string::npos)
        << comparison.empty_table().b.warning;
}

TEST(CompareSide, FileCamerasUndoNormalising) {
    const auto path = assets / "scenes/bouquet";
    const auto files = read_scene(path).value();
    for (const Normalization normalization :
         {Normalization::none, Normalization::mean_pose, Normalization::object}) {
        const SideBase base = base_of(path, normalization);
        const FileCameras cameras = FileCameras::of(*base.scene);
        for (const PreparedView& view : base.scene->views) {
            const Eigen::Matrix4d& expected = files.views[view.index].camera.c2w;
            EXPECT_LT((cameras.camera(view.camera).c2w - expected).cwiseAbs().maxCoeff(), 1e-9)
                << to_string(normalization) << " view " << view.index;
        }
    }
}

TEST(CompareSide, OtherWeightsStandWhereTheyWereTrained) {
    const lact::test::TemporaryFolder folder;
    const SideBase base = base_of(assets / "scenes/bouquet", Normalization::object);
    const auto& model = base.model;
    const auto path = with_radius(folder.path(), 2 * model->info().train_radius.value_or(2.66));
    SideModels models;
    const SideSpec spec = side_of("weights=" + path.string());
    SidePlan plan = plan_side(spec, base, models).value();
    EXPECT_NE(plan.scene, base.scene);
    EXPECT_EQ(plan.rule, model->trained_rule());
    EXPECT_EQ(plan_side(spec, base, models).value(), plan) << "it need not be made again";
    ComparedSide other = ComparedSide::of(spec, std::move(plan), base, {}).value();
    const auto exact = other.render_view(1, {}).value();
    const auto mapped = other.render(base.scene->views[1].camera, {}).value();
    EXPECT_GT(psnr(*exact.image, *mapped.image), 80);
    // The network sees the distance: it is not the image from where the base's camera stands.
    ComparedSide same =
        ComparedSide::of(side_of("current"), plan_side({}, base, models).value(), base, {}).value();
    EXPECT_LT(psnr(*same.render_view(1, {})->image, *exact.image), 60);
}

}  // namespace

}  // namespace lact::app
