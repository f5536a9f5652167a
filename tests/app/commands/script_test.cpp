#include "app/commands/script.h"

#include "tests/support/temporary_folder.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

/// A row of the table without what it reads and sets.
Parameter numbers_of(const char* id, const char* title, Domain domain, ParameterValue initial) {
    Parameter parameter;
    parameter.id = id;
    parameter.title = parameter.tooltip = title;
    parameter.group = "View";
    parameter.effect = Effect::shows;
    parameter.domain = always(std::move(domain));
    parameter.initial = std::move(initial);
    return parameter;
}

/// Tables with one action and one parameter that write down what happens.
struct Program {
    CommandTable commands;
    ParameterTable parameters;
    std::vector<std::string> done;
    ParameterValue zoom = 1;
    double time = 100;
    std::string reason;

    Program() {
        Command command;
        command.id = "scene.open";
        command.title = "Open";
        command.tooltip = "Opens";
        command.group = "File";
        command.effect = Effect::shows;
        command.arguments = {{"path", "path of a scene", true}};
        command.disabled_because = [this] { return reason; };
        command.run = [this](const ArgumentReader& arguments) -> Result<void> {
            std::string path;
            LACT_CHECK(arguments.read("path", path));
            if (path == "missing") {
                return fail("missing", "no such file");
            }
            done.push_back("open " + path);
            return {};
        };
        EXPECT_TRUE(commands.add(command));
        Parameter parameter = numbers_of("view.zoom", "Zoom", WholeNumbers{1, 4}, 1);
        parameter.get = [this] { return zoom; };
        parameter.set = [this](const ParameterValue& to) -> Result<void> {
            zoom = to;
            done.push_back("zoom " + to.shown());
            return {};
        };
        EXPECT_TRUE(parameters.add(parameter));
    }
    Result<Script> parse(const std::string& text) {
        return parse_script(nlohmann::json::parse(text), "tour.json", commands, parameters);
    }
    ScriptRunner runner(const std::string& text) {
        auto script = parse(text);
        EXPECT_TRUE(script) << (script ? "" : script.error().message());
        return {script.value_or(Script{}), commands, parameters, [this] { return time; }};
    }
};

TEST(Script, RunsStepAfterStep) {
    Program program;
    auto runner = program.runner(
        R"([{"action": "scene.open", "with": {"path": "a"}}, {"wait": "idle"}, {"set": "view.zoom", "to": 3},
            {"wait": 0.5}, {"action": "scene.open", "with": {"path": "b"}}])");
    using State = ScriptRunner::State;
    EXPECT_EQ(runner.step(true), State::running);
    EXPECT_EQ(program.done, (std::vector<std::string>{"open a"}));
    // Idle in the frame in which the wait begins says nothing of the action before it.
    EXPECT_EQ(runner.step(true), State::running);
    EXPECT_EQ(runner.next(), 1U);
    runner.step(false);
    runner.step(false);
    EXPECT_EQ(runner.next(), 1U);
    runner.step(true);
    EXPECT_EQ(runner.next(), 2U);
    runner.step(false);
    EXPECT_EQ(program.zoom, 3);
    runner.step(true);
    program.time += 0.49;
    runner.step(true);
    EXPECT_EQ(runner.next(), 3U);
    program.time += 0.02;
    runner.step(false);
    EXPECT_EQ(runner.next(), 4U);
    EXPECT_EQ(runner.step(false), State::done);
    EXPECT_EQ(program.done, (std::vector<std::string>{"open a", "zoom 3", "open b"}));
    EXPECT_EQ(runner.step(true), State::done);
    EXPECT_EQ(program.done.size(), 3U);
}

TEST(Script, AnEmptyOneIsDone) {
    Program program;
    EXPECT_EQ(program.runner("[]").state(), ScriptRunner::State::done);
}

TEST(Script, AFailedStepEndsItAndSaysWhich) {
    Program program;
    auto runner = program.runner(
        R"([{"set": "view.zoom", "to": 2}, {"action": "scene.open", "with": {"path": "missing"}},
            {"set": "view.zoom", "to": 4}])");
    runner.step(true);
    EXPECT_EQ(runner.step(true), ScriptRunner::State::failed);
    EXPECT_EQ(runner.step(true), ScriptRunner::State::failed);
    EXPECT_EQ(program.zoom, 2);
    EXPECT_EQ(runner.error().message(), "step 1: missing: no such file");

    program.reason = "Nothing is open.";
    auto disabled = program.runner(R"([{"action": "scene.open", "with": {"path": "a"}}])");
    EXPECT_EQ(disabled.step(true), ScriptRunner::State::failed);
    EXPECT_NE(disabled.error().message().find("Nothing is open."), std::string::npos);

    auto out_of_range = program.runner(R"([{"set": "view.zoom", "to": 9}])");
    EXPECT_EQ(out_of_range.step(true), ScriptRunner::State::failed);
    EXPECT_NE(out_of_range.error().message().find("step 0: parameter 'view.zoom'"), std::string::npos);
}

TEST(Script, RefusesWhatIsWrongAndNamesTheStep) {
    Program program;
    const std::string good = R"({"wait": "idle"}, )";
    for (const char* bad :
         {R"({})", R"(3)", R"({"wait": "forever"})", R"({"wait": -1})", R"({"wait": 1e9})",
          R"({"wait": 1, "to": 2})", R"({"action": "scene.close"})", R"({"action": 3})",
          R"({"action": "scene.open"})", R"({"action": "scene.open", "with": {"path": "a", "b": 1}})",
          R"({"action": "scene.open", "with": []})", R"({"action": "scene.open", "wait": 1})",
          R"({"action": "scene.open", "with": {"path": "a"}, "wiht": 1})", R"({"set": "view.zoom"})",
          R"({"set": "view.size", "to": 1})", R"({"set": "view.zoom", "to": 1, "with": {}})"}) {
        const auto script = program.parse("[" + good + bad + "]");
        ASSERT_FALSE(script) << bad;
        EXPECT_TRUE(script.error().where.starts_with("tour.json: step 1")) << script.error().message();
    }
    EXPECT_FALSE(program.parse("{}"));
    EXPECT_TRUE(program.done.empty());
}

TEST(Script, LoadsFiles) {
    Program program;
    const lact::test::TemporaryFolder folder;
    const auto good = folder.file("tour.json", R"([{"wait": 1}])");
    EXPECT_TRUE(load_script(good, program.commands, program.parameters));
    const auto broken = folder.file("broken.json", R"([{"wait": 1})");
    EXPECT_FALSE(load_script(broken, program.commands, program.parameters));
    EXPECT_FALSE(load_script(folder.path() / "none.json", program.commands, program.parameters));
}

TEST(Script, WaitsUntilATimeOfItsOwn) {
    Program program;
    ScriptRunner runner = program.runner(
        R"([{"wait": 1}, {"at": 3}, {"set": "view.zoom", "to": 2}, {"at": 2}, {"set": "view.zoom", "to": 3}])");
    for (const double time : {100.0, 101.5, 102.0, 102.9}) {
        program.time = time;
        runner.step(true);
    }
    EXPECT_TRUE(program.done.empty());
    program.time = 103;
    while (runner.step(true) == ScriptRunner::State::running) {
    }
    EXPECT_EQ(program.done, (std::vector<std::string>{"zoom 2", "zoom 3"}));
}

TEST(Script, SetsNumbersOverTime) {
    Program program;
    ScriptRunner runner = program.runner(R"([{"set": "view.zoom", "to": 4, "over": 2}])");
    for (const double time : {100.0, 101.0, 102.0}) {
        program.time = time;
        runner.step(true);
    }
    EXPECT_EQ(program.zoom, 4);
    EXPECT_EQ(program.done.front(), "zoom 1");
    EXPECT_EQ(program.done.at(1), "zoom 3") << "half way, 2.5, as a whole number";
    EXPECT_EQ(runner.state(), ScriptRunner::State::done);
    EXPECT_FALSE(program.parse(R"([{"set": "view.zoom", "to": "far", "over": 2}])").has_value());
    EXPECT_FALSE(program.parse(R"([{"set": "view.zoom", "to": 2, "over": -1}])").has_value());
    EXPECT_FALSE(program.parse(R"([{"at": "noon"}])").has_value());
}

TEST(Script, AWholeTargetOfAFractionIsReachedSmoothly) {
    Program program;
    Parameter divider = numbers_of("view.divider", "Divider", Numbers{0, 1}, 0.0);
    std::vector<double> seen;
    divider.get = [&] { return ParameterValue(seen.empty() ? 0.0 : seen.back()); };
    divider.set = [&](const ParameterValue& to) -> Result<void> {
        seen.push_back(to.get<double>());
        return {};
    };
    ASSERT_TRUE(program.parameters.add(divider));
    ScriptRunner runner = program.runner(R"([{"set": "view.divider", "to": 1, "over": 2}])");
    for (const double time : {100.0, 100.5, 101.0, 102.0}) {
        program.time = time;
        runner.step(true);
    }
    EXPECT_EQ(seen, (std::vector<double>{0, 0.15625, 0.5, 1}));
}

TEST(Script, RightsDecideWhatSettingAParameterMayTouch) {
    for (const auto& [effect, least] : {std::pair{Effect::shows, ScriptRights::shows},
                                        std::pair{Effect::customizes, ScriptRights::customizes},
                                        std::pair{Effect::opens, ScriptRights::opens},
                                        std::pair{Effect::writes, ScriptRights::new_files}}) {
        for (const ScriptRights rights : {ScriptRights::shows, ScriptRights::customizes, ScriptRights::opens,
                                          ScriptRights::new_files, ScriptRights::all}) {
            Program program;
            ParameterValue size = 1;
            Parameter parameter = numbers_of("ui.size", "Size", WholeNumbers{1, 4}, 1);
            parameter.effect = effect;
            parameter.get = [&size] { return size; };
            parameter.set = [&size](const ParameterValue& to) -> Result<void> {
                size = to;
                return {};
            };
            ASSERT_TRUE(program.parameters.add(parameter));
            auto script = program.parse(R"([{"set": "ui.size", "to": 2}])");
            ASSERT_TRUE(script.has_value());
            EXPECT_EQ(requests_of(*script, program.commands, program.parameters).empty(),
                      effect == Effect::shows);
            bool refused = false;
            script->rights = rights;
            script->refused = [&refused](const Error&) { refused = true; };
            ScriptRunner runner(*script, program.commands, program.parameters, [] { return 0.0; });
            EXPECT_EQ(runner.step(true), ScriptRunner::State::done);
            EXPECT_EQ(size, rights >= least ? 2 : 1);
            EXPECT_EQ(refused, rights < least);
        }
    }
}

TEST(Script, WaitsUntilWhatTheProgramWaitsFor) {
    Program program;
    bool over = true;
    Script script;
    script.steps.emplace_back(WaitFor{[&over] { return over; }});
    ScriptRunner runner(script, program.commands, program.parameters, [] { return 0.0; });
    EXPECT_EQ(runner.step(true), ScriptRunner::State::running) << "not in the frame in which it began";
    over = false;
    EXPECT_EQ(runner.step(true), ScriptRunner::State::running);
    over = true;
    EXPECT_EQ(runner.step(false), ScriptRunner::State::done) << "whatever else is computed";
}

TEST(Script, SaysHowLongItStillTakes) {
    Program program;
    auto runner = program.runner(
        R"([{"wait": 1}, {"at": 3}, {"set": "view.zoom", "to": 2, "over": 2}, {"wait": "idle"}])");
    EXPECT_DOUBLE_EQ(runner.seconds_left(), 5);
    runner.step(false);
    program.time += 0.5;
    runner.step(false);
    EXPECT_DOUBLE_EQ(runner.seconds_left(), 4.5);
    program.time += 1;
    runner.step(false);
    EXPECT_DOUBLE_EQ(runner.seconds_left(), 3.5);
    program.time += 1.5;
    runner.step(false);  // It is 3 s old,
    runner.step(false);  // and the value begins to move.
    program.time += 0.5;
    EXPECT_DOUBLE_EQ(runner.seconds_left(), 1.5);
}

TEST(Script, ValuesThatCannotBeSetArePassedOverWhereThatIsWanted) {
    Program program;
    const std::string text = R"([{"set": "view.zoom", "to": 9}, {"set": "view.zoom", "to": 3}])";
    auto strict = program.runner(text);
    EXPECT_EQ(strict.step(true), ScriptRunner::State::failed);
    auto script = program.parse(text);
    ASSERT_TRUE(script.has_value());
    std::vector<std::string> told;
    script->pass_over = [&](const Error& error) { told.push_back(error.message()); };
    ScriptRunner forgiving(std::move(*script), program.commands, program.parameters,
                           [&program] { return program.time; });
    forgiving.step(true);
    EXPECT_EQ(forgiving.step(true), ScriptRunner::State::done);
    EXPECT_EQ(program.zoom, 3);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_NE(told[0].find('9'), std::string::npos) << told[0];
}

TEST(Script, StepsAreToldInWords) {
    const Program program;
    const auto words = [&](const char* step) {
        return step_words(nlohmann::json::parse(step), program.commands, program.parameters);
    };
    EXPECT_EQ(words(R"({"action": "scene.open", "with": {"path": "bouquet"}})"), "Open: bouquet");
    EXPECT_EQ(words(R"({"set": "view.zoom", "to": 2, "over": 1.5})"), "Zoom: 2, over 1.5 s");
    EXPECT_EQ(words(R"({"set": "view.zoom", "to": ""})"), "Zoom: none");
    EXPECT_EQ(words(R"({"at": 3})"), "until 3 s");
    EXPECT_EQ(words(R"({"wait": "idle"})"), "wait until all is computed");
    EXPECT_EQ(words(R"({"action": "not.known"})"), "not.known");
}

TEST(Script, AcceptsAliasesAndReplacesThem) {
    Program program;
    ASSERT_TRUE(program.commands.alias("scene.load", "scene.open"));
    ASSERT_TRUE(program.parameters.alias("view.factor", "view.zoom"));
    const char* text =
        R"([{"action": "scene.load", "with": {"path": "a"}}, {"set": "view.factor", "to": 2}, {"at": 1}])";
    const auto script = program.parse(text);
    ASSERT_TRUE(script) << script.error().message();
    EXPECT_EQ(std::get<RunCommand>(script->steps[0]).id, "scene.open");
    EXPECT_EQ(std::get<SetParameter>(script->steps[1]).id, "view.zoom");
    const nlohmann::json steps =
        with_current_ids(nlohmann::json::parse(text), program.commands, program.parameters);
    EXPECT_EQ(steps, nlohmann::json::parse(R"([{"action": "scene.open", "with": {"path": "a"}},
                                     {"set": "view.zoom", "to": 2}, {"at": 1}])"));
}

}  // namespace

}  // namespace lact::app
