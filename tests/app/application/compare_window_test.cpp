// The comparison in the window, driven by the program's own actions and parameters.
#include "engine/core/files.h"
#include "engine/core/text_file.h"
#include "tests/app/application/running.h"
#include "tests/app/application/slow_engine_display.h"
#include "tests/app/cli/run_program.h"
#include "tests/support/environment.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/vulkan.h"

#include <cmath>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

using lact::test::TemporaryFolder;
using test::errors;
using test::options_for;
using test::run;
using test::Running;
using test::set;
using test::start;
using test::start_null;

std::size_t held_out(const Running& running, std::size_t which) {
    return running.program->snapshot()->scene->held_out()[which];
}

TEST(CompareWindow, FiguresAreThoseOfTheCommand) {
    const TemporaryFolder folder;
    const Running running = start_null();
    const std::string b = "rule=mse,steps=2,views=5";
    set(running, "compare.b", b);
    run(running, "compare.toggle");
    run(running, "panel.show", {{"panel", "Compare"}});
    const auto command =
        test::run_lactscope("compare --json --device cpu --scene " LACT_ASSETS_DIR
                            "/scenes/bouquet --weights " LACT_ASSETS_DIR "/weights/general.safetensors --b " +
                            b + " -o " + (folder.path() / "out").string());
    ASSERT_EQ(command.exit_code, 0) << command.err;
    const auto expected = nlohmann::json::parse(command.out);
    const auto table = running.program->snapshot()->table;
    ASSERT_TRUE(table != nullptr);
    const auto json = to_json(*table);
    EXPECT_EQ(json.at("views").size(), expected.at("views").size());
    for (std::size_t i = 0; i < table->rows.size(); ++i) {
        for (const CompareColumn& column : compare_columns) {
            EXPECT_NEAR(table->rows[i].*column.value, expected["views"][i][column.name].get<double>(), 1e-6)
                << column.name << " of view " << table->rows[i].view;
        }
    }
    EXPECT_EQ(json.at("a").at("rule"), expected.at("a").at("rule"));
    EXPECT_EQ(json.at("b"), expected.at("b"));
    // And live, from the camera of one of them.
    run(running, "camera.go_to_view", {{"view", table->rows[1].view}});
    const auto pair = running.program->snapshot()->pair;
    ASSERT_TRUE(pair && pair->figures);
    EXPECT_NEAR(pair->figures->psnr, expected["views"][1]["psnr_ab"].get<double>(), 1e-6);
    EXPECT_NEAR(pair->figures->ssim, expected["views"][1]["ssim_ab"].get<double>(), 1e-6);
    EXPECT_NEAR(pair->photos[0]->psnr, expected["views"][1]["psnr_a"].get<double>(), 1e-6);
    EXPECT_EQ(errors(*running.program), 0);
}

TEST(CompareWindow, EveryPresetAndModeWorks) {
    const Running running = start_null();
    run(running, "camera.go_to_view", {{"view", held_out(running, 0)}});
    for (const char* preset :
         {"compare.photo", "compare.ascent", "compare.four_views", "compare.bf16", "compare.linear"}) {
        run(running, preset);
        const auto pair = running.program->snapshot()->pair;
        ASSERT_TRUE(pair && pair->figures) << preset;
        EXPECT_FALSE(std::isinf(pair->figures->psnr)) << preset;
        for (const std::string_view mode : compare_mode_names) {
            set(running, "compare.mode", mode);
            EXPECT_TRUE(running.program->panels().viewport.compare_view().active()) << mode;
        }
    }
    run(running, "compare.with", {{"side", "rule=ascent,precision=bf16"}});
    EXPECT_EQ(*running.program->parameters().get("compare.b"), "rule=ascent,precision=bf16");
    run(running, "compare.swap");
    EXPECT_EQ(*running.program->parameters().get("compare.a"), "rule=ascent,precision=bf16");
    EXPECT_EQ(*running.program->parameters().get("compare.b"), "current");
    const Snapshot now = *running.program->snapshot();
    EXPECT_EQ(now.pair->b.image->rgb, now.frame->image.rgb);
    run(running, "compare.toggle");
    EXPECT_EQ(running.program->snapshot()->pair, nullptr);
    EXPECT_FALSE(running.program->panels().viewport.compare_view().active());
    EXPECT_EQ(errors(*running.program), 0);
}

TEST(CompareWindow, FlipsAndGoesThroughTheModes) {
    const Running running = start_null();
    run(running, "compare.flip");
    EXPECT_EQ(*running.program->parameters().get("compare.mode"), "flip");
    EXPECT_EQ(*running.program->parameters().get("compare.shown"), "B");
    run(running, "compare.flip");
    EXPECT_EQ(*running.program->parameters().get("compare.shown"), "A");
    for (const std::string_view mode : compare_mode_names) {
        run(running, "compare.next_mode");
        EXPECT_EQ(*running.program->parameters().get("compare.mode"), mode);
    }
    set(running, "compare.blink", true);
    run(running, "compare.flip");
    EXPECT_EQ(*running.program->parameters().get("compare.blink"), false) << "the key takes over";
}

TEST(CompareWindow, KeepsAImageAndGoesBackToIt) {
    const Running running = start_null();
    EXPECT_FALSE(running.run("compare.with", {{"side", "captured"}}).has_value()) << "none is kept yet";
    const auto before = running.program->snapshot()->frame;
    run(running, "compare.keep");
    run(running, "rule.set", {{"rule", "ascent"}});
    ASSERT_TRUE(running.program->snapshot()->pair->figures.has_value());
    EXPECT_EQ(running.program->snapshot()->pair->b.image->rgb, before->image.rgb);
    run(running, "camera.turn");
    EXPECT_FALSE(running.program->snapshot()->pair->figures.has_value());
    run(running, "compare.go");
    EXPECT_TRUE(running.program->snapshot()->pair->figures.has_value());
    const std::string& label = running.program->document().compare.captured->label;
    for (const char* words : {"bouquet", "fp32", "8 views", "64x64"}) {
        EXPECT_NE(label.find(words), std::string::npos) << label;
    }
    set(running, "model.size", "96x96");
    const auto refused = running.run("compare.go");
    ASSERT_FALSE(refused.has_value()) << "no camera helps";
    EXPECT_NE(refused.error().what.find("64x64"), std::string::npos) << refused.error().what;
    EXPECT_EQ(errors(*running.program), 0);
}

TEST(CompareWindow, GoesToAnInputWhereNoPhotoIsHeldOut) {
    const Running running = start_null();
    run(running, "inputs.all");
    EXPECT_FALSE(running.run("camera.next_held_out").has_value()) << "says why it does nothing";
    run(running, "compare.with", {{"side", "photo"}});
    run(running, "camera.turn", {{"yaw", 17}});
    ASSERT_FALSE(running.program->snapshot()->pair->figures.has_value());
    run(running, "compare.go");
    EXPECT_TRUE(running.program->snapshot()->pair->figures.has_value());
}

TEST(CompareWindow, ASessionWithAKeptImageOpensWithoutIt) {
    const TemporaryFolder folder;
    const auto file = folder.path() / "session.json";
    {
        const Running first = start_null();
        run(first, "compare.keep");
        run(first, "file.save_session", {{"path", file.string()}});
    }
    const Running second = start_null();
    run(second, "file.open", {{"path", file.string()}});
    EXPECT_EQ(*second.program->parameters().get("compare.b"), "captured");
    const auto pair = second.program->snapshot()->pair;
    ASSERT_TRUE(pair != nullptr);
    EXPECT_EQ(pair->b.why_not, "No image is frozen yet: press K.");
    EXPECT_EQ(errors(*second.program), 0);
}

TEST(CompareWindow, TurningItOnShowsItsPanel) {
    const Running running = start_null();
    run(running, "panel.show", {{"panel", "Rule"}});
    run(running, "compare.toggle");
    EXPECT_TRUE(running.program->document().compare.table_seen);
}

TEST(CompareWindow, TheFrameFollowsWhereNeitherSideIsWhatIsOpen) {
    const Running running = start_null();
    set(running, "compare.a", "rule=mse");
    set(running, "compare.b", "rule=ascent");
    set(running, "compare.on", true);
    run(running, "camera.turn");
    const Snapshot now = *running.program->snapshot();
    ASSERT_TRUE(now.pair && now.frame);
    EXPECT_EQ(now.frame->camera.c2w, now.pair->camera.c2w);
    EXPECT_NE(now.frame->image.rgb, now.pair->a.image->rgb);
    run(running, "compare.keep");
    EXPECT_EQ(running.program->document().compare.captured->frame, now.frame);
}

TEST(CompareWindow, OffersTheWeightsThatComeWithIt) {
    const FrameState nothing;
    Document document;
    const SideChooser chooser({SnapshotRef(nothing), &document, nullptr}, "compare.b", &CompareState::b);
    std::string names;
    for (const std::string& path : chooser.offered_weights()) {
        names += std::filesystem::path(path).filename().string() + " ";
    }
    EXPECT_NE(names.find("general.safetensors"), std::string::npos) << names;
    EXPECT_NE(names.find("nano128.safetensors"), std::string::npos) << names;
}

TEST(CompareWindow, WritesThePixelOfBothSides) {
    const Running running = start_null();
    run(running, "compare.toggle");
    set(running, "compare.pixel", "12,40");
    const auto& pixel = running.program->panels().viewport.compare_view().pixel();
    ASSERT_TRUE(pixel && pixel->a && pixel->b);
    const auto& pair = *running.program->snapshot()->pair;
    const std::size_t at = (40 * 64 + 12) * 3;
    EXPECT_EQ((*pixel->a)[1], pair.a.image->rgb[at + 1]);
    EXPECT_EQ((*pixel->b)[2], pair.b.image->rgb[at + 2]);
    EXPECT_NE(pixel->text().find("A-B"), std::string::npos);
    set(running, "compare.pixel", "64,0");
    EXPECT_FALSE(running.program->panels().viewport.compare_view().pixel().has_value());
    EXPECT_FALSE(running.program->parameters().set("compare.pixel", "1;2").has_value());
    set(running, "compare.pixel", "");
}

/// The pointer at a place, for as many frames as ImGui needs.
void point_at(const Running& running, ImVec2 at) {
    ImGui::GetIO().AddMousePosEvent(at.x, at.y);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(running.program->shell().frame().has_value());
    }
}

TEST(CompareWindow, TheDividerIsDraggedAndTheCameraStays) {
    const Running running = start_null();
    run(running, "compare.toggle");
    const CompareView& view = running.program->panels().viewport.compare_view();
    const gfx::Rect rect = view.image_of_a();
    const auto at = [&](float share) {
        return ImVec2{rect.min.x + (rect.max.x - rect.min.x) * share, (rect.min.y + rect.max.y) / 2};
    };
    const auto moves = running.program->document().moves();
    point_at(running, at(0.5F));
    ImGui::GetIO().AddMouseButtonEvent(0, true);
    point_at(running, at(0.5F));
    point_at(running, at(0.25F));
    EXPECT_NEAR(running.program->document().compare.divider, 0.25, 0.01);
    point_at(running, {rect.min.x - 50, at(0).y});
    EXPECT_EQ(running.program->document().compare.divider, 0);
    ImGui::GetIO().AddMouseButtonEvent(0, false);
    point_at(running, at(0.75F));
    EXPECT_EQ(running.program->document().compare.divider, 0) << "let go";
    EXPECT_EQ(running.program->document().moves(), moves);
    const auto& pixel = view.pixel();
    ASSERT_TRUE(pixel.has_value()) << "the one under the pointer";
    EXPECT_EQ(pixel->x, 48);
    EXPECT_EQ(pixel->y, 32);
    // Beside the divider the mouse turns the camera as ever.
    ImGui::GetIO().AddMouseButtonEvent(0, true);
    point_at(running, at(0.75F));
    point_at(running, at(0.6F));
    ImGui::GetIO().AddMouseButtonEvent(0, false);
    point_at(running, at(0.6F));
    EXPECT_GT(running.program->document().moves(), moves);
}

TEST(CompareWindow, SortsAndSavesTheTable) {
    const TemporaryFolder folder;
    const Running running = start_null();
    set(running, "compare.on", true);
    EXPECT_FALSE(running.run("compare.export").has_value()) << "the panel is not seen: no table";
    run(running, "panel.show", {{"panel", "Compare"}});
    const CompareTable& table = *running.program->snapshot()->table;
    ASSERT_EQ(table.rows.size(), table.of);
    for (const bool descending : {false, true}) {
        set(running, "compare.descending", descending);
        for (const CompareColumn& column : compare_columns) {
            set(running, "compare.sort", column.name);
            const auto rows = running.program->panels().compare.sorted_rows();
            ASSERT_EQ(rows.size(), table.rows.size());
            for (std::size_t i = 1; i < rows.size(); ++i) {
                const double step = rows[i].*column.value - rows[i - 1].*column.value;
                EXPECT_TRUE(descending ? step <= 0 : step >= 0) << column.name << " row " << i;
            }
        }
    }
    const auto csv = folder.path() / "table.csv";
    const auto json = folder.path() / "table.json";
    run(running, "compare.export", {{"path", csv.string()}});
    run(running, "compare.export_json", {{"path", json.string()}});
    const std::string written = read_file(csv).value_or("");
    const auto scene = running.program->snapshot()->scene;
    EXPECT_EQ(written, to_csv(table, scene->name, scene->size));
    EXPECT_EQ(nlohmann::json::parse(*read_file(json)).at("views"), to_json(table).at("views"));
    EXPECT_FALSE(running.run("compare.export", {{"path", "table.png"}}).has_value());
    set(running, "compare.table", false);
    set(running, "compare.b", "views=5");
    const auto refused = running.run("compare.export");
    ASSERT_FALSE(refused.has_value()) << "none of its rows is computed";
}

TEST(CompareWindow, ATableOfWhatWasBeforeIsNotSaved) {
    const TemporaryFolder folder;
    const Running running = start_null();
    set(running, "compare.on", true);
    run(running, "panel.show", {{"panel", "Compare"}});
    const auto save = [&] {
        return running.run("compare.export", {{"path", (folder.path() / "table.csv").string()}});
    };
    // No frame is drawn between a change and this.
    const auto refused_until_settled = [&](const char* why) {
        const auto refused = save();
        ASSERT_FALSE(refused.has_value());
        EXPECT_NE(refused.error().what.find(why), std::string::npos) << refused.error().what;
        EXPECT_TRUE(folder.names().empty());
        ASSERT_TRUE(running.program->settle().has_value());
    };
    ASSERT_TRUE(running.program->parameters().set("compare.b", "rule=mse").has_value());
    refused_until_settled("still being made");
    ASSERT_TRUE(running.program->parameters().set("rule.steps", 2).has_value());
    refused_until_settled("still being computed");
    ASSERT_TRUE(running.program->parameters().set("model.size", "32x32").has_value());
    refused_until_settled("still being computed");
    EXPECT_TRUE(save().has_value());
    run(running, "inputs.all");
    const auto refused = save();
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().what.find("held out"), std::string::npos) << refused.error().what;
}

TEST(CompareWindow, AnUnfinishedTableIsNotSaved) {
    const TemporaryFolder folder;
    auto made = std::make_unique<test::SlowEngineDisplay>();
    test::SlowEngineDisplay& display = *made;
    const Running running = start(std::move(made), options_for("bouquet"));
    // Every row of the table takes the time of many frames.
    display.slow = true;
    ASSERT_TRUE(running.run("compare.toggle").has_value());
    std::shared_ptr<const CompareTable> table;
    for (int i = 0; i < 100000 && (!table || table->rows.empty()); ++i) {
        ASSERT_TRUE(running.program->shell().frame().has_value());
        table = running.program->snapshot()->table;
    }
    ASSERT_TRUE(table && !table->rows.empty());
    ASSERT_LT(table->rows.size(), table->of);
    const auto file = (folder.path() / "table.csv").string();
    const auto refused = running.run("compare.export", {{"path", file}});
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message().find("views are computed: wait"), std::string::npos)
        << refused.error().message();
    display.slow = false;
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_TRUE(running.run("compare.export", {{"path", file}}).has_value());
}

TEST(CompareWindow, RemembersTheFiguresOfEveryPair) {
    const Running running = start_null();
    run(running, "compare.toggle");
    const CompareHistory& history = running.program->document().compare.history;
    ASSERT_FALSE(history.count().empty());
    const std::size_t before = history.count().size();
    run(running, "camera.turn");
    EXPECT_GT(history.count().size(), before);
    EXPECT_EQ(history.psnr().back(), running.program->snapshot()->pair->figures->psnr);
    EXPECT_EQ(history.ssim().back(), running.program->snapshot()->pair->figures->ssim);
    EXPECT_TRUE(history.changes().empty());
    run(running, "compare.bf16");
    EXPECT_EQ(history.changes().size(), 1U);
    run(running, "compare.toggle");
    set(running, "compare.b", "rule=ascent");
    run(running, "compare.toggle");
    EXPECT_EQ(history.changes().size(), 2U) << "stopped and begun again with another side";
}

TEST(CompareWindow, RefusesWhatHasNoMeaningAndKeepsTheSides) {
    const Running running = start_null();
    for (const char* wrong : {"photo,rule=mse", "nonsense", "", "rule=nonsense", "views=0"}) {
        EXPECT_FALSE(running.program->parameters().set("compare.b", wrong).has_value()) << wrong;
        EXPECT_EQ(*running.program->parameters().get("compare.b"), "views=4");
    }
    EXPECT_FALSE(running.run("compare.ground_truth").has_value());
    EXPECT_FALSE(running.run("compare.with", {{"side", "truth"}}).has_value());
    EXPECT_FALSE(running.program->parameters().set("compare.mode", "nonsense").has_value());
    EXPECT_FALSE(running.program->parameters().set("compare.amplify", 1000).has_value());
}

TEST(CompareWindow, TheTruthOfAGeneratedSceneIsASide) {
    const TemporaryFolder folder;
    const lact::test::Environment cache("XDG_CACHE_HOME", folder.path().c_str());
    const Running running = start_null();
    run(running, "scene.generate", {{"seed", 100000057U}});
    run(running, "compare.ground_truth");
    const auto pair = running.program->snapshot()->pair;
    ASSERT_TRUE(pair && pair->figures);
    EXPECT_GT(pair->figures->psnr, 8);
    EXPECT_LT(pair->figures->psnr, 60);
    const auto ground_truth = running.program->panels().viewport.psnr_against_ground_truth();
    EXPECT_FALSE(ground_truth.has_value()) << "the corner is empty while one compares";
    run(running, "compare.toggle");
    EXPECT_NEAR(*running.program->panels().viewport.psnr_against_ground_truth(), pair->figures->psnr, 1e-6);
    EXPECT_EQ(errors(*running.program), 0);
}

TEST(CompareWindow, EveryModeLooksDifferent) {
    auto display = gfx::make_offscreen({});
    if (!display) {
        LACT_NO_VULKAN(display.error());
    }
    const Running running = start(std::move(*display), options_for("bouquet"));
    const auto image = [&] {
        const auto screenshot = running.program->shell().screenshot();
        EXPECT_TRUE(screenshot.has_value());
        return screenshot ? screenshot->pixels : std::vector<std::uint8_t>();
    };
    std::vector<std::vector<std::uint8_t>> images{image()};
    run(running, "compare.toggle");
    for (const std::string_view mode : compare_mode_names) {
        set(running, "compare.mode", mode);
        images.push_back(image());
    }
    set(running, "compare.shown", "B");
    images.push_back(image());
    set(running, "compare.mode", "error");
    set(running, "compare.amplify", 40);
    images.push_back(image());
    set(running, "compare.mode", "wipe");
    set(running, "compare.divider", 0.2);
    images.push_back(image());
    for (std::size_t i = 0; i < images.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            EXPECT_NE(images[i], images[k]) << i << " and " << k;
        }
    }
    EXPECT_EQ(errors(*running.program), 0);
}

}  // namespace

}  // namespace lact::app
