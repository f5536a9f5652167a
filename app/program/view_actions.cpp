// View and Help menus: theme, size of the interface, panels.
#include "app/program/window_program.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact::app {
namespace {

constexpr float scale_step = 1.15F;

}  // namespace

Result<void> WindowProgram::add_view_actions() {
    const auto add = [&](const char* id, const char* title, const char* key, const char* tooltip,
                         std::function<void()> run) {
        return actions_.add({id,
                             title,
                             key,
                             tooltip,
                             "View",
                             {},
                             {},
                             [run = std::move(run)](const nlohmann::json&) -> Result<void> {
                                 run();
                                 return {};
                             }});
    };
    LACT_CHECK(add("view.theme", "Dark / light", "Ctrl+T",
                   "Change between the dark theme and the light one, for papers.", [this] {
                       shell_.set_theme(shell_.theme() == window::Theme::dark ? window::Theme::light
                                                                              : window::Theme::dark);
                   }));
    LACT_CHECK(add("view.larger", "Larger interface", "Ctrl++", "Make text and controls larger.",
                   [this] { shell_.set_user_scale(std::min(3.0F, shell_.user_scale() * scale_step)); }));
    LACT_CHECK(add("view.smaller", "Smaller interface", "Ctrl+-", "Make text and controls smaller.",
                   [this] { shell_.set_user_scale(std::max(0.5F, shell_.user_scale() / scale_step)); }));
    LACT_CHECK(add("view.reset_layout", "Reset the layout", "",
                   "Put all panels back where they were at the start.", [this] { shell_.reset_layout(); }));
    LACT_CHECK(
        add("view.filter", "Enlargement: nearest / bicubic", "B",
            "Show the model's pixels as they are, or smoothed. Figures are always on the model's pixels.",
            [this] {
                view_.filter = view_.filter == window::Filter::nearest ? window::Filter::bicubic
                                                                       : window::Filter::nearest;
            }));
    LACT_CHECK(actions_.add({"view.truth",
                             "Flip between picture and truth",
                             "T",
                             "Show what a generated scene truly looks like from here, or the model's picture "
                             "again.",
                             "View",
                             {},
                             [this]() -> std::string {
                                 return view_.truth_large || LiveTruth::known(published_.scene.get())
                                            ? ""
                                            : "the truth is known of generated objects: Scene > Generate";
                             },
                             [this](const nlohmann::json&) -> Result<void> {
                                 view_.truth_large = !view_.truth_large;
                                 return {};
                             }}));
    LACT_CHECK(actions_.add({"panel.show",
                             "Show a panel",
                             "",
                             "Open a panel and bring it to the front.",
                             "View",
                             {{"panel", "title of the panel", true}},
                             {},
                             [this](const nlohmann::json& with) -> Result<void> {
                                 const std::string title = with.at("panel").is_string()
                                                               ? with.at("panel").get<std::string>()
                                                               : with.at("panel").dump();
                                 if (shell_.show_panel(title)) {
                                     return {};
                                 }
                                 std::vector<std::string> titles;
                                 for (const window::Panel& panel : shell_.panels()) {
                                     titles.push_back(panel.title);
                                 }
                                 return fail("panel.show", fmt::format("there is no panel '{}'", title),
                                             fmt::format("Panels: {}.", fmt::join(titles, ", ")));
                             }}));
    return actions_.add({"help.open",
                         "Help",
                         "F1",
                         "Everything the program can do, with its keys; searchable.",
                         "Help",
                         {},
                         {},
                         [this](const nlohmann::json&) -> Result<void> {
                             help_.open();
                             return {};
                         }});
}

}  // namespace lact::app
