// No two controls of one id lie in a window: Dear ImGui then hands a click to the wrong one.
#include "tests/app/application/running.h"
#include "third_party/imgui_items.h"

#include <map>
#include <string>
#include <utility>

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>
#include <imgui_internal.h>

namespace lact::app {

namespace {

using test::run;
using test::Running;
using test::set;
using test::start_null;

/// The items of one frame.
class ItemsOfAFrame {
  public:
    ItemsOfAFrame() {
        listener_.added = [this](const ImGuiWindow& window, unsigned id, const ImRect&, int flags) {
            if ((flags & ImGuiItemFlags_AllowDuplicateId) == 0) {
                ++count_[{window.Name, id}];
            }
        };
        listener_.labelled = [this](unsigned id, const char* label) { labels_[id] = label; };
        listen_to_items(&listener_);
    }
    ItemsOfAFrame(const ItemsOfAFrame&) = delete;
    ItemsOfAFrame& operator=(const ItemsOfAFrame&) = delete;
    ~ItemsOfAFrame() { listen_to_items(nullptr); }

    void expect_unique(const std::string& what) const {
        EXPECT_GT(count_.size(), 10U) << what;
        for (const auto& [item, count] : count_) {
            const auto label = labels_.find(item.second);
            EXPECT_EQ(count, 1) << what << ": in the window " << item.first << " the id of \""
                                << (label == labels_.end() ? "?" : label->second) << "\"";
        }
    }

  private:
    ItemListener listener_;
    std::map<std::pair<std::string, unsigned>, int> count_;
    std::map<unsigned, std::string> labels_;
};

void expect_unique_ids(const Running& running, const std::string& what) {
    const ItemsOfAFrame items;
    running.program->shell().wake();
    ASSERT_TRUE(running.program->shell().frame().has_value());
    items.expect_unique(what);
}

void open_panel(const Running& running, const char* panel) {
    run(running, "panel.show", {{"panel", panel}});
}

/// A panel at every value of a parameter with named values.
void expect_unique_ids_for_all(const Running& running, const char* panel, const char* id) {
    open_panel(running, panel);
    const auto domain = running.program->parameters().find(id)->domain();
    for (const std::string& value : std::get<Choices>(domain).names) {
        set(running, id, value);
        expect_unique_ids(running, std::string(panel) + ", " + id + "=" + value);
    }
}

TEST(IdConflicts, NoneInAnyPanelAsItOpens) {
    const Running running = start_null();
    for (const Panel& panel : running.program->shell().panels()) {
        open_panel(running, panel.title.c_str());
        expect_unique_ids(running, panel.title);
    }
}

TEST(IdConflicts, NoneInAnyStateOfThePanelsThatLookInside) {
    const Running running = start_null();
    expect_unique_ids_for_all(running, "Fast weights", "weights.mode");
    expect_unique_ids_for_all(running, "Linear attention", "linear.matrices");
    expect_unique_ids_for_all(running, "Linear attention", "linear.heads");
}

TEST(IdConflicts, NoneWhileComparing) {
    const Running running = start_null();
    run(running, "compare.linear");
    expect_unique_ids_for_all(running, "Compare", "compare.mode");
}

TEST(IdConflicts, NoneWithACameraPathAndAScript) {
    const Running running = start_null();
    open_panel(running, "Record");
    run(running, "path.preset", {{"preset", "spiral"}});
    const auto steps = nlohmann::json::array({{{"action", "camera.go_to_view"}, {"with", {{"view", 5}}}},
                                              {{"action", "camera.go_to_view"}, {"with", {{"view", 5}}}}});
    ASSERT_TRUE(running.program->run_script(steps, "test").has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    expect_unique_ids(running, "Record with a path and a script");
}

TEST(IdConflicts, NoneInDialogsHelpAndTour) {
    const Running running = start_null();
    for (const char* command : {"help.open", "file.open", "tour.start"}) {
        run(running, command);
        expect_unique_ids(running, command);
    }
}

TEST(IdConflicts, AreFound) {
    const Running running = start_null();
    const ItemsOfAFrame items;
    ImGui::NewFrame();
    for (int i = 0; i < 12; ++i) {
        ImGui::PushID(i == 11 ? 0 : i);
        ImGui::Button("same");
        ImGui::PopID();
    }
    ImGui::EndFrame();
    EXPECT_NONFATAL_FAILURE(items.expect_unique("planted"), "same");
}

}  // namespace

}  // namespace lact::app
