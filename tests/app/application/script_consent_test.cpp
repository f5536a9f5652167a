// Scripts that come with opened files do no more than show something, unless the user allows it.
#include "app/document/session_file.h"
#include "engine/core/files.h"
#include "tests/app/application/running.h"
#include "tests/support/other_value.h"
#include "tests/support/temporary_folder.h"

#include <filesystem>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

namespace fs = std::filesystem;
using lact::test::TemporaryFolder;
using test::run;
using test::Running;
using test::start_null;

/// A session of the program with a script that turns the camera, and saves the rendering over a file.
fs::path hostile_session(const Running& running, const TemporaryFolder& folder) {
    SessionFile session = running.program->session();
    session.script = {
        {{"action", "file.save_view"}, {"with", {{"path", (folder.path() / "mine.png").string()}}}},
        {{"set", "viewport.filter"}, {"to", "nearest"}}};
    const fs::path file = folder.path() / "session.json";
    EXPECT_TRUE(save_session_file(file, session).has_value());
    return file;
}

std::string mine(const TemporaryFolder& folder) {
    return read_file(folder.path() / "mine.png").value_or("");
}

int warnings(const Running& running) {
    int count = 0;
    for (const LogEntry& entry : running.program->log().after(0)) {
        count += entry.severity == Severity::warning ? 1 : 0;
    }
    return count;
}

TEST(ScriptConsent, WithoutAUserWhatWritesIsLeftOut) {
    const TemporaryFolder folder;
    (void)folder.file("mine.png", "before");
    const Running running = start_null();
    const int before = warnings(running);
    run(running, "file.open", {{"path", hostile_session(running, folder).string()}});
    EXPECT_EQ(mine(folder), "before");
    EXPECT_EQ(running.program->document().filter, Enlargement::nearest) << "the rest of the script ran";
    EXPECT_GT(warnings(running), before);
    EXPECT_FALSE(running.program->document().script.own);
}

TEST(ScriptConsent, AllowingWritesAllowsReplacingOnlyWhereThatIsAskedFor) {
    for (const bool overwrite : {false, true}) {
        const TemporaryFolder folder;
        (void)folder.file("mine.png", "before");
        ApplicationOptions options = test::options_for("bouquet");
        options.allow_writes = true;
        options.overwrite = overwrite;
        const Running running = test::start(gfx::make_null({}), std::move(options));
        run(running, "file.open", {{"path", hostile_session(running, folder).string()}});
        EXPECT_EQ(mine(folder) != "before", overwrite);
    }
}

TEST(ScriptConsent, TheUserIsAskedOnceWithTheList) {
    const TemporaryFolder folder;
    (void)folder.file("mine.png", "before");
    const Running running = start_null();
    running.program->set_user_present();
    const std::string session = hostile_session(running, folder).string();
    const auto open = [&] {
        ASSERT_TRUE(running.run("file.open", {{"path", session}}).has_value());
        ASSERT_TRUE(running.program->shell().frame().has_value());
        const auto& question = running.program->document().consent;
        ASSERT_TRUE(question.has_value());
        EXPECT_EQ(question->source, session);
        ASSERT_EQ(question->requests.size(), 1U);
        EXPECT_NE(question->requests[0].find("mine.png, replaces the file"), std::string::npos);
    };
    open();
    run(running, "script.answer", {{"answer", "cancel"}});
    EXPECT_EQ(running.program->document().filter, Enlargement::bicubic) << "nothing was opened";
    open();
    run(running, "script.answer", {{"answer", "without"}});
    EXPECT_EQ(running.program->document().filter, Enlargement::nearest);
    EXPECT_EQ(mine(folder), "before");
    open();
    run(running, "script.answer", {{"answer", "allow"}});
    EXPECT_NE(mine(folder), "before");
    EXPECT_TRUE(running.program->document().script.own);
    EXPECT_FALSE(running.program->document().consent.has_value());
}

TEST(ScriptConsent, AScriptCannotAnswerForTheUser) {
    const TemporaryFolder folder;
    const Running running = start_null();
    running.program->set_user_present();
    ASSERT_TRUE(running.run("file.open", {{"path", hostile_session(running, folder).string()}}).has_value());
    const auto steps =
        nlohmann::json::array({{{"action", "script.answer"}, {"with", {{"answer", "allow"}}}}});
    ASSERT_TRUE(running.program->run_script(steps, "test", ScriptRights::all).has_value());
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(running.program->shell().frame().has_value());
    }
    EXPECT_TRUE(running.program->document().consent.has_value()) << "still open";
    EXPECT_FALSE(fs::exists(folder.path() / "mine.png"));
}

TEST(ScriptConsent, AScriptThatWasGivenWritesNewFilesAndReplacesNone) {
    const TemporaryFolder folder;
    (void)folder.file("mine.json", "before");
    const Running running = start_null();
    const auto save = [&](const char* name, ScriptRights rights) {
        const auto steps = nlohmann::json::array(
            {{{"action", "file.save_session"}, {"with", {{"path", (folder.path() / name).string()}}}}});
        ASSERT_TRUE(running.program->run_script(steps, "test", rights).has_value());
        ASSERT_TRUE(running.program->settle().has_value());
    };
    save("new.json", ScriptRights::new_files);
    EXPECT_TRUE(fs::exists(folder.path() / "new.json"));
    save("mine.json", ScriptRights::new_files);
    EXPECT_EQ(read_file(folder.path() / "mine.json").value_or(""), "before");
    EXPECT_GT(test::errors(*running.program), 0);
    save("mine.json", ScriptRights::all);
    EXPECT_NE(read_file(folder.path() / "mine.json").value_or(""), "before");
}

TEST(ScriptConsent, TheTourOnlyShows) {
    const Running running = start_null();
    const auto tour =
        load_tour(LACT_ASSETS_DIR "/tour.json", running.program->commands(), running.program->parameters());
    ASSERT_TRUE(tour.has_value());
    for (const TourStep& step : *tour) {
        EXPECT_TRUE(
            requests_of(step.script, running.program->commands(), running.program->parameters()).empty())
            << step.title;
    }
}

TEST(ScriptConsent, OtherWeightsInAComparisonAreOtherFiles) {
    const Running running = start_null();
    const auto touches = [&](const char* side) {
        return running.program->commands().find("compare.with")->touches({{"side", side}});
    };
    EXPECT_EQ(touches("rule=mse"), Effect::shows);
    for (const char* side :
         {"rule=mse,weights=/etc/passwd", "weights =/etc/passwd", " weights\t= /etc/passwd"}) {
        EXPECT_EQ(touches(side), Effect::opens) << side;
    }
    const Parameter* side = running.program->parameters().find("compare.b");
    EXPECT_EQ(side->touches("views=4"), Effect::shows);
    EXPECT_EQ(side->touches("weights=/etc/passwd"), Effect::opens);
    EXPECT_EQ(side->touches("views=4, weights = /etc/passwd"), Effect::opens);
}

TEST(ScriptConsent, RecordingsAndPanelsReplaceNoFile) {
    const TemporaryFolder folder;
    const Running running = start_null();
    const auto video = folder.file("old.mp4", "before");
    const auto refused = [&](const nlohmann::json& step) {
        const int before = test::errors(*running.program);
        const auto steps = nlohmann::json::array({step});
        EXPECT_TRUE(running.program->run_script(steps, "test", ScriptRights::new_files).has_value());
        EXPECT_TRUE(running.program->settle().has_value());
        return test::errors(*running.program) > before;
    };
    EXPECT_TRUE(refused({{"action", "record.start"}, {"with", {{"path", video.string()}}}}));
    EXPECT_EQ(read_file(video).value_or(""), "before");
    // A panel of several tables writes one file for each.
    const auto path = folder.path() / "numbers.csv";
    const nlohmann::json save{{"action", "panel.export"},
                              {"with", {{"panel", "View"}, {"path", path.string()}}}};
    EXPECT_FALSE(refused(save));
    EXPECT_FALSE(fs::exists(path));
    EXPECT_GT(folder.names().size(), 2U);
    EXPECT_TRUE(refused(save));
}

TEST(ScriptConsent, ASessionDoesNotSayWhereVideosGo) {
    const TemporaryFolder folder;
    const Running running = start_null();
    SessionFile session = running.program->session();
    session.parameters["record.folder"] = folder.path().string();
    session.parameters["viewport.filter"] = "nearest";
    const fs::path file = folder.path() / "session.json";
    ASSERT_TRUE(save_session_file(file, session).has_value());
    run(running, "file.open", {{"path", file.string()}});
    EXPECT_EQ(running.program->document().filter, Enlargement::nearest);
    EXPECT_EQ(running.program->parameters().get("record.folder")->get<std::string>(), "");
}

TEST(ScriptConsent, WhateverParameterAScriptSetsWhatIsTheUsersOwnStays) {
    const Running running = start_null();
    Application& program = *running.program;
    const Theme theme = program.shell().theme();
    const float scale = program.shell().user_scale();
    const std::string folder = program.document().record.folder;
    std::set<std::string> asked;
    for (const Parameter& parameter : program.parameters().all()) {
        ASSERT_TRUE(parameter.effect.has_value()) << parameter.id;
        const auto steps = nlohmann::json::array(
            {{{"set", parameter.id}, {"to", nlohmann::json(test::other_value(parameter))}}});
        const auto script = parse_script(steps, parameter.id, program.commands(), program.parameters());
        ASSERT_TRUE(script.has_value()) << script.error().message();
        if (!requests_of(*script, program.commands(), program.parameters()).empty()) {
            asked.insert(parameter.id);
        }
        ASSERT_TRUE(program.run_script(steps, parameter.id, ScriptRights::shows).has_value());
        ASSERT_TRUE(program.shell().frame().has_value());
        EXPECT_FALSE(program.controllers().player.playing()) << parameter.id;
        EXPECT_EQ(program.shell().theme(), theme) << parameter.id;
        EXPECT_EQ(program.shell().user_scale(), scale) << parameter.id;
        EXPECT_EQ(program.document().record.folder, folder) << parameter.id;
    }
    EXPECT_EQ(asked, (std::set<std::string>{"record.folder", "sequence.image", "ui.scale", "ui.theme"}));
}

TEST(ScriptConsent, WhatIsTheUsersOwnChangesOnlyWhereTheUserAllowsIt) {
    const TemporaryFolder folder;
    const auto file = folder.file("script.json", R"([
        {"set": "ui.theme", "to": "light"}, {"set": "record.folder", "to": "/elsewhere"},
        {"action": "view.larger"}, {"set": "viewport.filter", "to": "nearest"}])");
    const Running running = start_null();
    Application& program = *running.program;
    const float scale = program.shell().user_scale();
    const int before = warnings(running);
    run(running, "file.open", {{"path", file.string()}});
    EXPECT_EQ(program.document().filter, Enlargement::nearest) << "the rest of the script ran";
    EXPECT_GT(warnings(running), before);
    EXPECT_EQ(program.shell().theme(), Theme::dark);
    EXPECT_EQ(program.shell().user_scale(), scale);
    EXPECT_EQ(program.document().record.folder, "");

    running.program->set_user_present();
    ASSERT_TRUE(running.run("file.open", {{"path", file.string()}}).has_value());
    ASSERT_TRUE(program.document().consent.has_value());
    EXPECT_EQ(program.document().consent->requests.size(), 3U);
    run(running, "script.answer", {{"answer", "allow"}});
    EXPECT_EQ(program.shell().theme(), Theme::light);
    EXPECT_GT(program.shell().user_scale(), scale);
    EXPECT_EQ(program.document().record.folder, "/elsewhere");
}

TEST(ScriptConsent, ALayoutThatCannotBeRestoredIsLeftOut) {
    const TemporaryFolder folder;
    const Running running = start_null();
    SessionFile session = running.program->session();
    session.layout = "[Docking][Data]\nDockNode ID=0x00000001 Parent=0x00000001\n";
    const fs::path file = folder.path() / "session.json";
    ASSERT_TRUE(save_session_file(file, session).has_value());
    const int before = warnings(running);
    run(running, "file.open", {{"path", file.string()}});
    EXPECT_EQ(warnings(running), before + 1);
}

}  // namespace

}  // namespace lact::app
