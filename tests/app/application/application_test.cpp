// The program behind the window, driven by its own actions: without graphics, and in a real window.
#include "app/application/application.h"

#include "app/video/frame_sink.h"
#include "tests/app/application/running.h"
#include "tests/app/cli/run_program.h"
#include "tests/app/gfx/x_server.h"
#include "tests/support/environment.h"
#include "tests/support/other_value.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/vulkan.h"

#include <algorithm>
#include <cstdlib>
#include <future>
#include <new>
#include <set>
#include <thread>
#include <utility>

#include <Eigen/Geometry>
#include <gtest/gtest.h>
#include <malloc.h>

namespace lact::app {

namespace {

using lact::test::TemporaryFolder;
using test::errors;
using test::options_for;
using test::Running;
using test::start;
using test::start_null;

/// Arguments that make sense for an action that asks for some.
nlohmann::json arguments_of(const Command& command, const TemporaryFolder& folder) {
    nlohmann::json with = nlohmann::json::object();
    for (const CommandArgument& argument : command.arguments) {
        if (argument.name == "view") {
            with["view"] = 3;
        } else if (argument.name == "views") {
            if (command.id == "scene.open" || command.id == "experiment.run") {
                with["views"] = 4;
            } else {
                with["views"] = {0, 5, 9};
            }
        } else if (argument.name == "rule") {
            with["rule"] = command.id == "weights.open_trained_with" ? "variant1" : "mse,steps=2";
        } else if (argument.name == "job") {
            with["job"] = 1;
        } else if (argument.name == "panel") {
            with["panel"] = "Scene";
        } else if (argument.name == "key") {
            with["key"] = 0;
        } else if (argument.name == "step") {
            with["step"] = 0;
        } else if (argument.name == "preset") {
            with["preset"] = "spiral";
        } else if (argument.name == "what") {
            with["what"] = "state";
        } else if (argument.name == "folder") {
            with["folder"] = (folder.path() / command.id).string();
        } else if (argument.name == "name") {
            with["name"] = command.id == "weights.open_bundled" ? "general" : "parcel";
        } else if (argument.name == "axis") {
            with["axis"] = "-x";
        } else if (argument.name == "side") {
            with["side"] = "rule=mse";
        } else if (command.id == "compare.export") {
            with["path"] = (folder.path() / "table.csv").string();
        } else if (argument.name == "path") {
            const bool text = command.id.starts_with("path.") || command.id == "file.save_session" ||
                              command.id == "script.save" || command.id == "compare.export_json";
            const char* extension = command.id == "panel.export" ? ".csv" : text ? ".json" : ".png";
            const std::string name = command.id == "path.load" ? "path.save" : command.id;
            const bool opens = command.id == "file.open" || command.id == "scene.open";
            with["path"] =
                opens ? LACT_ASSETS_DIR "/scenes/parcel" : (folder.path() / (name + extension)).string();
        } else {
            EXPECT_FALSE(argument.required)
                << command.id << " " << argument.name << ": not known to this test";
        }
    }
    return with;
}

TEST(Application, EveryActionRuns) {
    const TemporaryFolder folder;
    const lact::test::Environment cache("XDG_CACHE_HOME", folder.path().c_str());  // of generated scenes
    const Running running = start_null();
    std::set<std::string> disabled;
    for (const Command& command : running.program->commands().all()) {
        // The null display has no pixels to save; recording and finding poses have tests of their own.
        if (command.id == "file.quit" || command.id == "file.save_window" || command.id == "record.start" ||
            command.id == "scene.find_poses" || command.id == "file.show_in_folder") {
            continue;
        }
        if (!command.why_not().empty()) {
            disabled.insert(command.id);
            continue;
        }
        const auto files_before = folder.names();
        const auto done = running.run(command.id, arguments_of(command, folder));
        EXPECT_TRUE(done.has_value()) << command.id << ": " << done.error().message();
        const auto settled = running.program->settle();
        ASSERT_TRUE(settled.has_value()) << command.id << ": " << settled.error().message();
        if (command.effect != Effect::writes) {
            EXPECT_EQ(folder.names(), files_before) << command.id << " writes, and does not say so";
        }
    }
    // Each needs something that those before it in the table do not leave behind: a change to undo, a script,
    // work that runs.
    EXPECT_EQ(disabled,
              (std::set<std::string>{"edit.redo", "edit.undo", "experiment.cancel", "file.reopen_last",
                                     "jobs.cancel_all", "path.clear", "record.stop", "scene.open_found",
                                     "script.answer", "script.begin_here", "script.clear", "script.play",
                                     "script.remove_step", "script.save", "selection.clear", "training.close",
                                     "training.follow"}));
    EXPECT_EQ(errors(*running.program), 0);
    EXPECT_TRUE(folder.names().contains("file.save_view.png"));
    EXPECT_FALSE(running.display->should_close());
    EXPECT_TRUE(running.run("file.quit").has_value());
}

TEST(Application, EveryParameterTakesAnotherValueAndItsInitialOne) {
    const Running running = start_null();
    // Without a path its time is always 0.
    test::run(running, "path.add_key");
    test::run(running, "camera.turn");
    test::run(running, "path.add_key");
    for (const Parameter& parameter : running.program->parameters().all()) {
        const ParameterValue before = parameter.get();
        const ParameterValue other = test::other_value(parameter);
        EXPECT_NE(other, before) << parameter.id << ": " << before.shown();
        const auto set = running.program->parameters().set(parameter.id, other);
        ASSERT_TRUE(set.has_value()) << parameter.id << ": " << set.error().message();
        ASSERT_TRUE(running.program->settle().has_value()) << parameter.id;
        EXPECT_EQ(parameter.get(), other) << parameter.id << ": " << parameter.get().shown();
        ASSERT_TRUE(running.program->parameters().reset(parameter.id).has_value()) << parameter.id;
        ASSERT_TRUE(running.program->settle().has_value()) << parameter.id;
        // "auto" is read back as the size that it stands for, which is the one of before.
        const ParameterValue& initial = parameter.id == "model.size" ? before : parameter.initial;
        EXPECT_EQ(parameter.get(), initial) << parameter.id << ": " << parameter.get().shown();
    }
    EXPECT_EQ(errors(*running.program), 0);
}

/// The camera after a command.
Viewpoint camera_after(const Running& running, const char* id,
                       const nlohmann::json& with = nlohmann::json::object()) {
    test::run(running, id, with);
    return running.program->document().viewpoint();
}

TEST(Application, TurningTheOtherWayAndSinkingUndoTurningAndRising) {
    const Running running = start_null();
    const Viewpoint before = running.program->document().viewpoint();
    const Eigen::Vector3d right = before.c2w.block<3, 1>(0, 0);
    const Eigen::Vector3d to_the_side = camera_after(running, "camera.turn").position() - before.position();
    EXPECT_GT(to_the_side.dot(right), 0.01 * before.scale);
    EXPECT_TRUE(camera_after(running, "camera.turn_back").c2w.isApprox(before.c2w, 1e-9));
    const Eigen::Vector3d upwards = camera_after(running, "camera.rise").position() - before.position();
    EXPECT_GT(upwards.dot(before.up), 0.01 * before.scale);
    EXPECT_TRUE(camera_after(running, "camera.sink").c2w.isApprox(before.c2w, 1e-9));
}

TEST(Application, FramingAndResetShowTheWholeSceneAndLevelRemovesTheRoll) {
    const Running running = start_null();
    const Viewpoint whole = frame_all(running.program->snapshot()->scene->cameras());
    for (const char* id : {"camera.frame_all", "camera.reset"}) {
        test::set(running, "camera.flying", true);
        test::set(running, "camera.fov", 30);
        const Viewpoint away = camera_after(running, "camera.turn", {{"yaw", 50}, {"pitch", 5}});
        EXPECT_FALSE(away.c2w.isApprox(whole.c2w, 1e-3)) << id;
        const Viewpoint now = camera_after(running, id);
        EXPECT_TRUE(now.c2w.isApprox(whole.c2w, 1e-9)) << id;
        EXPECT_NEAR(now.lens.fy / now.lens.reference.height, whole.lens.fy / whole.lens.reference.height,
                    1e-9)
            << id;
        EXPECT_LT((now.center - whole.center).norm(), 1e-9) << id;
    }
    EXPECT_FALSE(running.program->document().flying) << "the start is an orbit";

    Eigen::Matrix4d rolled = whole.c2w;
    rolled.block<3, 3>(0, 0) =
        whole.c2w.block<3, 3>(0, 0) * Eigen::AngleAxisd(0.4, Eigen::Vector3d::UnitZ()).toRotationMatrix();
    nlohmann::json pose = nlohmann::json::array();
    for (int row = 0; row < 4; ++row) {
        pose.push_back({rolled(row, 0), rolled(row, 1), rolled(row, 2), rolled(row, 3)});
    }
    test::run(running, "path.add_key");
    test::run(running, "path.set_key", {{"key", 0}, {"c2w", pose}});
    EXPECT_TRUE(camera_after(running, "path.go_to_key", {{"key", 0}}).c2w.isApprox(rolled, 1e-9));
    EXPECT_TRUE(camera_after(running, "camera.level").c2w.isApprox(whole.c2w, 1e-9));
}

TEST(Application, AGlideToAPhotoEndsAtItsCamera) {
    const Running running = start_null();
    const Camera photo = running.program->snapshot()->scene->views[5].camera;
    EXPECT_NE(running.program->document().viewpoint().c2w, photo.c2w);
    const Viewpoint there = camera_after(running, "camera.glide_to_view", {{"view", 5}, {"seconds", 0.1}});
    EXPECT_EQ(there.c2w, photo.c2w);
}

TEST(Application, TheTourGoesBackByOneStep) {
    const Running running = start_null();
    const TourState& tour = running.program->document().tour;
    EXPECT_FALSE(running.run("tour.back").has_value()) << "no tour is running";
    ASSERT_TRUE(running.run("tour.start").has_value());
    test::run(running, "tour.next");
    ASSERT_EQ(tour.step, std::size_t{1});
    ASSERT_FALSE(running.program->controllers().player.touring());
    for (int i = 0; i < 2; ++i) {  // There is none before the first.
        ASSERT_TRUE(running.run("tour.back").has_value());
        EXPECT_EQ(tour.step, std::size_t{0});
        EXPECT_TRUE(running.program->controllers().player.touring()) << "its script runs again";
    }
    ASSERT_TRUE(running.run("tour.stop").has_value());
}

TEST(Application, UnpinningRemovesBothPins) {
    const Running running = start_null();
    test::set(running, "selection.patch", "3,4");
    test::set(running, "selection.photo_patch", "0:3,4");
    test::run(running, "selection.clear");
    EXPECT_EQ(*running.program->parameters().get("selection.patch"), "");
    EXPECT_EQ(*running.program->parameters().get("selection.photo_patch"), "");
}

TEST(Application, EveryPanelOpensOnAImageNobodySees) {
    auto display = gfx::make_offscreen({});
    if (!display) {
        LACT_NO_VULKAN(display.error());
    }
    const Running running = start(std::move(*display), options_for("bouquet"));
    ASSERT_GE(running.program->shell().panels().size(), 5U);
    for (const Panel& panel : running.program->shell().panels()) {
        ASSERT_TRUE(running.run("panel.show", {{"panel", panel.title}}).has_value()) << panel.title;
        ASSERT_TRUE(running.program->settle().has_value()) << panel.title;
        EXPECT_TRUE(panel.open) << panel.title;
    }
    const auto image = running.program->shell().screenshot();
    ASSERT_TRUE(image.has_value());
    std::set<std::uint8_t> levels(image->pixels.begin(), image->pixels.end());
    EXPECT_GT(levels.size(), 50U);
    EXPECT_EQ(errors(*running.program), 0);
}

/// A null display that tells when its window waits without limit, and who woke it.
class WaitingDisplay final : public gfx::Display {
  public:
    /// Ready once the window waits without limit.
    [[nodiscard]] std::future<void> waits() { return waits_.get_future(); }
    void tell() {
        if (!std::exchange(told_, true)) {
            waits_.set_value();
        }
    }
    static inline thread_local bool woken_by_this_thread = false;

    const gfx::DisplayInfo& info() const override { return inner_->info(); }
    gfx::Canvas& canvas() override { return inner_->canvas(); }
    gfx::Wake wait(std::optional<double> seconds) override {
        if (!seconds) {
            tell();
        }
        return inner_->wait(seconds);
    }
    void wake() override {
        woken_by_this_thread = true;
        inner_->wake();
    }
    void resize(int width, int height) override { inner_->resize(width, height); }
    std::array<int, 2> size() const override { return inner_->size(); }
    Result<bool> begin_frame() override { return inner_->begin_frame(); }
    Result<void> end_frame(Image8* capture) override { return inner_->end_frame(capture); }

  private:
    std::unique_ptr<gfx::Display> inner_ = gfx::make_null({});
    std::promise<void> waits_;
    bool told_ = false;
};

TEST(Application, AStopRequestEndsItsWait) {
    auto display = std::make_unique<WaitingDisplay>();
    WaitingDisplay& shown = *display;
    const Running running = start(std::move(display), options_for("bouquet"));
    std::stop_source stop;
    bool woken = false;
    std::jthread later([&shown, &stop, &woken, waits = shown.waits()] {
        waits.wait();
        stop.request_stop();  // Its callbacks run on this thread.
        woken = WaitingDisplay::woken_by_this_thread;
        shown.wake();  // The test ends also where they did not wake it.
    });
    EXPECT_TRUE(running.program->run(stop.get_token()).has_value());
    shown.tell();  // Where it ended before it waited.
    later.join();
    EXPECT_TRUE(woken);
}

TEST(Application, TheTruthOfAGeneratedSceneIsFlippedTo) {
    const TemporaryFolder folder;
    const lact::test::Environment cache("XDG_CACHE_HOME", folder.path().c_str());
    auto display = gfx::make_offscreen({});
    if (!display) {
        LACT_NO_VULKAN(display.error());
    }
    const Running running = start(std::move(*display), options_for("bouquet"));
    Application& program = *running.program;
    EXPECT_FALSE(running.run("view.ground_truth").has_value()) << "the truth of photos is not known";
    ASSERT_TRUE(running.run("scene.generate", {{"seed", 100000057U}}).has_value());
    ASSERT_TRUE(program.settle().has_value());
    const auto psnr = program.panels().viewport.psnr_against_ground_truth();
    ASSERT_TRUE(psnr.has_value());
    EXPECT_GT(*psnr, 8);
    const auto prediction = program.shell().screenshot();
    ASSERT_TRUE(running.run("view.ground_truth").has_value());
    ASSERT_TRUE(program.settle().has_value());
    EXPECT_TRUE(program.document().ground_truth_large);
    EXPECT_EQ(program.panels().viewport.psnr_against_ground_truth(), psnr);
    const auto ground_truth = program.shell().screenshot();
    ASSERT_TRUE(running.run("view.ground_truth").has_value());
    ASSERT_TRUE(program.settle().has_value());
    const auto again = program.shell().screenshot();
    ASSERT_TRUE(prediction && ground_truth && again);
    EXPECT_NE(ground_truth->pixels, prediction->pixels);
    EXPECT_EQ(again->pixels, prediction->pixels);
    EXPECT_EQ(errors(program), 0);
}

TEST(Application, TickingAPhotoRebuildsTheState) {
    const Running running = start_null();
    const Snapshot before = *running.program->snapshot();
    const std::size_t held_out = before.scene->held_out().front();
    ASSERT_TRUE(running.run("inputs.toggle", {{"view", held_out}}).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    const Snapshot after = *running.program->snapshot();
    EXPECT_EQ(after.scene->inputs.size(), before.scene->inputs.size() + 1);
    EXPECT_GT(after.state->generation, before.state->generation);
    EXPECT_EQ(after.frame->generation, after.state->generation);
    EXPECT_NE(after.frame->image.rgb, before.frame->image.rgb);
}

TEST(Application, ASceneOpensWithTheInputViewsThatAreNamed) {
    const Running running = start_null();
    const std::string scene = LACT_ASSETS_DIR "/scenes/parcel";
    test::run(running, "scene.open", {{"path", scene}, {"inputs", {3, 1, 7}}, {"size", "32x32"}});
    EXPECT_EQ(running.program->snapshot()->scene->inputs, (std::vector<std::size_t>{3, 1, 7}));
    EXPECT_EQ(running.program->snapshot()->scene->size, (Size{32, 32}));
    EXPECT_FALSE(running.run("scene.open", {{"path", scene}, {"inputs", nlohmann::json::array()}}));
}

TEST(Application, TheLastInputViewStays) {
    const Running running = start_null();
    ASSERT_TRUE(running.run("inputs.first").has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    const auto refused =
        running.run("inputs.toggle", {{"view", running.program->snapshot()->scene->inputs[0]}});
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().what.find("last input view"), std::string::npos);
}

TEST(Application, AMatrixOfTheChosenLayerIsShown) {
    const Running running = start_null();
    ASSERT_TRUE(running.program->parameters().set("matrix.layer", 5).has_value());
    ASSERT_TRUE(running.program->parameters().set("matrix.head", 1).has_value());
    ASSERT_TRUE(running.program->parameters().set("matrix.when", "change").has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    const auto& matrix = running.program->snapshot()->matrix;
    ASSERT_NE(matrix, nullptr);
    EXPECT_EQ(matrix->key, (MatrixKey{5, 1, FastMatrix::w1, MatrixTime::change}));
    EXPECT_FALSE(running.program->parameters().set("matrix.layer", 6).has_value());
}

TEST(Application, AnErrorKeepsWhatWasOpen) {
    const TemporaryFolder folder;
    const Running running = start_null();
    const Snapshot before = *running.program->snapshot();
    const auto broken = folder.file("broken.safetensors", std::string(64, 'x'));
    (void)running.run("file.open", {{"path", broken.string()}});
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(errors(*running.program), 1);
    EXPECT_EQ(running.program->snapshot()->frame, before.frame);
    EXPECT_EQ(running.program->snapshot()->weights, before.weights);
}

TEST(Application, NothingIsDrawnWhileNothingChanges) {
    const Running running = start_null();
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(running.program->shell().step(0.1).has_value());  // frames that still settle
    }
    const auto frames = running.program->shell().frames();
    for (int i = 0; i < 20; ++i) {
        const auto drew = running.program->shell().step(0.05);
        ASSERT_TRUE(drew.has_value());
        EXPECT_FALSE(*drew);
    }
    EXPECT_EQ(running.program->shell().frames(), frames);
}

TEST(Application, TheImageIsThatOfTheRenderCommand) {
    const TemporaryFolder folder;
    const Running running = start_null("spinning_top");
    const auto view = running.program->snapshot()->scene->inputs.front();
    ASSERT_TRUE(running.run("camera.go_to_view", {{"view", view}}).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    const auto png = folder.path() / "view.png";
    ASSERT_TRUE(running.run("file.save_view", {{"path", png.string()}}).has_value());
    const auto command = test::run_lactscope("render --device cpu --scene " LACT_ASSETS_DIR
                                             "/scenes/spinning_top --weights " LACT_ASSETS_DIR
                                             "/weights/general.safetensors --path inputs --frames 2 -o " +
                                             (folder.path() / "frames").string());
    ASSERT_EQ(command.exit_code, 0) << command.err;
    const auto shown = load_image(png);
    const auto rendered = load_image(folder.path() / "frames/00000.png");
    ASSERT_TRUE(shown.has_value() && rendered.has_value());
    EXPECT_EQ(shown->pixels, rendered->pixels);
}

TEST(Application, ScriptsRunAndBadOnesAreRefusedByStep) {
    const TemporaryFolder folder;
    ApplicationOptions options = options_for("bouquet");
    options.script = folder.file("tour.json", R"([{"wait": "idle"}, {"set": "matrix.layer", "to": 4},
        {"action": "rule.mse"}, {"wait": "idle"}, {"action": "camera.go_to_view", "with": {"view": 7}}, {"wait": "idle"}])");
    Running running = start(gfx::make_null({}), options);
    EXPECT_EQ(running.program->snapshot()->state->rule_text, "mse");
    EXPECT_TRUE(running.program->snapshot()->state->rule_switched);
    EXPECT_EQ(running.program->snapshot()->matrix->key.layer, 4);
    EXPECT_TRUE(coincide(running.program->snapshot()->frame->camera,
                         running.program->snapshot()->scene->views[7].camera));
    running.program.reset();
    running.display.reset();  // one display at a time
    options.script = folder.file("bad.json", R"([{"action": "no.such"}])");
    const auto display = gfx::make_null({});
    const auto refused = Application::create(*display, options);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message().find("no.such"), std::string::npos);
}

TEST(Application, AScriptBesideASessionPlaysOnceThatIsRestored) {
    const TemporaryFolder folder;
    ApplicationOptions options = options_for("bouquet");
    SessionFile session;
    session.scene = LACT_ASSETS_DIR "/scenes/bouquet";
    session.weights = LACT_ASSETS_DIR "/weights/general.safetensors";
    session.parameters = {{"viewport.filter", "nearest"}, {"matrix.layer", 1}};
    session.script = nlohmann::json::parse(R"([{"action": "rule.mse"}, {"wait": "idle"}])");
    const auto file = folder.path() / "s.lactscope";
    ASSERT_TRUE(save_session_file(file, session).has_value());
    options.paths = {file};
    options.script = folder.file("steps.json", R"([{"set": "matrix.layer", "to": 4}, {"wait": "idle"}])");
    const Running running = start(gfx::make_null({}), options);
    EXPECT_EQ(running.program->session().parameters.at("viewport.filter"), "nearest");
    ASSERT_NE(running.program->snapshot()->matrix, nullptr);
    EXPECT_EQ(running.program->snapshot()->matrix->key.layer, 4) << "the script comes last";
    EXPECT_EQ(running.program->snapshot()->state->rule_text, "mse") << "after the session's own";
}

TEST(Application, ASessionThatIsRefusedOpensNothing) {
    const Running running = test::start_null();
    const std::string weights = running.program->snapshot()->weights->name;
    SessionFile session;
    session.weights = LACT_ASSETS_DIR "/weights/nano128.safetensors";
    session.generated_seed = 7;
    session.generated_family = "/nowhere/family.json";
    EXPECT_FALSE(running.program->open_session(session).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(running.program->snapshot()->weights->name, weights);
}

TEST(Application, AScriptOpenedWithASessionBeginsWithWhatThatRestores) {
    const TemporaryFolder folder;
    ApplicationOptions options = options_for("bouquet");
    SessionFile session;
    session.scene = LACT_ASSETS_DIR "/scenes/bouquet";
    session.weights = LACT_ASSETS_DIR "/weights/nano128.safetensors";
    session.parameters = {{"viewport.filter", "nearest"}, {"rule.text", "mse"}};
    const auto file = folder.path() / "s.lactscope";
    ASSERT_TRUE(save_session_file(file, session).has_value());
    options.paths = {file, folder.file("steps.json", R"([{"set": "matrix.layer", "to": 4}])")};
    const Running running = start(gfx::make_null({}), options);
    EXPECT_EQ(running.program->snapshot()->matrix->key.layer, 4) << "the script has played";
    EXPECT_EQ(running.program->parameters().get("viewport.filter"), ParameterValue("nearest"))
        << "it replaced the session that was being restored";
    const SessionFile begin = running.program->session();
    EXPECT_EQ(begin.parameters.at("viewport.filter"), "nearest") << "the state it began with";
    EXPECT_EQ(begin.parameters.at("rule.text"), "mse");
    EXPECT_EQ(begin.weights.filename(), "nano128.safetensors");
    EXPECT_EQ(begin.script.size(), 1U);
}

TEST(Application, PhotosTickedInQuickSuccessionAllCount) {
    const Running running = start_null();
    const auto before = running.program->snapshot()->scene->inputs;
    std::vector<std::size_t> others;
    for (std::size_t i = 0; others.size() < 2; ++i) {
        if (std::ranges::find(before, i) == before.end()) {
            others.push_back(i);
        }
    }
    // No frame between them: the first state is still being built when the second photo is ticked.
    for (const std::size_t view : others) {
        ASSERT_TRUE(running.run("inputs.toggle", {{"view", view}}).has_value());
    }
    ASSERT_TRUE(running.program->settle().has_value());
    auto expected = before;
    expected.insert(expected.end(), others.begin(), others.end());
    EXPECT_EQ(running.program->snapshot()->scene->inputs, expected);
    EXPECT_FALSE(running.program->document().requested_inputs.has_value());
}

TEST(Application, ThePathOfASessionLeavesWithItsScene) {
    const TemporaryFolder folder;
    const Running running = start_null();
    test::run(running, "path.add_key");
    const auto file = folder.path() / "session.json";
    ASSERT_TRUE(save_session_file(file, running.program->session()).has_value());
    test::run(running, "file.open", {{"path", file.string()}});  // Its scene is open already.
    EXPECT_EQ(running.program->document().path.track.keys.size(), 1U);
    test::run(running, "scene.open_bundled", {{"name", "parcel"}});
    EXPECT_TRUE(running.program->document().path.track.keys.empty());
    // And comes with it.
    test::run(running, "file.open", {{"path", file.string()}});
    EXPECT_EQ(running.program->document().path.track.keys.size(), 1U);
}

TEST(Application, SettingsAreKept) {
    const TemporaryFolder folder;
    for (const bool second : {false, true}) {
        ApplicationOptions options = options_for("bouquet");
        options.settings_folder = folder.path() / "settings";
        options.restore_size = true;
        const Running running = start(gfx::make_null({}), options);
        EXPECT_EQ(running.display->size(), second ? (std::array{1555, 999}) : (std::array{1280, 800}));
        EXPECT_EQ(*running.program->parameters().get("record.fps"), second ? 12 : 30);
        running.display->resize(1555, 999);
        ASSERT_TRUE(running.program->parameters().set("record.fps", 12).has_value());
        EXPECT_EQ(running.program->shell().theme(), second ? Theme::light : Theme::dark);
        ASSERT_TRUE(running.program->parameters().set("ui.theme", "light").has_value());
    }
}

/// A null display whose GPU is lost after some frames.
class LosingDisplay : public gfx::Display {
  public:
    explicit LosingDisplay(int frames) : frames_(frames) {}
    const gfx::DisplayInfo& info() const override { return inner_->info(); }
    gfx::Canvas& canvas() override { return inner_->canvas(); }
    gfx::Wake wait(std::optional<double>) override { return lost ? gfx::Wake::request : inner_->wait(0); }
    void wake() override { inner_->wake(); }
    void resize(int width, int height) override { inner_->resize(width, height); }
    std::array<int, 2> size() const override { return inner_->size(); }
    Result<bool> begin_frame() override { return inner_->begin_frame(); }
    Result<void> end_frame(Image8* capture) override {
        if (lost && frames_-- <= 0) {
            if (throws) {
                throw std::bad_alloc();
            }
            return fail("vulkan", "the GPU was lost (driver reset)", "Start the program again.");
        }
        return inner_->end_frame(capture);
    }
    bool lost = false;    ///< From now on the frames count.
    bool throws = false;  ///< The end is an exception.

  private:
    std::unique_ptr<gfx::Display> inner_ = gfx::make_null({});
    int frames_;
};

/// The only session beside the settings; empty where there is none.
std::filesystem::path rescued_session(const std::filesystem::path& folder) {
    std::filesystem::path found;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".lactscope") {
            EXPECT_TRUE(found.empty());
            found = entry.path();
        }
    }
    return found;
}

TEST(Application, ALostGpuDoesNotTakeAnUnsavedPathAndScriptWithIt) {
    const TemporaryFolder folder;
    std::string said;
    {
        ApplicationOptions options = options_for("bouquet");
        options.settings_folder = folder.path() / "not_there_yet";
        auto display = std::make_unique<LosingDisplay>(3);
        LosingDisplay& losing = *display;
        const Running running = start(std::move(display), options);
        test::run(running, "path.add_key");
        test::run(running, "path.add_key");
        losing.lost = true;
        const auto ended = running.program->run();
        ASSERT_FALSE(ended.has_value());
        said = ended.error().message();
    }
    const auto file = rescued_session(folder.path() / "not_there_yet");
    ASSERT_FALSE(file.empty());
    EXPECT_NE(said.find("driver reset"), std::string::npos) << said;
    EXPECT_NE(said.find(file.string()), std::string::npos) << said;
    const auto session = load_session_file(file);
    ASSERT_TRUE(session.has_value()) << session.error().message();
    EXPECT_EQ(session->track.keys.size(), 2U);
}

TEST(Application, AnExceptionInAFrameDoesNotTakeAnUnsavedPathWithIt) {
    const TemporaryFolder folder;
    ApplicationOptions options = options_for("bouquet");
    options.settings_folder = folder.path();
    auto display = std::make_unique<LosingDisplay>(3);
    LosingDisplay& losing = *display;
    const Running running = start(std::move(display), options);
    test::run(running, "path.add_key");
    losing.lost = true;
    losing.throws = true;
    const auto ended = running.program->run();
    ASSERT_FALSE(ended.has_value());
    EXPECT_NE(ended.error().message().find("no memory"), std::string::npos) << ended.error().message();
    EXPECT_FALSE(rescued_session(folder.path()).empty());
}

TEST(Application, AStopRequestWritesWhatIsNotSaved) {
    for (const bool saved : {false, true}) {
        const TemporaryFolder folder;
        ApplicationOptions options = options_for("bouquet");
        options.settings_folder = folder.path();
        const Running running = start(gfx::make_null({}), options);
        test::run(running, "path.add_key");
        if (saved) {
            test::run(running, "path.save", {{"path", (folder.path() / "own.lactpath").string()}});
        }
        std::stop_source stop;
        stop.request_stop();
        ASSERT_TRUE(running.program->run(stop.get_token()).has_value());
        EXPECT_EQ(rescued_session(folder.path()).empty(), saved);
    }
}

/// Bytes that are allocated and not freed. Resident memory is no measure: the allocator keeps freed pages.
std::size_t bytes_in_use() {
    const struct mallinfo2 now = ::mallinfo2();
    return now.uordblks + now.hblkhd;
}

TEST(Application, OpeningScenesAgainAndAgainTakesNoMoreMemory) {
    const Running running = start_null();
    std::size_t after_five = 0;
    for (int i = 1; i <= 50; ++i) {
        ASSERT_TRUE(
            running.run("scene.open_bundled", {{"name", i % 2 == 0 ? "bouquet" : "parcel"}}).has_value());
        ASSERT_TRUE(running.program->settle().has_value());
        if (i == 5) {
            after_five = bytes_in_use();
        }
    }
    EXPECT_LE(static_cast<double>(bytes_in_use()), 1.02 * static_cast<double>(after_five));
}

TEST(Application, ARealWindowIsCleanUnderTheValidationLayer) {
    const auto server = gfx::test::XServer::start();
    if (!server) {
        GTEST_SKIP() << "no Xvfb here";
    }
    auto display = test::with_validation({}, gfx::open_window);
    if (!display) {
        LACT_NO_VULKAN(display.error());
    }
    gfx::Display& shown = **display;
    {
        const Running running = start(std::move(*display), options_for("bouquet"));
        for (int i = 0; i < 100; ++i) {
            shown.resize(700 + 7 * i, 500 + (i * 37) % 400);
            ASSERT_TRUE(running.program->shell().frame().has_value());
        }
        ASSERT_TRUE(running.run("scene.open_bundled", {{"name", "parcel"}}).has_value());
        ASSERT_TRUE(running.program->settle().has_value());
        for (int layer = 0; layer < 6; ++layer) {
            ASSERT_TRUE(running.program->parameters().set("matrix.layer", layer).has_value());
            ASSERT_TRUE(running.program->settle().has_value());
        }
        ASSERT_TRUE(running.run("view.theme").has_value());
        ASSERT_TRUE(running.run("help.open").has_value());
        ASSERT_TRUE(running.program->settle().has_value());
        EXPECT_EQ(shown.validation_messages(), 0) << shown.first_validation_message();
        EXPECT_EQ(errors(*running.program), 0);
    }
}

}  // namespace

}  // namespace lact::app
