// The camera path in the window: its preview, its handle, its files.
#include "app/document/session_file.h"
#include "app/video/provenance.h"
#include "engine/core/files.h"
#include "engine/scene/camera_track_json.h"
#include "engine/session/scene_header.h"
#include "engine/session/weight_files.h"
#include "tests/app/application/running.h"
#include "tests/app/cli/run_program.h"
#include "tests/app/video/decode.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/vulkan.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <imgui.h>

namespace lact::app {

namespace {

using lact::test::TemporaryFolder;
using test::errors;
using test::options_for;
using test::run;
using test::Running;
using test::set;
using test::start_null;

Eigen::Vector3d position(const CameraKey& key) {
    return key.pose.c2w.block<3, 1>(0, 3);
}

TEST(PathPreview, IsAnotherCamerasImageAndLeavesTheView) {
    const Running running = start_null();
    const Application& program = *running.program;
    run(running, "path.preset", {{"preset", "orbit"}, {"seconds", 4}});
    const auto before = program.document().viewpoint().c2w;
    set(running, "path.preview", true);
    set(running, "path.time", 1.5);
    EXPECT_EQ(program.document().viewpoint().c2w, before);
    const auto answered = program.snapshot()->answers.find("path.preview");
    ASSERT_NE(answered, program.snapshot()->answers.end());
    const Frame* preview = answered->second->get<Frame>();
    ASSERT_NE(preview, nullptr);
    const Camera requested = program.document().path.evaluator()->at(1.5, program.snapshot()->scene->size);
    EXPECT_TRUE(preview->camera.c2w.isApprox(requested.c2w, 1e-12));
    // Flown by the view itself, the same place gives the same image.
    set(running, "path.preview", false);
    set(running, "path.time", 1.5);
    EXPECT_FALSE(program.document().viewpoint().c2w.isApprox(before, 1e-3));
    EXPECT_EQ(program.snapshot()->frame->image.rgb, preview->image.rgb);
    EXPECT_FALSE(program.snapshot()->answers.contains("path.preview"));
}

TEST(PathPreview, PlaysToTheEndWhileTheViewStays) {
    const Running running = start_null();
    const Application& program = *running.program;
    run(running, "path.preset", {{"preset", "dolly"}, {"seconds", 0.4}});
    set(running, "path.preview", true);
    const auto before = program.document().viewpoint().c2w;
    run(running, "path.play");
    EXPECT_FALSE(program.document().path.playing);
    EXPECT_NEAR(program.document().path.time, 0.4, 1e-9);
    EXPECT_EQ(program.document().viewpoint().c2w, before);
}

TEST(PathPreview, TheTimeOfALoopStaysInIt) {
    const Running running = start_null();
    run(running, "path.preset", {{"preset", "orbit"}, {"seconds", 4}});
    running.program->hold_clock(100);
    ASSERT_TRUE(running.run("path.play").has_value());
    for (const double seconds : {101.0, 105.0, 113.5}) {
        running.program->hold_clock(seconds);
        ASSERT_TRUE(running.program->shell().frame().has_value());
        EXPECT_NEAR(running.program->document().path.time, std::fmod(seconds - 100, 4), 1e-9);
    }
    EXPECT_TRUE(running.program->document().path.playing);
}

TEST(PathHandle, DraggedInTheOverviewMovesTheKeyInItsPlane) {
    const Running running = start_null();
    Application& program = *running.program;
    run(running, "path.preset", {{"preset", "orbit"}});
    run(running, "panel.show", {{"panel", "Overview"}});
    run(running, "path.go_to_key", {{"key", 1}});
    const auto key_at = program.panels().overview.path().key_position(1);
    ASSERT_TRUE(key_at.has_value());
    const auto frames = [&](int count) {
        for (int i = 0; i < count; ++i) {
            ASSERT_TRUE(program.shell().frame().has_value());
        }
    };
    const CameraKey before = program.document().path.track.keys[1];
    const Viewpoint eye = program.panels().overview.eye();
    ImGuiIO& io = ImGui::GetIO();
    io.AddMousePosEvent(key_at->x, key_at->y);
    frames(4);
    EXPECT_TRUE(program.panels().overview.path().takes_mouse());
    io.AddMouseButtonEvent(0, true);
    frames(3);
    const ImVec2 drag{24, -10};
    io.AddMousePosEvent(key_at->x + drag.x, key_at->y + drag.y);
    frames(3);
    io.AddMouseButtonEvent(0, false);
    frames(3);
    const CameraKey& after = program.document().path.track.keys[1];
    const Eigen::Vector3d move = position(after) - position(before);
    EXPECT_GT(move.norm(), 1e-3);
    // In the plane that faces the overview's eye, to under the pointer; the overview itself has not turned.
    EXPECT_NEAR(move.dot(eye.c2w.block<3, 1>(0, 2)) / move.norm(), 0, 2e-2);
    EXPECT_EQ(program.panels().overview.eye().c2w, eye.c2w);
    const auto moved_to = program.panels().overview.path().key_position(1);
    ASSERT_TRUE(moved_to.has_value());
    EXPECT_NEAR(moved_to->x - key_at->x, drag.x, 2);
    EXPECT_NEAR(moved_to->y - key_at->y, drag.y, 2);
    EXPECT_TRUE((after.pose.c2w.block<3, 3>(0, 0).isApprox(before.pose.c2w.block<3, 3>(0, 0), 1e-5)));
    EXPECT_EQ(errors(program), 0);
}

TEST(PathTimeline, ADraggedKeyFollowsThePointerAlsoBeyondTheEnd) {
    const Running running = start_null();
    Application& program = *running.program;
    run(running, "path.preset", {{"preset", "dolly"}, {"seconds", 4}});
    run(running, "panel.show", {{"panel", "Record"}});
    const auto& keys = program.document().path.track.keys;
    const std::vector<ImVec2> places = program.panels().record.timeline().key_places();
    ASSERT_EQ(places.size(), keys.size());
    const auto frames = [&](int count) {
        for (int i = 0; i < count; ++i) {
            ASSERT_TRUE(program.shell().frame().has_value());
        }
    };
    const float second = (places.back().x - places.front().x) / 4;
    ImGuiIO& io = ImGui::GetIO();
    const auto drag = [&](ImVec2 from, float by) {
        io.AddMousePosEvent(from.x, from.y);
        frames(4);
        io.AddMouseButtonEvent(0, true);
        frames(3);
        io.AddMousePosEvent(from.x + by, from.y);
        frames(8);  // Held: it stays where it was dragged to.
        io.AddMouseButtonEvent(0, false);
        frames(3);
    };
    drag(places.back(), -0.1F * second);
    EXPECT_NEAR(keys.back().time, 3.9, 0.06);
    // The bar has got a new scale by now: the last key is at its end again.
    const std::vector<ImVec2> now = program.panels().record.timeline().key_places();
    EXPECT_NEAR(now.back().x, places.back().x, 1);
    drag(now.back(), 0.25F * (now.back().x - now.front().x));
    EXPECT_NEAR(keys.back().time, 3.9 * 1.25, 0.1);
    EXPECT_EQ(errors(program), 0);
}

TEST(PathEditing, TheTimeStaysOnThePath) {
    const Running running = start_null();
    run(running, "path.preset", {{"preset", "orbit"}, {"seconds", 4}});
    const PathState& path = running.program->document().path;
    const auto end = [&path] {
        const auto evaluator = path.evaluator();
        return evaluator ? evaluator->start() + evaluator->duration() : 0;
    };
    ASSERT_GT(path.track.keys.size(), 3U);
    set(running, "path.time", end());
    set(running, "path.loop", false);
    EXPECT_LE(path.time, end());
    set(running, "path.time", end());
    run(running, "path.remove_key", {{"key", path.track.keys.size() - 1}});
    EXPECT_EQ(path.time, end());
    const std::size_t last = path.track.keys.size() - 1;
    const double earlier = (path.track.keys[last - 1].time + path.track.keys[last].time) / 2;
    run(running, "path.set_key", {{"key", last}, {"time", earlier}});
    EXPECT_EQ(path.time, end());
    EXPECT_EQ(errors(*running.program), 0);
}

TEST(PathEditing, ClearingThePathKeepsTheFlightThatIsRecorded) {
    const Running running = start_null();
    run(running, "path.preset", {{"preset", "orbit"}});
    set(running, "path.preview", true);
    run(running, "path.record_flight");
    run(running, "path.clear");
    const PathState& path = running.program->document().path;
    EXPECT_TRUE(path.track.keys.empty());
    EXPECT_EQ(path.time, 0);
    EXPECT_TRUE(path.recording);
    EXPECT_FALSE(path.flight.empty());
    EXPECT_TRUE(path.preview);
    // A session takes the place of the path, and says that the flight is over.
    const auto warnings = [&] {
        const auto entries = running.program->log().after(0);
        return std::ranges::count_if(entries, [](const LogEntry& entry) {
            return entry.what.find("recording of the flight has ended") != std::string::npos;
        });
    };
    EXPECT_EQ(warnings(), 0);
    ASSERT_TRUE(running.program->open_session(running.program->session()).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_FALSE(path.recording);
    EXPECT_EQ(warnings(), 1);
}

TEST(CameraFlight, HoweverItEndsTheOrbitTurnsAroundTheMiddleOfTheImage) {
    const Running running = start_null();
    Document& document = *running.program->services().document;
    const auto off_the_axis = [&document] {
        const Viewpoint& now = document.viewpoint();
        const Eigen::Vector3d to_centre = now.center - now.position();
        return to_centre.normalized().cross(Eigen::Vector3d(now.c2w.block<3, 1>(0, 2))).norm();
    };
    const auto fly_aside = [&] {
        set(running, "camera.flying", true);
        Viewpoint aside = document.viewpoint();
        aside.center += 0.3 * aside.scale * Eigen::Vector3d(aside.c2w.block<3, 1>(0, 0));
        document.set_viewpoint(aside);
        ASSERT_GT(off_the_axis(), 0.1);
    };
    fly_aside();
    run(running, "camera.fly");
    EXPECT_LT(off_the_axis(), 1e-9);
    fly_aside();
    set(running, "camera.flying", false);
    EXPECT_LT(off_the_axis(), 1e-9);
    // A session has a centre of its own.
    fly_aside();
    SessionFile session = running.program->session();
    session.parameters["camera.flying"] = false;
    ASSERT_TRUE(running.program->open_session(session).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_FALSE(document.flying);
    EXPECT_GT(off_the_axis(), 0.1);
}

TEST(WithoutAPhoto, EndsWithItsScene) {
    const Running running = start_null();
    set(running, "linear.without", 3);
    ASSERT_TRUE(running.program->document().without_photo.has_value());
    run(running, "scene.open_bundled", {{"name", "parcel"}});
    EXPECT_FALSE(running.program->document().without_photo.has_value());
}

TEST(PathHandle, KeysTakeAPoseAndRefuseWhatIsNone) {
    const Running running = start_null();
    run(running, "path.preset", {{"preset", "orbit"}});
    const auto& keys = running.program->document().path.track.keys;
    const Eigen::Matrix4d other = keys[2].pose.c2w;
    nlohmann::json rows = nlohmann::json::array();
    for (int row = 0; row < 4; ++row) {
        rows.push_back({other(row, 0), other(row, 1), other(row, 2), other(row, 3)});
    }
    run(running, "path.set_key", {{"key", 1}, {"c2w", rows}});
    EXPECT_TRUE(keys[1].pose.c2w.isApprox(other, 1e-6));
    rows[0][0] = 7.0;
    EXPECT_FALSE(running.run("path.set_key", {{"key", 1}, {"c2w", rows}}).has_value());
    EXPECT_FALSE(running.run("path.set_key", {{"key", 1}, {"c2w", "here"}}).has_value());
    EXPECT_TRUE(keys[1].pose.c2w.isApprox(other, 1e-6));
}

TEST(PathFile, RenderShowsWhatTheWindowShows) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "path.json";
    const auto seen = folder.path() / "seen.png";
    {
        const Running running = start_null();
        run(running, "path.preset", {{"preset", "spiral"}, {"seconds", 1}});
        run(running, "path.save", {{"path", path.string()}});
        set(running, "path.time", 0.5);
        run(running, "file.save_view", {{"path", seen.string()}});
    }
    const auto frames = folder.path() / "frames";
    const auto render =
        test::run_lactscope("render --scene " LACT_ASSETS_DIR "/scenes/bouquet --weights " LACT_ASSETS_DIR
                            "/weights/general.safetensors --path " +
                            path.string() + " --fps 2 --device cpu -o " + frames.string());
    ASSERT_EQ(render.exit_code, 0) << render.err;
    EXPECT_EQ(TemporaryFolder::names_in(frames),
              (std::set<std::string>{"00000.png", "00001.png", "00002.png"}));  // 0, 0.5 and 1 s
    const auto window = test::decode_png(seen).image;
    const auto command = test::decode_png(frames / "00001.png").image;
    ASSERT_EQ(window.pixels.size(), command.pixels.size());
    int largest = 0;
    for (std::size_t i = 0; i < window.pixels.size(); ++i) {
        largest = std::max(largest, std::abs(int(window.pixels[i]) - int(command.pixels[i])));
    }
    EXPECT_LE(largest, 1);  // Sums of other threads may round otherwise.
}

/// The poses of the file and those shown are paired by view, and not by their place in the file.
TEST(PathFile, LoadsWhereAPhotoCouldNotBeDecoded) {
    const TemporaryFolder folder;
    const auto scene = folder.path() / "scene";
    std::filesystem::copy(LACT_ASSETS_DIR "/scenes/bouquet", scene, std::filesystem::copy_options::recursive);
    const auto photo = scene / "images/000.png";
    const std::string bytes = read_file(photo).value();
    std::ofstream(photo, std::ios::binary) << bytes.substr(0, bytes.size() / 2);
    const auto file = folder.path() / "path.json";
    const auto copy = folder.path() / "again.json";
    {
        const Running whole = start_null();
        run(whole, "path.preset", {{"preset", "orbit"}, {"seconds", 1}});
        run(whole, "path.save", {{"path", file.string()}});
    }
    auto options = options_for("bouquet");
    options.paths.back() = scene;
    const Running running = test::start(gfx::make_null({}), std::move(options));
    ASSERT_TRUE(running.program->snapshot()->scene != nullptr);
    EXPECT_EQ(running.program->snapshot()->scene->views.size(), 31U);
    run(running, "path.load", {{"path", file.string()}});
    run(running, "path.save", {{"path", copy.string()}});
    EXPECT_EQ(errors(*running.program), 0);
    EXPECT_EQ(read_file(copy).value(), read_file(file).value());
    const auto render = test::run_lactscope(
        "render --scene " + scene.string() +
        " --weights " LACT_ASSETS_DIR "/weights/general.safetensors --inputs 2 --path " + file.string() +
        " --fps 1 --size 16 --device cpu -o " + (folder.path() / "frames").string());
    EXPECT_EQ(render.exit_code, 0) << render.err;
}

TEST(PathFile, OpenedBesideASceneWaitsForIt) {
    const TemporaryFolder folder;
    const Running running = start_null();
    const std::string file = (folder.path() / "way.json").string();
    run(running, "path.preset", {{"preset", "orbit"}});
    const auto keys = running.program->document().path.track.keys.size();
    run(running, "path.save", {{"path", file}});
    run(running, "path.clear");
    ASSERT_TRUE(running.program->document().path.track.keys.empty());
    ASSERT_TRUE(running.run("file.open", {{"path", LACT_ASSETS_DIR "/scenes/parcel"}}).has_value());
    run(running, "file.open", {{"path", file}});
    EXPECT_EQ(running.program->snapshot()->scene->name, "parcel");
    EXPECT_EQ(running.program->document().path.track.keys.size(), keys);
    EXPECT_EQ(errors(*running.program), 0);
}

TEST(SavedImage, ReopensWhatMadeIt) {
    const TemporaryFolder folder;
    const auto file = folder.path() / "view.png";
    Eigen::Matrix4d stood;
    {
        const Running running = start_null("bouquet");
        set(running, "rule.text", "ascent,steps=2");
        run(running, "camera.next_held_out");
        run(running, "file.save_view", {{"path", file.string()}});
        stood = running.program->document().viewpoint().c2w;
    }
    const Running other = start_null("parcel");
    run(other, "file.open", {{"path", file.string()}});
    EXPECT_EQ(other.program->snapshot()->scene->name, "bouquet");
    EXPECT_EQ(other.program->snapshot()->state->rule, *parse_update_rule("ascent,steps=2"));
    EXPECT_TRUE(other.program->document().viewpoint().c2w.isApprox(stood, 1e-9));
    EXPECT_EQ(errors(*other.program), 0);
}

TEST(SavedImage, AScreenshotCarriesTheSession) {
    auto display = gfx::make_offscreen({});
    if (!display) {
        LACT_NO_VULKAN(display.error());
    }
    const TemporaryFolder folder;
    ApplicationOptions options = options_for("bouquet");
    options.screenshot = folder.path() / "window.png";
    const Running running = test::start(std::move(*display), std::move(options));
    const auto saved = running.program->run({});
    ASSERT_TRUE(saved.has_value()) << saved.error().message();
    const auto about = read_provenance(folder.path() / "window.png");
    ASSERT_TRUE(about.has_value()) << about.error().message();
    EXPECT_EQ(about->at("scene"), "bouquet");
    EXPECT_EQ(about->at("rule"), "baseline");
    EXPECT_TRUE(nlohmann::json::parse(about->at("session")).contains("scene"));
}

TEST(Scripts, MayOpenScripts) {
    const TemporaryFolder folder;
    const auto inner = folder.path() / "inner.json";
    const auto outer = folder.path() / "outer.json";
    std::ofstream(inner) << R"([{"set": "viewport.filter", "to": "bicubic"}, {"wait": "idle"}])";
    std::ofstream(outer) << nlohmann::json::array(
        {{{"action", "file.open"}, {"with", {{"path", inner.string()}}}},
         {{"set", "viewport.filter"}, {"to", "nearest"}}});
    for (const bool allowed : {false, true}) {
        ApplicationOptions options = test::options_for("bouquet");
        options.allow_writes = allowed;
        const Running running = test::start(gfx::make_null({}), std::move(options));
        run(running, "file.open", {{"path", outer.string()}});
        // The inner one took the outer one's place, so its second step was never made; not allowed, the outer
        // one leaves it out.
        EXPECT_EQ(running.program->document().filter, allowed ? Enlargement::bicubic : Enlargement::nearest);
        EXPECT_EQ(errors(*running.program), 0);
    }
}

TEST(Memory, ASessionAndASceneThatFitAtTheirOwnSizeAreOpened) {
    const char* scene = LACT_ASSETS_DIR "/scenes/bouquet";
    const char* file = LACT_ASSETS_DIR "/weights/general.safetensors";
    const auto weights = describe_weights(file);
    ASSERT_TRUE(weights.has_value());
    SceneRequest request;
    request.path = scene;
    request.size = Size{32, 32};
    const auto small = probe_scene(request, weights->config, default_size(weights->info), {});
    ASSERT_TRUE(small.has_value());
    for (const bool as_session : {true, false}) {
        auto limited = options_for("bouquet");
        limited.compute.memory = small->needed;
        const Running running = test::start(gfx::make_null({}), std::move(limited));
        ASSERT_EQ(running.program->snapshot()->scene, nullptr)
            << "at the size of the weights it does not fit";
        const int before = errors(*running.program);
        if (as_session) {
            SessionFile session;
            session.scene = scene;
            session.weights = file;
            session.parameters = {{"model.size", "32x32"}};
            ASSERT_TRUE(running.program->open_session(session).has_value());
            ASSERT_TRUE(running.program->settle().has_value());
        } else {
            run(running, "scene.open", {{"path", scene}, {"size", "32x32"}});
        }
        EXPECT_EQ(errors(*running.program), before);
        ASSERT_NE(running.program->snapshot()->scene, nullptr);
        EXPECT_EQ(running.program->snapshot()->scene->size, (Size{32, 32}));
    }
}

TEST(Memory, ASceneThatDoesNotFitIsOfferedSmaller) {
    SceneRequest request;
    request.path = LACT_ASSETS_DIR "/scenes/bouquet";
    request.input_count = 5;
    const auto weights = describe_weights(LACT_ASSETS_DIR "/weights/general.safetensors");
    ASSERT_TRUE(weights.has_value());
    const auto five = probe_scene(request, weights->config, default_size(weights->info), {});
    ASSERT_TRUE(five.has_value());
    auto limited = options_for("bouquet");
    limited.compute.memory = five->needed;
    const Running running = test::start(gfx::make_null({}), std::move(limited));
    EXPECT_GT(errors(*running.program), 0);
    EXPECT_EQ(running.program->snapshot()->scene, nullptr);
    const auto offer = running.program->snapshot()->offer;
    ASSERT_TRUE(offer != nullptr);
    EXPECT_EQ(offer->probe.offer.views, 5U);
    run(running, "scene.open", {{"path", offer->request.path.string()}, {"views", offer->probe.offer.views}});
    ASSERT_TRUE(running.program->snapshot()->scene != nullptr);
    EXPECT_EQ(running.program->snapshot()->scene->inputs.size(), 5U);
    EXPECT_EQ(running.program->snapshot()->offer, nullptr);
}

TEST(Memory, AnOfferNamesTheWeightsThatItIsFor) {
    SceneRequest request;
    request.path = LACT_ASSETS_DIR "/scenes/bouquet";
    const auto weights = describe_weights(LACT_ASSETS_DIR "/weights/general.safetensors");
    ASSERT_TRUE(weights.has_value());
    const auto fits = probe_scene(request, weights->config, default_size(weights->info), {});
    ASSERT_TRUE(fits.has_value());
    auto limited = options_for("bouquet");
    limited.compute.memory = fits->needed;
    const Running running = test::start(gfx::make_null({}), std::move(limited));
    ASSERT_NE(running.program->snapshot()->scene, nullptr);
    run(running, "weights.open_bundled", {{"name", "nano128"}});
    EXPECT_EQ(running.program->snapshot()->weights->name, "general") << "its size takes too much memory";
    EXPECT_TRUE(running.program->panels().errors.unchanged());
    const auto offer = running.program->snapshot()->offer;
    ASSERT_NE(offer, nullptr);
    EXPECT_EQ(offer->weights.filename(), "nano128.safetensors");
    EXPECT_EQ(offer->probe.size, (Size{128, 128}));
}

}  // namespace

}  // namespace lact::app
