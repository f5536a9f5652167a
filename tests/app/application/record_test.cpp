// Sessions and recordings: what is saved is opened again, videos are whole, exact and say what made them.
#include "app/video/provenance.h"
#include "engine/core/files.h"
#include "engine/scene/camera_track_json.h"
#include "tests/app/application/running.h"
#include "tests/app/cli/running_program.h"
#include "tests/app/video/decode.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/vulkan.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

using lact::test::TemporaryFolder;
using test::errors;
using test::Running;
using test::start_null;

constexpr const char* bouquet_folder = LACT_ASSETS_DIR "/scenes/bouquet";

/// A session that changes something in every quarter of a second.
SessionFile small_session() {
    SessionFile session;
    session.scene = bouquet_folder;
    session.weights = LACT_ASSETS_DIR "/weights/general.safetensors";
    session.script = nlohmann::json::parse(R"([
        {"action": "camera.glide", "with": {"yaw": 40, "seconds": 0.5}},
        {"at": 0.25}, {"action": "rule.ascent"}, {"at": 0.75}, {"set": "compare.divider", "to": 0.2, "over": 0.2}
    ])");
    return session;
}

Result<RecordedVideo> record_small(const std::filesystem::path& output, const std::string& what,
                                   const SessionFile& session = small_session(), bool labels = false) {
    LACT_TRY(const test::RecordingProgram started, test::start_recording_program(640, 400));
    RecordOptions record;
    record.what = what;
    record.labels = labels;
    record.fps = 8;
    record.output = output;
    return lact::app::record(*started.program, session, record, {});
}

/// Recordings, which draw with Vulkan.
class Record : public testing::Test {
  protected:
    void SetUp() override {
        if (const auto display = gfx::make_offscreen({}); !display) {
            LACT_NO_VULKAN(display.error());
        }
    }
};

TEST(SessionFile, IsReadBackAsItWas) {
    const TemporaryFolder folder;
    SessionFile session = small_session();
    session.inputs = {3, 1, 4};
    session.viewpoint = frame_all({});
    session.viewpoint->scale = 2.5;
    session.parameters = {{"matrix.layer", 2}};
    CameraKey key;
    session.track.keys = {key};
    session.layout = "[Window]";
    const auto file = folder.path() / "s.json";
    ASSERT_TRUE(save_session_file(file, session).has_value());
    const auto text = lact::read_file(file);
    EXPECT_NE(text->find("asset:scenes/bouquet"), std::string::npos);
    const auto read = load_session_file(file);
    ASSERT_TRUE(read.has_value()) << read.error().message();
    EXPECT_EQ(to_json(*read), to_json(session));
}

/// Scenes may have such poses, and a click on a photo takes its pose as it is.
TEST(SessionFile, KeepsPosesThatAreNotRigidToTheLastDigit) {
    const auto with_axes = [](const Eigen::Matrix3d& axes) {
        SessionFile session = small_session();
        session.viewpoint = frame_all({});
        session.viewpoint->c2w.block<3, 3>(0, 0) = axes * session.viewpoint->c2w.block<3, 3>(0, 0);
        return nlohmann::json::parse(to_json(session).dump());
    };
    const auto written = with_axes(1.002 * Eigen::Matrix3d::Identity());
    const auto read = session_from(written, "s.json", "/");
    ASSERT_TRUE(read.has_value()) << read.error().message();
    EXPECT_EQ(to_json(*read), written);
    EXPECT_FALSE(session_from(with_axes(1.2 * Eigen::Matrix3d::Identity()), "s.json", "/").has_value());
    EXPECT_FALSE(
        session_from(with_axes(Eigen::Vector3d(-1, 1, 1).asDiagonal().toDenseMatrix()), "s.json", "/")
            .has_value())
        << "mirrored";
}

TEST(SessionFile, SaysWhatIsWrong) {
    const auto refused = [](const char* text, const char* what) {
        const auto session = session_from(nlohmann::json::parse(text), "s.json", "/");
        ASSERT_FALSE(session.has_value()) << text;
        EXPECT_NE(session.error().message().find(what), std::string::npos) << session.error().message();
    };
    refused("[]", "no session");
    refused(R"({"lactscope_session": 99})", "version 99");
    refused(R"({"lactscope_session": 1, "inputs": "all"})", "inputs");
    refused(R"({"lactscope_session": 1, "parameters": []})", "parameters");
    refused(R"({"lactscope_session": 1, "viewpoint": {"scale": -1}})", "viewpoint");
    refused(R"({"lactscope_session": 1, "scene": "asset:scenes/nowhere"})", "nowhere");
    refused(R"({"lactscope_session": 1, "track": {}})", "track");
    refused(R"({"lactscope_session": -3})", "version -3");
    refused(R"({"lactscope_session": 1, "inputs": [0, -1]})", "negative");
    refused(R"({"lactscope_session": 1, "generated_seed": -5})", "negative");
    refused(R"({"lactscope_session": 1, "viewpoint": {"lens": [1e300, 1, 1, 1, 0, 0]}})", "viewpoint");
}

TEST(Session, RestoresTheWindow) {
    const TemporaryFolder folder;
    const auto file = folder.path() / "session.json";
    Viewpoint looked;
    {
        const Running running = start_null("parcel");
        ASSERT_TRUE(running.run("rule.ascent").has_value());
        ASSERT_TRUE(running.run("inputs.set", {{"views", {1, 5, 9}}}).has_value());
        ASSERT_TRUE(running.run("camera.turn", {{"yaw", 33}}).has_value());
        ASSERT_TRUE(running.run("path.preset", {{"preset", "orbit"}}).has_value());
        ASSERT_TRUE(running.program->parameters().set("matrix.layer", 3).has_value());
        ASSERT_TRUE(running.program->settle().has_value());
        looked = running.program->document().viewpoint();
        ASSERT_TRUE(running.run("file.save_session", {{"path", file.string()}}).has_value());
        EXPECT_EQ(errors(*running.program), 0);
    }
    const Running running = start_null("bouquet");
    ASSERT_TRUE(running.run("file.open", {{"path", file.string()}}).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(errors(*running.program), 0);
    const Snapshot now = *running.program->snapshot();
    EXPECT_EQ(now.scene->name, "parcel");
    EXPECT_EQ(now.scene->inputs, (std::vector<std::size_t>{1, 5, 9}));
    EXPECT_EQ(now.state->rule_text, "ascent");
    EXPECT_TRUE(now.state->rule_switched);
    EXPECT_EQ(running.program->document().matrix.layer, 3);
    EXPECT_TRUE(running.program->document().viewpoint().c2w.isApprox(looked.c2w, 1e-12));
    EXPECT_GT(running.program->document().path.track.keys.size(), 3U);
}

TEST(Session, ValuesThatNeedItsInputsAreRestoredAndOthersPassedOver) {
    const TemporaryFolder folder;
    const auto file = folder.path() / "session.json";
    {
        const Running running = start_null("parcel");
        ASSERT_TRUE(running.run("inputs.all").has_value());
        ASSERT_TRUE(running.program->settle().has_value());
        ASSERT_TRUE(running.program->parameters().set("weights.views", 20).has_value());
        ASSERT_TRUE(running.run("file.save_session", {{"path", file.string()}}).has_value());
    }
    {
        const Running running = start_null("bouquet");
        ASSERT_TRUE(running.run("file.open", {{"path", file.string()}}).has_value());
        ASSERT_TRUE(running.program->settle().has_value());
        EXPECT_EQ(errors(*running.program), 0);
        EXPECT_EQ(*running.program->parameters().get("weights.views"), 20);
        // With fewer inputs the value is one that can be set again.
        ASSERT_TRUE(running.run("inputs.set", {{"views", {0, 1, 2}}}).has_value());
        ASSERT_TRUE(running.program->settle().has_value());
        EXPECT_EQ(*running.program->parameters().get("weights.views"), 3);
    }
    auto session = load_session_file(file);
    ASSERT_TRUE(session.has_value());
    session->parameters["viewport.filter"] = "cubist";  // Comes before weights.views.
    session->weights_sha256 = std::string(64, '0');
    ASSERT_TRUE(save_session_file(file, *session).has_value());
    const Running running = start_null("bouquet");
    ASSERT_TRUE(running.run("file.open", {{"path", file.string()}}).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(errors(*running.program), 0);
    EXPECT_EQ(*running.program->parameters().get("weights.views"), 20);
    std::string said;
    for (const LogEntry& entry : running.program->log().after(0)) {
        said += entry.what + "\n";
    }
    EXPECT_NE(said.find("cubist"), std::string::npos) << said;
    EXPECT_NE(said.find("other weights"), std::string::npos) << said;
}

/// All that the log says.
std::string log_text(const Running& running) {
    std::string said;
    for (const LogEntry& entry : running.program->log().after(0)) {
        said += entry.what + "\n";
    }
    return said;
}

TEST(Session, OpensAtASizeThatIsNotOfferedAndWithTheInputsThatAreThere) {
    const TemporaryFolder folder;
    const auto file = folder.path() / "session.json";
    SessionFile session = small_session();
    session.script = nlohmann::json::array();
    session.inputs = {3, 99, 5, 3};
    session.parameters = {{"matrix.layer", 2}, {"model.size", "48x32"}};
    ASSERT_TRUE(save_session_file(file, session).has_value());
    for (const char* before : {"parcel", "bouquet"}) {  // Its scene is opened, or is open already.
        const Running running = start_null(before);
        ASSERT_TRUE(running.run("file.open", {{"path", file.string()}}).has_value());
        ASSERT_TRUE(running.program->settle().has_value());
        EXPECT_EQ(errors(*running.program), 0) << log_text(running);
        const SceneSummary& scene = *running.program->snapshot()->scene;
        EXPECT_EQ(scene.name, "bouquet");
        EXPECT_EQ(scene.size, (Size{48, 32}));
        EXPECT_EQ(scene.inputs, (std::vector<std::size_t>{3, 5}));
        EXPECT_EQ(running.program->document().matrix.layer, 2);
        EXPECT_NE(log_text(running).find("left out: 99, 3;"), std::string::npos) << log_text(running);
        // The size is one that the parameter takes.
        EXPECT_EQ(*running.program->parameters().get("model.size"), "48x32");
        EXPECT_TRUE(running.program->parameters().set("model.size", "48x32").has_value());
    }
}

TEST(Session, WhoseSceneCannotBeReadChangesNothingElse) {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder.path() / "empty");
    const auto file = folder.path() / "session.json";
    SessionFile session = small_session();
    session.scene = folder.path() / "empty";
    session.parameters = {{"matrix.layer", 3}, {"viewport.filter", "nearest"}};
    ASSERT_TRUE(save_session_file(file, session).has_value());
    const Running running = start_null("parcel");
    test::run(running, "path.add_key");
    ASSERT_TRUE(running.run("file.open", {{"path", file.string()}}).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(errors(*running.program), 1) << log_text(running);
    EXPECT_NE(log_text(running).find("scene was not opened"), std::string::npos) << log_text(running);
    EXPECT_EQ(running.program->snapshot()->scene->name, "parcel");
    EXPECT_EQ(running.program->document().matrix.layer, 0);
    EXPECT_EQ(running.program->document().filter, Enlargement::bicubic);
    EXPECT_EQ(running.program->document().path.track.keys.size(), 1U);
    EXPECT_TRUE(running.program->document().script.steps.empty());
    EXPECT_FALSE(running.program->snapshot()->state->rule_switched) << "its script has not run";
}

TEST(Session, DoesNotWaitForAnExperiment) {
    const TemporaryFolder folder;
    const auto file = folder.path() / "session.json";
    SessionFile session = small_session();
    session.script = nlohmann::json::array();
    session.parameters = {{"matrix.layer", 2}};
    ASSERT_TRUE(save_session_file(file, session).has_value());
    const Running running = start_null("parcel");
    // So many steps take hours.
    ASSERT_TRUE(
        running.run("experiment.run", {{"experiment", "recall"}, {"training_steps", 100000}}).has_value());
    ASSERT_TRUE(running.run("file.open", {{"path", file.string()}}).has_value());
    for (int i = 0; i < 100000 && running.program->document().matrix.layer != 2; ++i) {
        ASSERT_TRUE(running.program->shell().frame().has_value());
        std::this_thread::sleep_for(std::chrono::milliseconds(1));  // The engine has its own thread.
    }
    EXPECT_EQ(running.program->document().matrix.layer, 2);
    EXPECT_EQ(running.program->snapshot()->scene->name, "bouquet");
    EXPECT_NE(active_experiment(*running.program->snapshot()), nullptr) << "it goes on";
    EXPECT_TRUE(running.program->document().runs_experiment) << "quitting asks";
    test::run(running, "experiment.cancel");
    EXPECT_EQ(errors(*running.program), 0) << log_text(running);
}

TEST(Session, HoldsThePhotosThatWereAskedForAlsoBeforeTheirState) {
    const Running running = start_null("bouquet");
    ASSERT_TRUE(running.run("inputs.set", {{"views", {0, 1, 2}}}).has_value());
    EXPECT_EQ(running.program->session().inputs, (std::vector<std::size_t>{0, 1, 2}));
}

/// Files of earlier versions have other ids.
TEST(Session, AcceptsIdsOfEarlierVersionsAndWritesThoseOfNow) {
    const TemporaryFolder folder;
    const auto file = folder.path() / "session.json";
    SessionFile old = small_session();
    old.parameters = {{"weights.look", "rates"},
                      {"linear.side", "key"},
                      {"sequence.look", "speed"},
                      {"viewport.truth_large", true}};
    old.script = nlohmann::json::parse(R"([
        {"wait": "idle"}, {"action": "look.at", "with": {"what": "spectrum"}}, {"set": "linear.side", "to": "value"}])");
    ASSERT_TRUE(save_session_file(file, old).has_value());
    const Running running = start_null("bouquet");
    ASSERT_TRUE(running.run("file.open", {{"path", file.string()}}).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(errors(*running.program), 0);
    const auto value = [&](const char* id) { return *running.program->parameters().get(id); };
    EXPECT_EQ(value("weights.mode"), "spectrum") << "by the script";
    EXPECT_EQ(value("linear.factor"), "value") << "by the script";
    EXPECT_EQ(value("sequence.mode"), "speed");
    EXPECT_EQ(value("viewport.ground_truth"), true);
    for (const LogEntry& entry : running.program->log().after(0)) {
        EXPECT_EQ(entry.what.find("not known"), std::string::npos) << entry.what;
    }
    ASSERT_TRUE(running.run("file.save_session", {{"path", file.string()}}).has_value());
    const auto saved = load_session_file(file);
    ASSERT_TRUE(saved.has_value());
    EXPECT_EQ(saved->script[1]["action"], "formula.show");
    EXPECT_EQ(saved->script[2]["set"], "linear.factor");
    for (const char* id : {"weights.look", "linear.side", "sequence.look", "viewport.truth_large"}) {
        EXPECT_FALSE(saved->parameters.contains(id)) << id;
        EXPECT_NE(running.program->parameters().find(id), nullptr) << id;
    }
    for (const char* id : {"look.at", "view.truth", "compare.truth", "compare.stand"}) {
        EXPECT_NE(running.program->commands().find(id), nullptr) << id;
    }
}

TEST(Session, WhoseSceneIsGoneChangesNothing) {
    const TemporaryFolder folder;
    SessionFile session = small_session();
    session.scene = folder.path() / "nowhere";
    const auto file = folder.path() / "session.json";
    ASSERT_TRUE(save_session_file(file, session).has_value());
    const Running running = start_null("parcel");
    ASSERT_TRUE(running.run("path.preset", {{"preset", "dolly"}}).has_value());
    ASSERT_TRUE(running.run("file.open", {{"path", file.string()}}).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(errors(*running.program), 1);
    EXPECT_EQ(running.program->snapshot()->scene->name, "parcel");
    EXPECT_FALSE(running.program->document().path.track.keys.empty());
}

TEST(Session, ArgumentsOfTheWrongKindAreRefused) {
    const Running running = start_null();
    const auto refused = running.run("file.save_view", {{"path", 5}});
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message().find("the path 5 is not a text"), std::string::npos);
    EXPECT_FALSE(running.run("file.open", {{"path", nlohmann::json::array()}}).has_value());
}

TEST_F(Record, TwoRecordingsAreTheSameAndSayWhatMadeThem) {
    const TemporaryFolder folder;
    const auto first = record_small(folder.path() / "a.mp4", "window");
    ASSERT_TRUE(first.has_value()) << first.error().message();
    const auto second = record_small(folder.path() / "b.mp4", "window");
    ASSERT_TRUE(second.has_value()) << second.error().message();
    const auto video = test::decode_video(folder.path() / "a.mp4");
    EXPECT_EQ(static_cast<int>(video.frames.size()), first->frames);
    EXPECT_GE(first->frames, 8);  // the script takes 0.95 s at 8 frames a second
    EXPECT_EQ(first->width, 640);
    const auto other = test::decode_video(folder.path() / "b.mp4");
    ASSERT_EQ(video.frames.size(), other.frames.size());
    for (std::size_t i = 0; i < video.frames.size(); ++i) {
        EXPECT_EQ(video.frames[i].pixels, other.frames[i].pixels) << i;
    }
    EXPECT_NE(video.frames.front().pixels, video.frames[2].pixels);
    EXPECT_NE(video.frames[2].pixels, video.frames.back().pixels);
    const auto about = read_provenance(folder.path() / "a.mp4");
    ASSERT_TRUE(about.has_value()) << about.error().message();
    EXPECT_EQ(about->at("scene"), "bouquet");
    EXPECT_NE(about->at("weights").find("sha256"), std::string::npos);
    // Dropped on a window it opens again.
    const Running running = start_null("parcel");
    ASSERT_TRUE(running.run("file.open", {{"path", (folder.path() / "a.mp4").string()}}).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(running.program->snapshot()->scene->name, "bouquet");
    EXPECT_EQ(running.program->snapshot()->state->rule_text, "ascent");  // its script ran, too
    EXPECT_EQ(errors(*running.program), 0);
}

TEST_F(Record, ImagesThatItsScriptSavesAreWritten) {
    const TemporaryFolder folder;
    const auto image = folder.path() / "rule.png";
    const nlohmann::json steps = {
        {{"action", "panel.export"}, {"with", {{"panel", "Rule"}, {"path", image.string()}}}},
        {{"wait", 0.25}}};
    const auto script = folder.file("s.json", steps.dump());
    test::RunningProgram program(
        {"record", "--scene", bouquet_folder, "--script", script.string(), "--fps", "8", "--window",
         "640x400", "--device", "cpu", "-o", (folder.path() / "v.mp4").string()},
        (folder.path() / "errors.txt").string());
    EXPECT_EQ(program.wait(), 0) << read_file(folder.path() / "errors.txt").value_or("");
    EXPECT_TRUE(image_info(image).has_value());
}

TEST_F(Record, AGifCarriesItsSessionToo) {
    const TemporaryFolder folder;
    const auto file = folder.path() / "a.gif";
    const auto recorded = record_small(file, "window");
    ASSERT_TRUE(recorded.has_value()) << recorded.error().message();
    EXPECT_EQ(recorded->encoder, "gif");
    const auto video = test::decode_video(file);
    EXPECT_EQ(static_cast<int>(video.frames.size()), recorded->frames);
    EXPECT_EQ(video.frames.front().width, 640);
    EXPECT_NE(video.frames.front().pixels, video.frames.back().pixels);
    const auto about = read_provenance(file);
    ASSERT_TRUE(about.has_value()) << about.error().message();
    EXPECT_EQ(about->at("recorded"), "window");
    const Running running = start_null("parcel");
    ASSERT_TRUE(running.run("file.open", {{"path", file.string()}}).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(running.program->snapshot()->scene->name, "bouquet");
    EXPECT_EQ(running.program->snapshot()->state->rule_text, "ascent");
    EXPECT_EQ(errors(*running.program), 0);
}

TEST_F(Record, AVideoWithoutANameHasTheFormatThatWasChosen) {
    const TemporaryFolder folder;
    auto options = test::options_for("bouquet");
    options.program = LACT_PROGRAM;
    const Running running = test::start(gfx::make_null({}), std::move(options));
    for (const auto& [id, value] : std::vector<std::pair<const char*, ParameterValue>>{
             {"record.seconds", 0.25}, {"record.fps", 8}, {"record.width", 320}, {"record.height", 240}}) {
        ASSERT_TRUE(running.program->parameters().set(id, value).has_value()) << id;
    }
    EXPECT_FALSE(running.program->parameters().set("record.format", "avi").has_value());
    const auto here = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    for (const char* format : {"gif", "png"}) {
        EXPECT_TRUE(running.program->parameters().set("record.format", format).has_value());
        EXPECT_TRUE(running.run("record.start").has_value());
        EXPECT_TRUE(running.program->settle().has_value());
    }
    std::filesystem::current_path(here);
    EXPECT_EQ(errors(*running.program), 0);
    std::size_t videos = 0;
    std::size_t folders = 0;
    for (const std::string& name : folder.names()) {
        const auto path = folder.path() / name;
        if (std::filesystem::is_directory(path)) {
            ++folders;
            EXPECT_EQ(TemporaryFolder::names_in(path).size(), 2U);
        } else {
            ++videos;
            EXPECT_EQ(path.extension(), ".gif");
            EXPECT_EQ(test::decode_video(path).frames.size(), 2U);
        }
    }
    EXPECT_EQ(videos, 1U);
    EXPECT_EQ(folders, 1U);
}

TEST_F(Record, FliesThePathOfTheSessionExactly) {
    const TemporaryFolder folder;
    SessionFile session = small_session();
    session.script = nlohmann::json::array();
    {
        const Running running = start_null("bouquet");
        ASSERT_TRUE(running.run("path.preset", {{"preset", "dolly"}, {"seconds", 1}}).has_value());
        session.track = running.program->document().path.track;
    }
    const auto video = record_small(folder.path() / "frames", "view", session);
    ASSERT_TRUE(video.has_value()) << video.error().message();
    EXPECT_EQ(video->frames, 9);   // 0, 1/8, ..., 1 s
    EXPECT_EQ(video->width, 384);  // The rendering alone, six times 64, without the bars beside it.
    EXPECT_EQ(video->height, 384);
    EXPECT_EQ(folder.names().count("frames"), 1U);
}

TEST_F(Record, TheViewHasLabelsAndBarsWhereTheyAreAskedFor) {
    const TemporaryFolder folder;
    SessionFile session = small_session();
    session.script = nlohmann::json::array({{{"wait", 0.1}}});
    const auto clean = record_small(folder.path() / "clean", "view", session);
    ASSERT_TRUE(clean.has_value()) << clean.error().message();
    const auto labelled = record_small(folder.path() / "labelled", "view", session, true);
    ASSERT_TRUE(labelled.has_value()) << labelled.error().message();
    EXPECT_EQ(labelled->width, 640);
    EXPECT_EQ(labelled->height, 400);
    const auto first = [&](const char* name) {
        const auto path = folder.path() / name;
        return test::decode_png(path / *TemporaryFolder::names_in(path).begin()).image;
    };
    // The frame without labels is the middle of the one with them, but for what is drawn over it.
    const Image8 inner = first("clean");
    const Image8 outer = first("labelled");
    ASSERT_EQ(inner.width, 384);
    ASSERT_EQ(outer.width, 640);
    const auto pixel = [](const Image8& image, int x, int y) {
        const auto at = static_cast<std::size_t>(y * image.width + x) * 3;
        return std::array{image.pixels[at], image.pixels[at + 1], image.pixels[at + 2]};
    };
    EXPECT_EQ(pixel(inner, 192, 192), pixel(outer, 128 + 192, 8 + 192));
    EXPECT_NE(inner.pixels, outer.pixels);
}

TEST_F(Record, ALoopedPathIsFlownOnceWithoutItsFirstFrameAgain) {
    const TemporaryFolder folder;
    SessionFile session = small_session();
    session.script = nlohmann::json::array();
    session.parameters = {{"path.preview", true}};  // Of the window that is being worked in; videos fly.
    {
        const Running running = start_null("bouquet");
        ASSERT_TRUE(running.run("path.preset", {{"preset", "orbit"}, {"seconds", 0.5}}).has_value());
        session.track = running.program->document().path.track;
        ASSERT_TRUE(session.track.loop);
    }
    const auto video = record_small(folder.path() / "frames", "view", session);
    ASSERT_TRUE(video.has_value()) << video.error().message();
    EXPECT_EQ(video->frames, 4);  // 0, 1/8, 2/8, 3/8 s: at 4/8 s it is back.
    std::set<std::string> different;
    for (const std::string& name : TemporaryFolder::names_in(folder.path() / "frames")) {
        const auto pixels = test::decode_png(folder.path() / "frames" / name).image.pixels;
        different.emplace(pixels.begin(), pixels.end());
    }
    EXPECT_EQ(different.size(), 4U);
}

TEST_F(Record, ProgressRisesToTheEnd) {
    const TemporaryFolder folder;
    const auto started = test::start_recording_program(320, 240);
    ASSERT_TRUE(started.has_value()) << started.error().message();
    Application& program = *started->program;
    SessionFile session = small_session();
    session.script =
        nlohmann::json::parse(R"([{"wait": 0.5}, {"set": "compare.divider", "to": 0.1, "over": 0.5}])");
    RecordOptions record;
    record.fps = 4;
    record.output = folder.path() / "video.gif";
    std::vector<double> told;
    Job job;
    job.report = [&](std::string_view stage, double fraction) {
        if (stage == "recording") {
            told.push_back(fraction);
        }
    };
    const auto video = lact::app::record(program, session, record, job);
    ASSERT_TRUE(video.has_value()) << video.error().message();
    ASSERT_EQ(static_cast<int>(told.size()), video->frames);
    EXPECT_LT(told.front(), 0.5);
    EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
    EXPECT_EQ(told.back(), 1);
}

TEST_F(Record, ThePathOfAnotherProgramStandsWhereTheWindowPutsIt) {
    const TemporaryFolder folder;
    const auto path = folder.file("ngp.json", R"({"path": [
        {"R": [0, 0, 0, 1], "T": [0.5, 0.5, 0.5], "fov": 50, "timestamp": 0},
        {"R": [0, 0, 0, 1], "T": [0.9, 0.5, 0.5], "fov": 50, "timestamp": 1}]})");
    CameraTrack shown;
    {
        const Running running = start_null("bouquet");
        ASSERT_TRUE(running.run("path.load", {{"path", path.string()}}).has_value());
        shown = running.program->document().path.track;
    }
    const auto started = test::start_recording_program(320, 240);
    ASSERT_TRUE(started.has_value()) << started.error().message();
    Application& program = *started->program;
    SessionFile session = small_session();
    session.script = nlohmann::json::array();
    RecordOptions record;
    record.fps = 2;
    record.seconds = 0.5;
    record.path = path;
    record.output = folder.path() / "video.gif";
    const auto video = lact::app::record(program, session, record, {});
    ASSERT_TRUE(video.has_value()) << video.error().message();
    const CameraTrack& flown = program.document().path.track;
    ASSERT_EQ(flown.keys.size(), shown.keys.size());
    for (std::size_t i = 0; i < shown.keys.size(); ++i) {
        EXPECT_LT((flown.keys[i].pose.c2w - shown.keys[i].pose.c2w).cwiseAbs().maxCoeff(), 1e-6);
    }
    // And the video says so: what made it can be opened again.
    const auto about = read_provenance(folder.path() / "video.gif");
    ASSERT_TRUE(about.has_value());
    EXPECT_NE(about->at("session").find("\"track\""), std::string::npos);
    EXPECT_NE(about->at("session").find("path.play"), std::string::npos);
}

TEST_F(Record, RefusesWhatCannotWorkAndLeavesNothing) {
    const TemporaryFolder folder;
    EXPECT_FALSE(record_small(folder.path() / "video.avi", "window").has_value());
    EXPECT_FALSE(record_small(folder.path() / "no/folder/video.mp4", "window").has_value());
    SessionFile broken = small_session();
    broken.script = nlohmann::json::parse(R"([{"action": "rule.set", "with": {"rule": "nonsense"}}])");
    const auto refused = record_small(folder.path() / "video.mp4", "window", broken);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message().find("nonsense"), std::string::npos) << refused.error().message();
    broken.script = nlohmann::json::parse(R"([{"action": "nothing"}])");
    EXPECT_FALSE(record_small(folder.path() / "video.mp4", "window", broken).has_value());
    EXPECT_TRUE(folder.names().empty());
}

TEST_F(Record, AGifThatIsTooFastIsRefusedBeforeAnythingIsOpened) {
    const TemporaryFolder folder;
    const auto started = test::start_recording_program(320, 240);
    ASSERT_TRUE(started.has_value()) << started.error().message();
    SessionFile session = small_session();
    session.scene = folder.path() / "nowhere";  // Opening it would be the error.
    RecordOptions record;
    record.fps = 60;
    record.output = folder.path() / "video.gif";
    const auto refused = lact::app::record(*started->program, session, record, {});
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message().find("at most 50"), std::string::npos) << refused.error().message();
}

TEST_F(Record, AViewWhoseScriptChangesTheSizeSaysWhatHelps) {
    const TemporaryFolder folder;
    SessionFile session = small_session();
    session.parameters = {{"model.size", "48x32"}};
    session.script =
        nlohmann::json::parse(R"([{"wait": 0.25}, {"set": "model.size", "to": "64x64"}, {"wait": 0.25}])");
    const auto refused = record_small(folder.path() / "frames", "view", session);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message().find("--labels"), std::string::npos) << refused.error().message();
    EXPECT_TRUE(folder.names().empty());
    const auto labelled = record_small(folder.path() / "frames", "view", session, true);
    EXPECT_TRUE(labelled.has_value()) << labelled.error().message();
}

/// Arguments of a recording of eight frames a second. It waits for the reader of its progress where the pipe
/// is full: with an hour of frames it does not end by itself.
std::vector<std::string> recording_of(const char* seconds, const std::filesystem::path& video) {
    return {"record",   "--scene", bouquet_folder, "--seconds", seconds,      "--fps", "8",
            "--window", "320x240", "--device",     "cpu",       "--progress", "-o",    video.string()};
}

/// Reads lines of progress: "opening", then one a frame. False where the program ends before them.
bool read_progress(test::RunningProgram& program, int lines) {
    for (int i = 0; i < lines; ++i) {
        const auto line = program.line();
        if (!line) {
            return false;
        }
        EXPECT_TRUE(line->starts_with("progress ")) << *line;
    }
    return true;
}

TEST_F(Record, KilledAtAnyMomentLeavesNothingOrAWholeVideo) {
    constexpr int killed = 128 + SIGKILL;
    const TemporaryFolder folder;
    const std::string errors_file = (folder.path() / "errors").string();
    const auto name = [](int i) { return "video" + std::to_string(i) + ".mp4"; };
    std::mt19937 random(7);
    for (int i = 0; i < 8; ++i) {
        // Every other one is short, and may end by itself before it is killed.
        const bool ends = i % 2 == 1;
        const int lines = static_cast<int>(ends ? 2 + random() % 4 : 1 + random() % 8);
        const auto video = folder.path() / name(i);
        test::RunningProgram program(recording_of(ends ? "0.5" : "3600", video), errors_file);
        ASSERT_TRUE(read_progress(program, lines)) << i << ": " << lact::read_file(errors_file).value_or("");
        program.signal(SIGKILL);
        const int ended = program.wait();
        if (ends && std::filesystem::exists(video)) {
            EXPECT_TRUE(ended == killed || ended == 0) << ended;
            EXPECT_EQ(test::decode_video(video).frames.size(), 4U) << i;
            continue;
        }
        EXPECT_EQ(ended, killed) << i;
        EXPECT_FALSE(std::filesystem::exists(video)) << i;
        EXPECT_TRUE(lines == 1 || !folder.temporaries_of(name(i)).empty()) << i << ": the file was not open";
    }
    // What a killed one left is removed by the next of its name.
    const auto video = folder.path() / name(0);
    test::RunningProgram program(recording_of("0.5", video), errors_file);
    EXPECT_TRUE(read_progress(program, 5)) << lact::read_file(errors_file).value_or("");
    EXPECT_FALSE(program.line().has_value());
    EXPECT_EQ(program.wait(), 0);
    EXPECT_EQ(test::decode_video(video).frames.size(), 4U);
    EXPECT_TRUE(folder.temporaries_of(name(0)).empty());
}

TEST_F(Record, RunsBesideTheWindowAndCanBeStopped) {
    const TemporaryFolder folder;
    auto options = test::options_for("bouquet");
    options.program = LACT_PROGRAM;
    const Running running = test::start(gfx::make_null({}), std::move(options));
    for (const auto& [id, value] : std::vector<std::pair<const char*, ParameterValue>>{
             {"record.seconds", 0.5}, {"record.fps", 8}, {"record.width", 640}, {"record.height", 400}}) {
        ASSERT_TRUE(running.program->parameters().set(id, value).has_value()) << id;
    }
    EXPECT_FALSE(running.run("record.stop").has_value());
    const auto video = folder.path() / "video.mp4";
    ASSERT_TRUE(running.run("record.start", {{"path", video.string()}}).has_value());
    EXPECT_FALSE(running.run("record.start", {{"path", video.string()}}).has_value());  // one at a time
    ASSERT_TRUE(running.program->settle().has_value());
    ASSERT_TRUE(std::filesystem::exists(video));
    EXPECT_EQ(test::decode_video(video).frames.size(), 4U);
    EXPECT_EQ(errors(*running.program), 0);
    ASSERT_TRUE(running.program->parameters().set("record.seconds", 600).has_value());
    const auto stopped = folder.path() / "stopped.mp4";
    ASSERT_TRUE(running.run("record.start", {{"path", stopped.string()}}).has_value());
    ASSERT_TRUE(running.run("record.stop").has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(folder.names(), (std::set<std::string>{"video.mp4"}));
    EXPECT_EQ(errors(*running.program), 0);
}

/// A stand-in for `lactscope record` that notes its arguments, and warns.
TEST(RecordingProgram, TheWindowAsksForLabelsOfTheViewAloneAndTellsWhatTheRecordingWarnsOf) {
    const TemporaryFolder folder;
    const auto noted = folder.path() / "arguments";
    const auto program =
        folder.file("recorder", "#!/bin/sh\necho \"$*\" > '" + noted.string() +
                                    "'\necho 'progress 0.5 recording'\n"
                                    "echo 'warning: session, skipped: a step was left out' >&2\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    auto options = test::options_for("bouquet");
    options.program = program;
    const Running running = test::start(gfx::make_null({}), std::move(options));
    test::set(running, "record.labels", true);
    for (const char* what : {"window", "view"}) {
        test::set(running, "record.what", what);
        test::run(running, "record.start", {{"path", (folder.path() / "video.mp4").string()}});
        const auto arguments = lact::read_file(noted);
        ASSERT_TRUE(arguments.has_value()) << arguments.error().message();
        EXPECT_NE(arguments->find(std::string("--what ") + what), std::string::npos) << *arguments;
        EXPECT_EQ(arguments->find("--labels") != std::string::npos, std::string_view(what) == "view")
            << *arguments;
    }
    EXPECT_NE(log_text(running).find("a step was left out"), std::string::npos) << log_text(running);
    EXPECT_EQ(errors(*running.program), 0) << log_text(running);
}

TEST(RecordingProgram, ARecordingThatIsKilledSaysWhatMayHelp) {
    const TemporaryFolder folder;
    const auto program = folder.file("recorder", "#!/bin/sh\nkill -9 $$\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    auto options = test::options_for("bouquet");
    options.program = program;
    const Running running = test::start(gfx::make_null({}), std::move(options));
    test::run(running, "record.start", {{"path", (folder.path() / "video.mp4").string()}});
    EXPECT_EQ(errors(*running.program), 1);
    const LogEntry last = running.program->log().after(0).back();
    EXPECT_NE(last.what.find("137"), std::string::npos) << last.what;
    EXPECT_NE(last.hint.find("memory"), std::string::npos) << last.hint;
}

TEST(Path, AFlightEndsWhereAnotherSceneIsOpened) {
    const Running running = start_null("bouquet");
    const PathState& path = running.program->document().path;
    ASSERT_TRUE(running.run("path.record_flight").has_value());
    test::run(running, "camera.turn", {{"yaw", 30}});
    ASSERT_TRUE(path.recording);
    test::run(running, "scene.open_bundled", {{"name", "parcel"}});
    EXPECT_FALSE(path.recording);
    EXPECT_TRUE(path.flight.empty());
    EXPECT_NE(log_text(running).find("recording of the flight has ended"), std::string::npos);
    // And a preview of the path, which moves no camera of the view, stops where the scene is opened again.
    test::run(running, "path.preset", {{"preset", "orbit"}});
    test::set(running, "path.preview", true);
    ASSERT_TRUE(running.run("path.play").has_value());
    ASSERT_TRUE(path.playing);
    test::run(running, "scene.open_bundled", {{"name", "parcel"}});
    EXPECT_FALSE(path.playing);
}

TEST(Path, IsEditedByItsActions) {
    const Running running = start_null();
    const PathState& path = running.program->document().path;
    EXPECT_FALSE(running.run("path.play").has_value());
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(running.run("path.add_key").has_value());
        ASSERT_TRUE(running.run("camera.turn", {{"yaw", 30}}).has_value());
        ASSERT_TRUE(running.program->settle().has_value());
    }
    ASSERT_EQ(path.track.keys.size(), 3U);
    EXPECT_TRUE(
        running.run("path.set_key", {{"key", 1}, {"time", 3}, {"fov", 30}, {"easing", "hold"}}).has_value());
    EXPECT_EQ(path.track.keys[1].time, 3);
    EXPECT_EQ(path.track.keys[1].easing, Easing::hold);
    EXPECT_FALSE(running.run("path.set_key", {{"key", 1}, {"time", 100}}).has_value());
    EXPECT_FALSE(running.run("path.set_key", {{"key", 7}}).has_value());
    EXPECT_FALSE(running.run("path.set_key", {{"key", 1}, {"easing", "bouncy"}}).has_value());
    ASSERT_TRUE(running.run("path.go_to_key", {{"key", 0}}).has_value());
    EXPECT_TRUE(running.program->document().viewpoint().c2w.isApprox(path.track.keys[0].pose.c2w, 1e-9));
    // One evaluator: what the window shows at a time is what the command would.
    ASSERT_TRUE(running.program->parameters().set("path.time", 1.25).has_value());
    const TrackPose pose = path.evaluator()->at(1.25);
    EXPECT_TRUE(running.program->document().viewpoint().c2w.isApprox(pose.c2w, 1e-12));
    const TemporaryFolder folder;
    const auto file = folder.path() / "path.json";
    ASSERT_TRUE(running.run("path.save", {{"path", file.string()}}).has_value());
    const auto saved = read_camera_track(file);
    ASSERT_TRUE(saved.has_value());
    EXPECT_TRUE(TrackEvaluator::make(*saved)->at(1.25).c2w.isApprox(pose.c2w, 1e-12));
    ASSERT_TRUE(running.run("path.remove_key", {{"key", 2}}).has_value());
    EXPECT_EQ(path.track.keys.size(), 2U);
    ASSERT_TRUE(running.run("path.load", {{"path", file.string()}}).has_value());
    EXPECT_EQ(path.track.keys.size(), 3U);
    ASSERT_TRUE(running.run("path.clear").has_value());
    EXPECT_TRUE(path.track.keys.empty());
    ASSERT_TRUE(running.run("path.record_flight").has_value());
    ASSERT_TRUE(running.run("camera.glide", {{"yaw", 50}, {"seconds", 0.6}}).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    ASSERT_TRUE(running.run("path.record_flight").has_value());
    EXPECT_GE(path.track.keys.size(), 2U);
    ASSERT_TRUE(running.run("path.play").has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_FALSE(path.playing);
    EXPECT_NEAR(path.time, path.track.keys.back().time, 1e-9);
}

}  // namespace

}  // namespace lact::app
