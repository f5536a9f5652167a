#include "app/ui/widgets.h"

#include "app/ui/dialogs.h"
#include "app/ui/matrix_view.h"
#include "tests/app/gfx/panels.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

/// A null window that draws one thing.
class Widgets : public testing::Test {
  protected:
    void draw(const std::function<void(PanelContext&)>& what) {
        ShellHooks hooks;
        hooks.overlay = [&](PanelContext& context) {
            ImGui::SetNextWindowPos({0, 0});
            ImGui::SetNextWindowSize({600, 400});
            ImGui::Begin("test", nullptr, ImGuiWindowFlags_NoDocking);
            what(context);
            ImGui::End();
        };
        shell_.set_hooks(std::move(hooks));
        ASSERT_TRUE(shell_.frame().has_value());
    }
    std::unique_ptr<gfx::Display> display_ = gfx::make_null({});
    Shell shell_{*display_};
};

TEST_F(Widgets, AnErrorDialogSaysNothingOfWhatWasOpenedMeanwhile) {
    ErrorLog log;
    Tables tables(log);
    Document document;
    FrameState frame;
    frame.log = &log;
    ErrorDialog dialog(PanelServices{SnapshotRef(frame), &document, &tables.dispatch});
    const auto open = [&frame](std::shared_ptr<const WeightsSummary> weights, std::uint64_t sequence) {
        auto scene = std::make_shared<SceneSummary>();
        scene->sequence = sequence;
        auto next = std::make_shared<Snapshot>();
        next->weights = std::move(weights);
        next->scene = std::move(scene);
        frame.engine = std::move(next);
    };
    const auto drawn = [&] { draw([&dialog](PanelContext& context) { dialog.draw(context); }); };
    const auto before = std::make_shared<const WeightsSummary>();
    open(before, 1);
    drawn();
    log.add(Error{"it cannot be read", "scene", {}, false});
    drawn();
    EXPECT_TRUE(dialog.unchanged());
    open(before, 1);
    drawn();
    EXPECT_TRUE(dialog.unchanged()) << "other photos, for example";
    open(std::make_shared<const WeightsSummary>(), 1);
    drawn();
    EXPECT_FALSE(dialog.unchanged()) << "the weights that were requested with the scene are open";
    open(before, 2);
    drawn();
    EXPECT_FALSE(dialog.unchanged());
}

TEST_F(Widgets, ADisabledButtonSaysWhyAndIsNotPressed) {
    ImVec2 at;
    bool pressed = false;
    bool enabled_pressed = false;
    const auto buttons = [&](PanelContext& context) {
        pressed = button(context, "Compare", "Two pictures side by side.", "Load a second picture first.") ||
                  pressed;
        const ImVec2 low = ImGui::GetItemRectMin();
        const ImVec2 high = ImGui::GetItemRectMax();
        at = {(low.x + high.x) / 2, (low.y + high.y) / 2};
        enabled_pressed = button(context, "Go", "Goes.") || enabled_pressed;
    };
    const auto click = [&](ImVec2 where) {
        ImGui::GetIO().AddMousePosEvent(where.x, where.y);
        draw(buttons);
        ImGui::GetIO().AddMouseButtonEvent(0, true);
        draw(buttons);
        ImGui::GetIO().AddMouseButtonEvent(0, false);
        draw(buttons);
    };
    draw(buttons);
    click(at);
    EXPECT_FALSE(pressed);
    click({at.x - 15, at.y + 30});
    EXPECT_TRUE(enabled_pressed);
    EXPECT_FALSE(pressed);
}

TEST_F(Widgets, CellValuesAppearOnceTheyCanBeRead) {
    const std::vector<float> values = test::wave_matrix(64, 64);
    bool far = true;
    bool near = false;
    int letters_far = 0;
    int letters_near = 0;
    draw([&](PanelContext&) {
        ImDrawList& list = *ImGui::GetWindowDrawList();
        const int before = list.VtxBuffer.Size;
        far = draw_cell_values(list, values, 64, 64, {{0, 0}, {400, 400}}, {});
        letters_far = list.VtxBuffer.Size - before;
        near = draw_cell_values(list, values, 64, 64, {{0, 0}, {400, 400}}, {}, {10, 10, 4, 4});
        letters_near = list.VtxBuffer.Size - before;
    });
    EXPECT_FALSE(far);
    EXPECT_EQ(letters_far, 0);
    EXPECT_TRUE(near);
    EXPECT_GT(letters_near, 16 * 4);
    EXPECT_LT(letters_near, 16 * 4 * 10);  // Only the visible cells.
}

TEST_F(Widgets, ColourMapsHaveTheirEndsAndMiddle) {
    EXPECT_GT(gfx::colour_at(gfx::ColourMap::diverging, 0).z, gfx::colour_at(gfx::ColourMap::diverging, 0).x);
    EXPECT_GT(gfx::colour_at(gfx::ColourMap::diverging, 1).x, gfx::colour_at(gfx::ColourMap::diverging, 1).z);
    EXPECT_FLOAT_EQ(gfx::colour_at(gfx::ColourMap::diverging, 0.5F).x,
                    gfx::colour_at(gfx::ColourMap::diverging, 0.5F).y);
    EXPECT_FLOAT_EQ(gfx::colour_at(gfx::ColourMap::sequential, -3).x,
                    gfx::colour_at(gfx::ColourMap::sequential, 0).x);
    EXPECT_FLOAT_EQ(gfx::colour_at(gfx::ColourMap::sequential, 7).x,
                    gfx::colour_at(gfx::ColourMap::sequential, 1).x);
}

}  // namespace

}  // namespace lact::app
