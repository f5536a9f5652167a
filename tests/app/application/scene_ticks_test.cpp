// The ticks on the photos of the Scene panel, set with the mouse, over scenes that no engine has read.
#include "app/commands/command_table.h"
#include "app/commands/commands.h"
#include "app/ui/scene_panel.h"
#include "app/ui/shell.h"
#include "third_party/imgui_items.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <imgui_internal.h>

namespace lact::app {

namespace {

class SceneTicks : public testing::Test {
  protected:
    SceneTicks() {
        CommandTable& commands = tables_.commands;
        EXPECT_TRUE(
            commands
                .add<ToggleInput>({"Toggle", "", "Toggles a photo.", "Scene"}, {},
                                  [this](const ToggleInput& toggle) { toggled_.push_back(toggle.view); })
                .has_value());
        EXPECT_TRUE(commands
                        .add<SetInputs>({"Set", "", "Sets the photos.", "Scene"}, {},
                                        [this](const SetInputs& set) { set_.push_back(set.views); })
                        .has_value());
        ShellHooks hooks;
        hooks.overlay = [this](PanelContext& context) {
            ImGui::SetNextWindowPos({0, 0});
            ImGui::SetNextWindowSize({600, 400});
            ImGui::Begin("scene with ticks", nullptr, ImGuiWindowFlags_NoDocking);
            panel_.draw(context);
            ImGui::End();
        };
        shell_.set_hooks(std::move(hooks));
        open(1);
    }
    /// Opens a scene of three photos, the first of which is the input view.
    void open(std::uint64_t sequence) {
        auto scene = std::make_shared<SceneSummary>();
        scene->sequence = sequence;
        scene->views.resize(3);
        for (std::size_t i = 0; i < scene->views.size(); ++i) {
            scene->views[i].index = i;
        }
        scene->views.front().is_input = true;
        scene->inputs = {0};
        auto next = std::make_shared<Snapshot>();
        next->scene = std::move(scene);
        frame_.engine = std::move(next);
        draw();
    }
    void draw() {
        for (int i = 0; i < 2; ++i) {  // Hovering takes two frames.
            ASSERT_TRUE(shell_.frame().has_value());
        }
    }
    /// The middle of the tick of a photo.
    [[nodiscard]] ImVec2 tick_of(std::size_t view) {
        std::map<unsigned, ImVec2> middle_of;
        std::vector<ImVec2> ticks;  // In the order of the photos.
        ItemListener listener;
        listener.added = [&](const ImGuiWindow&, unsigned id, const ImRect& bounds, int) {
            middle_of[id] = bounds.GetCenter();
        };
        listener.labelled = [&](unsigned id, const char* label) {
            if (std::string_view(label) == "##input") {
                ticks.push_back(middle_of[id]);
            }
        };
        listen_to_items(&listener);
        EXPECT_TRUE(shell_.frame().has_value());
        listen_to_items(nullptr);
        return ticks.at(view);
    }
    void move_to(ImVec2 at) {
        ImGui::GetIO().AddMousePosEvent(at.x, at.y);
        draw();
    }
    void press(bool down) {
        ImGui::GetIO().AddMouseButtonEvent(0, down);
        draw();
    }
    void click(std::size_t view) {
        move_to(tick_of(view));
        press(true);
        press(false);
    }

    std::unique_ptr<gfx::Display> display_ = gfx::make_null({});
    Shell shell_{*display_};
    ErrorLog log_;
    Tables tables_{log_};
    Document document_;
    FrameState frame_;
    ScenePanel panel_{PanelServices{SnapshotRef(frame_), &document_, &tables_.dispatch}};
    std::vector<std::uint64_t> toggled_;
    std::vector<std::vector<std::size_t>> set_;
};

TEST_F(SceneTicks, ShowWhatIsRequestedWhileItIsComputed) {
    document_.requested_inputs.emplace(std::uint64_t{1}, std::vector<std::size_t>{0, 2});
    // Photo 2 has its tick: the mouse takes it away, and that of every photo that it is dragged over.
    move_to(tick_of(2));
    press(true);
    move_to(tick_of(1));
    press(false);
    EXPECT_TRUE(toggled_.empty());
    ASSERT_EQ(set_.size(), 1U);
    EXPECT_EQ(set_.front(), std::vector<std::size_t>{0});
}

TEST_F(SceneTicks, WithShiftBeginAtTheLastOneOfTheSameScene) {
    click(0);
    open(2);
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, true);
    click(2);
    EXPECT_EQ(toggled_, (std::vector<std::uint64_t>{0, 2})) << "no range from the scene before";
    EXPECT_TRUE(set_.empty());
    // In one scene it is a range.
    click(1);
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, false);
    draw();
    ASSERT_EQ(set_.size(), 1U);
    EXPECT_EQ(set_.front(), (std::vector<std::size_t>{0, 1, 2}));
}

}  // namespace

}  // namespace lact::app
