// What fits into narrow and scaled windows, what the keyboard reaches, and images of earlier states.
#include "app/ui/camera_images.h"
#include "app/ui/command_palette.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/photo_grid.h"
#include "tests/app/application/items.h"
#include "tests/app/application/running.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <imgui_internal.h>

namespace lact::app {

namespace {

using test::AddedItems;
using test::draw_frames;
using test::hold_key;
using test::id_of;
using test::items_of_a_frame;
using test::run;
using test::Running;
using test::set;
using test::start_null;

Running start_of_size(int width, int height, float scale = 1, bool with_scene = true) {
    gfx::DisplayOptions size;
    size.width = width;
    size.height = height;
    size.scale = scale;
    ApplicationOptions options = test::options_for("bouquet");
    if (!with_scene) {
        options.compute.memory = 1;  // Too little for any.
    }
    return test::start(gfx::make_null(size), std::move(options));
}

void widen(const Running& running) {
    running.display->resize(2400, 1200);
    draw_frames(running, 4);
    ASSERT_TRUE(running.program->settle().has_value());
}

const ImGuiWindow* window_of_panel(const std::string& panel) {
    return ImGui::FindWindowByName(("###" + panel).c_str());
}

/// The vertices of one colour that a panel drew in the last frame: four for each character of a text.
std::vector<ImVec2> vertices_of(const char* panel, ImU32 colour) {
    std::vector<ImVec2> found;
    if (const ImGuiWindow* window = window_of_panel(panel)) {
        for (const ImDrawVert& vertex : window->DrawList->VtxBuffer) {
            if (vertex.col == colour) {
                found.push_back(vertex.pos);
            }
        }
    }
    return found;
}

/// Of the vertices of one colour, those in the upper or lower half of the panel.
std::vector<ImVec2> vertices_of_half(const char* panel, ImU32 colour, bool upper) {
    std::vector<ImVec2> found = vertices_of(panel, colour);
    if (const ImGuiWindow* window = window_of_panel(panel)) {
        const float middle = window->Rect().GetCenter().y;
        std::erase_if(found, [&](const ImVec2& at) { return (at.y < middle) != upper; });
    }
    return found;
}

ImRect bounds_of(const std::vector<ImVec2>& points) {
    ImRect bounds(points.front(), points.front());
    for (const ImVec2& point : points) {
        bounds.Add(point);
    }
    return bounds;
}

const Palette& colours_of(const Running& running) {
    return palette(running.program->shell().theme());
}

TEST(SideChooser, TwoWeightFilesOfOneNameAreToldApart) {
    const lact::test::TemporaryFolder folder;
    std::vector<std::string> paths;
    for (const std::string name : {"a", "b"}) {
        std::filesystem::create_directories(folder.path() / name);
        paths.push_back(folder.file(name + "/weights.safetensors", "weights").string());
    }
    const Running running = start_of_size(1280, 1600);
    Document& document = *running.program->services().document;
    document.recent = paths;
    set(running, "compare.b", "current");
    run(running, "panel.show", {{"panel", "Compare"}});
    draw_frames(running, 3);
    const ImGuiWindow* panel = window_of_panel("Compare");
    ASSERT_NE(panel, nullptr);
    unsigned list = panel->ID;  // A combo box reports no label.
    for (const char* part : {"compare.b", "side", "##weights"}) {
        list = ImHashStr(part, 0, list);
    }
    ASSERT_TRUE(items_of_a_frame(running).contains(list));
    ImGui::ActivateItemByID(list);
    draw_frames(running, 3);
    document.recent.clear();  // The files were looked at when the list was opened, and are not again.
    ASSERT_FALSE(ImGui::GetCurrentContext()->OpenPopupStack.empty());
    ImGuiWindow* popup = ImGui::GetCurrentContext()->OpenPopupStack.back().Window;
    ASSERT_NE(popup, nullptr);
    ImGui::SetScrollY(popup, popup->ScrollMax.y);
    draw_frames(running, 2);
    const AddedItems items = items_of_a_frame(running);
    for (const auto& [id, item] : items) {
        if (item.window == popup->Name) {
            EXPECT_EQ(item.count, 1) << item.label;
        }
    }
    EXPECT_TRUE(id_of(items, "a/weights.safetensors").has_value());
    const auto second = id_of(items, "b/weights.safetensors");
    ASSERT_TRUE(second.has_value());
    ImGui::ActivateItemByID(*second);
    draw_frames(running, 3);
    EXPECT_EQ(document.compare.b.weights, paths[1]);
}

TEST(DefaultLayout, LeavesTheViewAPartOfASmallWindow) {
    const Running running = start_of_size(1024, 480, 2);
    const ImGuiWindow* view = window_of_panel("View");
    ASSERT_NE(view, nullptr);
    const ImVec2 work = ImGui::GetMainViewport()->WorkSize;
    EXPECT_GT(view->Size.x, 0.35F * work.x);
    EXPECT_GT(view->Size.y, 0.3F * work.y);
}

TEST(NarrowWindow, TheNoteAboutTheRuleIsNotBelowTheLabelOfThePhoto) {
    const Running running = start_of_size(800, 600);
    set(running, "rule.direction", "ascent");
    const auto note = vertices_of("View", ImGui::GetColorU32(colours_of(running).warning));
    const auto label = vertices_of_half("View", white_on_image, /*upper=*/true);
    ASSERT_FALSE(note.empty());
    ASSERT_FALSE(label.empty());
    const ImRect place = bounds_of(note);
    EXPECT_TRUE(std::ranges::none_of(label, [&](const ImVec2& at) { return place.Contains(at); }));
}

TEST(NarrowWindow, TheLabelsOfBothSidesStandOneBelowTheOther) {
    const Running running = start_of_size(500, 600);
    set(running, "compare.a", "rule=ascent,steps=16");  // Its label is in the colour of warnings.
    set(running, "compare.b", "current");
    set(running, "compare.mode", "difference");
    set(running, "compare.on", true);
    const auto a = vertices_of("View", ImGui::GetColorU32(colours_of(running).warning));
    const auto b = vertices_of_half("View", white_on_image, /*upper=*/true);
    ASSERT_FALSE(a.empty());
    ASSERT_FALSE(b.empty());
    EXPECT_GT(bounds_of(a).GetHeight(), 2 * text_size) << "it takes several lines";
    EXPECT_GE(bounds_of(b).Min.y, bounds_of(a).Max.y);
}

/// EXPECTs as many characters in a wide window.
template <class Count>
void expect_whole(const Running& running, const Count& characters) {
    const std::size_t narrow = characters();
    widen(running);
    EXPECT_GT(narrow, 0U);
    EXPECT_EQ(narrow, characters());
}
void expect_muted_text_is_whole(const Running& running, const char* panel) {
    const ImU32 muted = ImGui::GetColorU32(colours_of(running).muted);
    expect_whole(running, [&] { return vertices_of(panel, muted).size(); });
}

TEST(NarrowWindow, TheCaptionOfTheViewIsWhole) {
    const Running running = start_of_size(800, 600);
    running.program->hide_times();
    run(running, "camera.fly");
    const auto characters = [] { return vertices_of_half("View", white_on_image, /*upper=*/false).size(); };
    expect_whole(running, characters);
}

TEST(NarrowWindow, TheFiguresOfAComparisonAreWhole) {
    const Running running = start_of_size(800, 600);
    run(running, "camera.go_to_view", {{"view", running.program->snapshot()->scene->held_out()[0]}});
    set(running, "compare.mode", "flip");
    set(running, "compare.on", true);
    set(running, "compare.pixel", "12,40");
    ASSERT_TRUE(running.program->snapshot()->pair && running.program->snapshot()->pair->figures);
    const auto characters = [] { return vertices_of("View", white_on_image).size(); };
    expect_whole(running, characters);
}

TEST(NarrowWindow, TheLineOfATrainingRunIsWhole) {
    const lact::test::TemporaryFolder folder;
    (void)folder.file("run.json", R"({"state": "finished", "name": "mini", "steps_done": 5, "steps": 5})");
    (void)folder.file("curve.csv", "step,train_psnr,heldout,psnr,nearest_view\n1,18,,,\n2,19,object,20,17\n");
    const Running running = start_of_size(800, 600);
    run(running, "file.open", {{"path", folder.path().string()}});
    run(running, "panel.show", {{"panel", "Training"}});
    expect_muted_text_is_whole(running, "Training");
}

TEST(NarrowWindow, TheStartPageIsWhole) {
    const Running running = start_of_size(800, 600, 1, /*with_scene=*/false);
    ASSERT_EQ(running.program->snapshot()->frame, nullptr);
    expect_muted_text_is_whole(running, "View");
}

TEST(NarrowWindow, TheButtonsOfTheSaveDialogStayInItBesideALongName) {
    const lact::test::TemporaryFolder folder;
    const auto file = folder.file(std::string(120, 'n') + ".lactscope", "before");
    const Running running = start_of_size(800, 600);
    running.program->set_user_present();
    ASSERT_TRUE(running.run("file.save_session").has_value());
    draw_frames(running, 4);
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Ctrl, true);
    hold_key(running, ImGuiKey_A);
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Ctrl, false);
    test::type_text(running, file.string());
    hold_key(running, ImGuiKey_Enter);
    draw_frames(running, 3);
    const AddedItems items = items_of_a_frame(running);
    for (const char* label : {"Replace it", "Choose another name"}) {
        const auto id = id_of(items, label);
        ASSERT_TRUE(id.has_value()) << label;
        const test::AddedItem& item = items.at(*id);
        EXPECT_LE(item.bounds.Max.x, item.inside.Max.x) << label;
        EXPECT_LE(item.bounds.Max.y, item.inside.Max.y) << label;
    }
}

TEST(ScaledWindow, TheTitleOfTheStartPageGrowsWithTheRest) {
    const auto tallest_character = [](float scale) {
        const Running running = start_of_size(1600, 1000, scale, /*with_scene=*/false);
        const auto corners = vertices_of("View", ImGui::GetColorU32(ImGuiCol_Text));
        float tallest = 0;
        for (std::size_t i = 0; i + 2 < corners.size(); i += 4) {
            tallest = std::max(tallest, corners[i + 2].y - corners[i].y);
        }
        return tallest;
    };
    const float once = tallest_character(1);
    EXPECT_GT(once, 0);
    EXPECT_NEAR(tallest_character(2), 2 * once, 0.5F * once);
}

TEST(QueriedImage, SaysWhereItIsOfAnEarlierStateAndGoesWithItsScene) {
    const auto display = gfx::make_null({});
    const KeyMap keys(display->keyboard());
    const Fonts fonts;
    PanelContext context{display->canvas(), fonts, palette(Theme::dark), keys, 1};
    FrameState frame_state;
    Document document;
    QueriedImage image({SnapshotRef(frame_state), &document, nullptr}, "image");
    Camera camera;
    camera.width = 2;
    camera.height = 2;
    const auto publish = [&](std::uint64_t scene, std::uint64_t state, std::uint64_t answered) {
        Snapshot snapshot;
        const auto opened = std::make_shared<SceneSummary>();
        opened->sequence = scene;
        snapshot.scene = opened;
        const auto built = std::make_shared<StateSummary>();
        built->generation = state;
        snapshot.state = built;
        frame_state.engine = std::make_shared<const Snapshot>(std::move(snapshot));
        Frame frame;
        frame.image = {2, 2, std::vector<float>(12, 0.5F)};
        frame.camera = camera;
        const auto answer = std::make_shared<Answered>();
        answer->query = ImageQuery{camera};
        answer->generation = answered;
        answer->answer = frame;
        Answers answers;
        answers["image"] = answer;
        document.queries.begin_frame(answers, state);
        return image.from(context, camera);
    };
    const QueriedImage::Shown first = publish(1, 1, 1);
    EXPECT_NE(first.texture, nullptr);
    EXPECT_TRUE(first.current);
    const QueriedImage::Shown other_rule = publish(1, 2, 1);
    EXPECT_NE(other_rule.texture, nullptr);
    EXPECT_FALSE(other_rule.current);
    EXPECT_TRUE(publish(1, 2, 2).current);
    const QueriedImage::Shown other_scene = publish(2, 3, 2);
    EXPECT_EQ(other_scene.texture, nullptr);
    EXPECT_FALSE(other_scene.current);
    EXPECT_NE(publish(2, 3, 3).texture, nullptr);
}

TEST(ByKeyboard, WhatAClickActsOnIsReached) {
    const Running running = start_of_size(1600, 2400);
    run(running, "path.preset", {{"preset", "orbit"}});
    const auto reached = [&](const char* panel, const char* label) {
        run(running, "panel.show", {{"panel", panel}});
        const AddedItems items = items_of_a_frame(running);
        return std::ranges::any_of(items, [&](const auto& item) {
            return item.second.label == label &&
                   item.second.window.find(std::string("###") + panel) != std::string::npos &&
                   (item.second.flags & ImGuiItemFlags_NoNav) == 0;
        });
    };
    EXPECT_TRUE(reached("Scene", "go")) << "a photo";
    EXPECT_TRUE(reached("View", "x")) << "an axis";
    EXPECT_TRUE(reached("Rule", "state")) << "a term of the formulae";
    EXPECT_TRUE(reached("Linear attention", "photo"));
    EXPECT_TRUE(reached("Linear attention", "bar")) << "a share";
    set(running, "linear.heads", "all");
    EXPECT_TRUE(reached("Linear attention", "cell")) << "a head";
    EXPECT_TRUE(reached("Record", "key")) << "a key of the camera path";
    const AddedItems items = items_of_a_frame(running);
    const auto view = id_of(items, "view");
    ASSERT_TRUE(view.has_value());
    EXPECT_NE(items.at(*view).flags & ImGuiItemFlags_NoNav, 0) << "it would keep the arrow keys";
}

TEST(ByKeyboard, APhotoPinsThePatchInItsMiddle) {
    const Running running = start_of_size(1600, 2400);
    run(running, "panel.show", {{"panel", "Linear attention"}});
    const auto photo = id_of(items_of_a_frame(running), "photo");
    ASSERT_TRUE(photo.has_value());
    ImGui::ActivateItemByID(*photo);
    draw_frames(running, 2);
    const PatchGrid grid = patch_grid(*running.program->snapshot());
    const auto& pinned = running.program->document().selection.pinned_input;
    ASSERT_TRUE(pinned.has_value());
    EXPECT_EQ(pinned->at, (PatchAt{grid.columns / 2, grid.rows / 2}));
}

TEST(ByKeyboard, ThePaletteLooksFromEveryAxis) {
    const Running running = start_null();
    const auto entries_for = [&](std::string_view query) {
        return palette_entries(running.program->services(), running.program->shell().keys(), {}, query);
    };
    const auto found = entries_for("look from -y");
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found.front().title, "Camera: Look from -y");
    found.front().run();
    const Viewpoint& here = running.program->document().viewpoint();
    const Eigen::Vector3d direction = (here.position() - here.center) / here.distance();
    EXPECT_NEAR((direction - Eigen::Vector3d(0, -1, 0)).norm(), 0, 1e-9);
}

}  // namespace

}  // namespace lact::app
