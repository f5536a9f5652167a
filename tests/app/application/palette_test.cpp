// The command palette and the glossary; controls that are drawn over the view.
#include "app/ui/command_palette.h"
#include "app/ui/glossary.h"
#include "engine/core/files.h"
#include "engine/experiment/experiment.h"
#include "engine/metrics/metrics.h"
#include "tests/app/application/running.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <imgui_internal.h>

namespace lact::app {

namespace {

using test::run;
using test::Running;
using test::start_null;

std::vector<PaletteEntry> entries(const Running& running, std::string_view query) {
    return palette_entries(running.program->services(), running.program->shell().keys(),
                           {"Compare", "Record"}, query);
}

TEST(Palette, FindsCommandsPanelsFilesSwitchesAndValues) {
    const Running running = start_null();
    const auto first = [&](std::string_view query) {
        const auto found = entries(running, query);
        return found.empty() ? std::string() : found.front().title;
    };
    EXPECT_EQ(first("frame the scene"), "Camera: Frame the scene");
    EXPECT_EQ(first("show panel compare"), "Show panel: Compare");
    EXPECT_EQ(first("bundled scene tank"), "Open bundled scene: tank_truck");
    EXPECT_EQ(first("image size of the model 64x64"), "Scene: Image size of the model 64x64");
    EXPECT_EQ(first("preset spiral"), "Camera path: preset spiral");
    EXPECT_EQ(first("inner steps 16"), "Rule: Inner steps 16");
    EXPECT_EQ(first("no command is called like this"), "");
}

TEST(Palette, EveryEntryThatCanRunRunsWithoutAnError) {
    const Running running = start_null();
    // Those that end the program, write, open other things or start work are tested elsewhere.
    const std::vector<std::string> left_out = {
        "File:", "Open ", "Scene: Gen", "Record:", "Experiments:", "Help:", "View: Measure"};
    std::set<std::string> seen;
    for (const PaletteEntry& entry : entries(running, "")) {
        EXPECT_FALSE(entry.tooltip.empty()) << entry.title;
        EXPECT_TRUE(seen.insert(entry.title).second) << "twice: " << entry.title;
        const bool skip = std::ranges::any_of(
            left_out, [&](const std::string& prefix) { return entry.title.starts_with(prefix); });
        if (!skip && entry.why_not.empty()) {
            if (entry.title.starts_with(
                    "Compare: Freeze")) {  // Needs the rendering of where the camera is now.
                ASSERT_TRUE(running.program->settle().has_value());
            }
            entry.run();
        }
    }
    EXPECT_GT(seen.size(), 100U);
    ASSERT_TRUE(running.program->settle().has_value());
    for (const LogEntry& logged : running.program->log().after(0)) {
        EXPECT_NE(logged.severity, Severity::error) << logged.where << ": " << logged.what;
    }
}

TEST(Palette, ANumberSetsAParameterAndSaysWhereItCannot) {
    const Running running = start_null();
    entries(running, "inner steps 4").front().run();
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(running.program->snapshot()->state->rule.inner_steps, 4);
    EXPECT_NE(entries(running, "inner steps 4.5").front().why_not, "") << "not rounded";
    const auto too_many = entries(running, "inner steps 9999");
    ASSERT_FALSE(too_many.empty());
    EXPECT_NE(too_many.front().why_not, "");
}

TEST(Palette, OpensAndRunsByKeys) {
    const Running running = start_null();
    run(running, "help.palette");
    test::draw_frames(running, 3);
    ASSERT_TRUE(test::dialog_is_open());
    test::type_text(running, "enlargement nearest");
    test::hold_key(running, ImGuiKey_Enter);
    EXPECT_FALSE(test::dialog_is_open());
    EXPECT_EQ(running.program->document().filter, Enlargement::nearest);
}

TEST(Glossary, IsSortedAndComplete) {
    const auto lower = [](std::string text) {
        std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
        return text;
    };
    std::string before;
    for (const Term& term : glossary()) {
        EXPECT_LT(before, lower(term.name)) << term.name;
        before = lower(term.name);
        EXPECT_TRUE(std::string(term.sentence).ends_with('.')) << term.name;
    }
    EXPECT_NE(find_term("inner loss"), nullptr);
    EXPECT_EQ(find_term("no such term"), nullptr);
}

TEST(Glossary, KnowsEveryTermThatAPanelExplains) {
    const std::filesystem::path ui = std::filesystem::path(LACT_TESTS_DIR).parent_path() / "app/ui";
    int terms = 0;
    for (const auto& file : std::filesystem::directory_iterator(ui)) {
        const std::string source = read_file(file.path()).value_or("");
        const std::regex section(R"re(section\(context, \w+,\s*"[^"]*",\s*\{([^}]*)\})re");
        const std::regex quoted(R"re("([^"]*)")re");
        for (std::sregex_iterator at(source.begin(), source.end(), section), end; at != end; ++at) {
            const std::string names = (*at)[1];
            for (std::sregex_iterator name(names.begin(), names.end(), quoted); name != end;
                 ++name, ++terms) {
                EXPECT_NE(find_term((*name)[1].str()), nullptr) << file.path() << ": " << (*name)[1];
            }
        }
    }
    EXPECT_GE(terms, 10);
}

TEST(Glossary, EveryExperimentHasTerms) {
    for (const Experiment& one : experiments()) {
        EXPECT_FALSE(experiment_terms(one.id).empty()) << one.id;
        for (const std::string_view name : experiment_terms(one.id)) {
            EXPECT_NE(find_term(name), nullptr) << one.id << ": " << name;
        }
    }
    EXPECT_TRUE(experiment_terms("none").empty());
}

TEST(ViewControls, TheFieldOfViewKeepsThePrincipalPointAndTheAspect) {
    const Running running = start_null();
    const Camera before = running.program->document().viewpoint().camera({64, 64});
    ASSERT_TRUE(running.program->parameters().set("camera.fov", 80).has_value());
    const Camera after = running.program->document().viewpoint().camera({64, 64});
    EXPECT_NEAR(field_of_view(after).y(), 80, 1e-9);
    EXPECT_NEAR(after.fx / after.fy, before.fx / before.fy, 1e-12);
    EXPECT_EQ(after.cx, before.cx);
    EXPECT_EQ(after.cy, before.cy);
    EXPECT_TRUE(after.c2w == before.c2w);
}

TEST(ViewControls, AxesLookAtTheCentreFromTheirSide) {
    const Running running = start_null();
    for (const auto& [name, axis] :
         {std::pair{"x", Eigen::Vector3d(1, 0, 0)}, std::pair{"-y", Eigen::Vector3d(0, -1, 0)},
          std::pair{"z", Eigen::Vector3d(0, 0, 1)}}) {
        const double distance = running.program->document().viewpoint().distance();
        run(running, "camera.from_axis", {{"axis", name}});
        const Viewpoint& here = running.program->document().viewpoint();
        EXPECT_NEAR(here.distance(), distance, 1e-9 * distance);
        EXPECT_NEAR(((here.position() - here.center) / here.distance() - axis).norm(), 0, 1e-9) << name;
    }
    EXPECT_FALSE(running.run("camera.from_axis", {{"axis", "w"}}).has_value());
}

TEST(Photos, TheNextWorstViewFollowsThePsnrOfThePhotos) {
    const Running running = start_null();
    ASSERT_TRUE(running.program->settle().has_value());
    auto figures = running.program->document().view_figures.views;
    ASSERT_EQ(figures.size(), running.program->snapshot()->scene->held_out().size());
    std::ranges::stable_sort(figures, {}, &HeldOutPsnr::OfView::psnr);
    for (std::size_t i = 0; i < 3; ++i) {
        run(running, "camera.next_worst");
        const Camera& camera = running.program->snapshot()->scene->views[figures[i].view].camera;
        EXPECT_TRUE(coincide(running.program->snapshot()->frame->camera, camera)) << i;
        EXPECT_NEAR(psnr(running.program->snapshot()->frame->image,
                         *running.program->snapshot()->scene->views[figures[i].view].image),
                    figures[i].psnr, 1e-3);
    }
}

TEST(Photos, TheNextWorstViewIsThatOfWhatIsOnScreen) {
    const Running running = start_null();
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_TRUE(running.run("camera.next_worst").has_value());
    // Nothing measures another state while the panel of the photos is closed.
    ASSERT_TRUE(running.program->shell().show_panel("Scene", false));
    test::set(running, "rule.steps", 2);
    const auto refused = running.run("camera.next_worst");
    ASSERT_FALSE(refused.has_value()) << "the known PSNR is that of the rule before";
    EXPECT_NE(refused.error().what.find("Scene panel"), std::string::npos) << refused.error().what;
    run(running, "panel.show", {{"panel", "Scene"}});
    EXPECT_TRUE(running.run("camera.next_worst").has_value());
    run(running, "inputs.all");
    EXPECT_FALSE(running.run("camera.next_worst").has_value()) << "no photo is held out";
}

}  // namespace

}  // namespace lact::app
