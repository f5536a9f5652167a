#include "app/commands/command_table.h"
#include "app/commands/key_chord.h"
#include "app/commands/parameter_table.h"
#include "app/commands/table_search.h"

#include <cmath>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

Command command(const std::string& id, const std::string& key = {}) {
    Command made;
    made.id = id;
    made.title = "Title of " + id;
    made.key = key;
    made.tooltip = "What it does";
    made.group = "File";
    made.effect = Effect::shows;
    made.run = [](const ArgumentReader&) -> Result<void> { return {}; };
    return made;
}

TEST(KeyChord, ParsesAndFormats) {
    for (const char* text : {"Ctrl+O", "Ctrl+Shift+O", "F", "]", "[", "F1", "F12", "Left", "Ctrl++", "+", "?",
                             "Esc", "Alt+F4", "Ctrl+Shift+Alt+PageUp", "Shift+Space", "1"}) {
        const auto chord = parse_key_chord(text);
        ASSERT_TRUE(chord) << text << ": " << chord.error().message();
        EXPECT_EQ(format(*chord), text);
        EXPECT_EQ(parse_key_chord(format(*chord)), *chord);
    }
    EXPECT_EQ(*parse_key_chord("shift+ctrl+o"), *parse_key_chord("Ctrl+Shift+O"));
    EXPECT_EQ(format(*parse_key_chord("pageup")), "PageUp");
}

TEST(KeyChord, RefusesWhatIsNoKey) {
    for (const char* text : {"", "Ctrl", "Ctrl+", "Super+O", "Ctrl+Ctrl+O", "F13", "Hyper", " ", "Ctrl+AB"}) {
        EXPECT_FALSE(parse_key_chord(text)) << text;
    }
    EXPECT_NE(parse_key_chord("Super+O").error().message().find("Super"), std::string::npos);
}

TEST(CommandTable, RefusesDuplicates) {
    CommandTable table;
    ASSERT_TRUE(table.add(command("scene.open", "Ctrl+O")));
    const auto same_id = table.add(command("scene.open"));
    ASSERT_FALSE(same_id);
    EXPECT_NE(same_id.error().message().find("scene.open"), std::string::npos);
    const auto same_key = table.add(command("scene.other", "ctrl+o"));
    ASSERT_FALSE(same_key);
    EXPECT_NE(same_key.error().message().find("belongs to 'scene.open'"), std::string::npos);
    EXPECT_EQ(table.all().size(), 1U);
    // No key is not a shared key.
    EXPECT_TRUE(table.add(command("a")));
    EXPECT_TRUE(table.add(command("b")));
    EXPECT_EQ(table.by_key({}), nullptr);
}

TEST(CommandTable, RefusesIncompleteOnes) {
    CommandTable table;
    Command bad = command("no tooltip");
    EXPECT_FALSE(table.add(bad));
    bad = command("a");
    bad.tooltip.clear();
    EXPECT_FALSE(table.add(bad));
    bad = command("a", "Ctrl+Nothing");
    const auto refused = table.add(bad);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message().find("command 'a'"), std::string::npos);
    bad = command("a");
    bad.run = nullptr;
    EXPECT_FALSE(table.add(bad));
    EXPECT_TRUE(table.all().empty());
}

TEST(CommandTable, FindsByIdAndKeyAndRuns) {
    CommandTable table;
    std::optional<std::string> seen;
    std::string reason;
    Command open = command("scene.open", "ctrl+o");
    open.arguments = {{"path", "path of a scene", true}, {"inputs", "number of input views", false}};
    open.disabled_because = [&] { return reason; };
    open.run = [&](const ArgumentReader& arguments) { return arguments.read("path", seen); };
    ASSERT_TRUE(table.add(open));
    EXPECT_EQ(table.find("scene.open")->key, "Ctrl+O");
    EXPECT_EQ(table.by_key(*parse_key_chord("Ctrl+O")), table.find("scene.open"));
    EXPECT_EQ(table.by_key(*parse_key_chord("O")), nullptr);
    EXPECT_TRUE(table.run("scene.open", {{"path", "x"}}));
    EXPECT_EQ(seen, "x");
    EXPECT_FALSE(table.run("scene.open"));
    EXPECT_NE(table.check("scene.open", nlohmann::json::object()).error().message().find("path of a scene"),
              std::string::npos);
    EXPECT_FALSE(table.check("scene.open", {{"path", "x"}, {"colour", 1}}));
    EXPECT_FALSE(table.check("scene.open", nlohmann::json::array()));
    reason = "Nothing is open yet.";
    seen.reset();
    const auto refused = table.run("scene.open", {{"path", "x"}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().what, reason);
    EXPECT_FALSE(seen.has_value());
    EXPECT_NE(table.check("scene.opn", nlohmann::json::object()).error().hint.find("scene.open"),
              std::string::npos);
}

TEST(CommandTable, SearchPutsTheBestFirst) {
    CommandTable table;
    Command one = command("view.frame-all", "F");
    one.title = "Frame all cameras";
    Command two = command("file.open");
    two.title = "Open scene";
    Command three = command("view.reset");
    three.title = "Reset camera";
    ASSERT_TRUE(table.add(one) && table.add(two) && table.add(three));
    EXPECT_EQ(table.search("").size(), 3U);
    EXPECT_EQ(table.search("")[0]->id, "view.frame-all");
    ASSERT_FALSE(table.search("op sc").empty());
    EXPECT_EQ(table.search("op sc")[0]->id, "file.open");
    EXPECT_EQ(table.search("rescam")[0]->id, "view.reset");
    EXPECT_TRUE(table.search("qqq").empty());
}

TEST(Fuzzy, OrderAndPreferences) {
    EXPECT_EQ(fuzzy_score("anything", ""), 0);
    EXPECT_FALSE(fuzzy_score("abc", "acb"));
    EXPECT_FALSE(fuzzy_score("", "a"));
    EXPECT_TRUE(fuzzy_score("Open Scene", "os"));
    EXPECT_GT(*fuzzy_score("Open Scene", "os"), *fuzzy_score("choose", "os"));
    EXPECT_GT(*fuzzy_score("framing", "fra"), *fuzzy_score("far rapid", "fra"));
    EXPECT_TRUE(fuzzy_score("Frame all cameras", "cam fra"));
    EXPECT_FALSE(fuzzy_score("Frame all cameras", "cam zzz"));
}

struct Values {
    ParameterValue value = 1;
    ParameterTable table;

    Values(Domain domain, ParameterValue initial) : value(initial) {
        Parameter parameter;
        parameter.id = "rule.steps";
        parameter.title = "Inner steps";
        parameter.group = "Rule";
        parameter.tooltip = "How often the state is updated";
        parameter.effect = Effect::shows;
        parameter.domain = always(std::move(domain));
        parameter.initial = std::move(initial);
        parameter.get = [this] { return value; };
        parameter.set = [this](const ParameterValue& to) -> Result<void> {
            value = to;
            return {};
        };
        EXPECT_TRUE(table.add(parameter));
    }
};

TEST(ParameterTable, WholeNumbers) {
    Values values(WholeNumbers{1, 64}, 1);
    EXPECT_TRUE(values.table.set("rule.steps", 64));
    EXPECT_EQ(values.table.get("rule.steps")->get<int>(), 64);
    EXPECT_FALSE(value_from_json(nlohmann::json(nullptr)));
    EXPECT_FALSE(value_from_json(nlohmann::json::array({1})));
    for (const nlohmann::json& bad :
         {nlohmann::json(0), nlohmann::json(65), nlohmann::json(2.5), nlohmann::json("3"),
          nlohmann::json(true), nlohmann::json(18446744073709551615ULL)}) {
        const auto value = value_from_json(bad);
        ASSERT_TRUE(value) << bad;
        const auto refused = values.table.set("rule.steps", *value);
        ASSERT_FALSE(refused) << bad;
        EXPECT_NE(refused.error().message().find("from 1 to 64"), std::string::npos);
    }
    EXPECT_EQ(values.value, 64);
    EXPECT_TRUE(values.table.reset("rule.steps"));
    EXPECT_EQ(values.value, 1);
}

TEST(ParameterTable, OtherDomains) {
    EXPECT_TRUE(check(Switch{}, true));
    EXPECT_FALSE(check(Switch{}, 1));
    EXPECT_TRUE(check(Numbers{0, 1}, 0.5));
    EXPECT_TRUE(check(Numbers{0, 1}, 1));
    EXPECT_FALSE(check(Numbers{0, 1}, 1.01));
    EXPECT_FALSE(check(Numbers{0, 1}, std::nan("")));
    EXPECT_TRUE(check(Choices{{"nearest", "bicubic"}}, "bicubic"));
    EXPECT_FALSE(check(Choices{{"nearest", "bicubic"}}, "cubic"));
    EXPECT_NE(check(Choices{{"nearest", "bicubic"}}, "cubic").error().what.find("nearest, bicubic"),
              std::string::npos);
    EXPECT_TRUE(check(FreeText{}, ""));
    EXPECT_FALSE(check(FreeText{}, 1));
}

TEST(ParameterTable, RefusesDuplicatesAndBadOnes) {
    Values values(Switch{}, true);
    Parameter again = values.table.all().front();
    EXPECT_FALSE(values.table.add(again));
    again.id = "other";
    again.initial = 3;
    EXPECT_FALSE(values.table.add(again));
    again.initial = false;
    again.effect.reset();
    const auto refused = values.table.add(again);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what.find("touches"), std::string::npos);
    again.effect = Effect::shows;
    again.tooltip.clear();
    EXPECT_FALSE(values.table.add(again));
    EXPECT_EQ(values.table.all().size(), 1U);
    EXPECT_FALSE(values.table.get("rule.step"));
    EXPECT_NE(values.table.set("rule.step", 1).error().hint.find("rule.steps"), std::string::npos);
}

TEST(CommandTable, FindsAndRunsAliases) {
    CommandTable table;
    int runs = 0;
    Command show = command("formula.show");
    show.run = [&](const ArgumentReader&) -> Result<void> {
        ++runs;
        return {};
    };
    ASSERT_TRUE(table.add(show));
    ASSERT_TRUE(table.alias("look.at", "formula.show"));
    EXPECT_EQ(table.find("look.at"), table.find("formula.show"));
    EXPECT_TRUE(table.check("look.at", nlohmann::json::object()));
    EXPECT_TRUE(table.run("look.at"));
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(table.all().size(), 1U) << "an alias is no row";
    EXPECT_FALSE(table.alias("look.at", "formula.show")) << "taken";
    EXPECT_FALSE(table.alias("formula.show", "formula.show")) << "taken";
    EXPECT_FALSE(table.alias("look at", "formula.show")) << "no id";
    EXPECT_FALSE(table.alias("other", "formula.hide")) << "no such command";
    EXPECT_FALSE(table.add(command("look.at"))) << "taken";
}

TEST(ParameterTable, FindsAndSetsAliases) {
    Values values(WholeNumbers{1, 64}, 1);
    ASSERT_TRUE(values.table.alias("rule.count", "rule.steps"));
    EXPECT_EQ(values.table.find("rule.count"), values.table.find("rule.steps"));
    EXPECT_TRUE(values.table.set("rule.count", 5));
    EXPECT_EQ(*values.table.get("rule.count"), 5);
    EXPECT_TRUE(values.table.reset("rule.count"));
    EXPECT_EQ(values.value, 1);
    EXPECT_EQ(values.table.all().size(), 1U) << "an alias is no row";
    EXPECT_FALSE(values.table.alias("rule.count", "rule.steps")) << "taken";
    EXPECT_FALSE(values.table.alias("rule count", "rule.steps")) << "no id";
    EXPECT_FALSE(values.table.alias("other", "rule.none")) << "no such parameter";
}

}  // namespace

}  // namespace lact::app
