#include "app/ui/panel_set.h"

#include "app/commands/output_files.h"
#include "app/ui/theme.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

namespace lact::app {

namespace {

/// Returns a panel's title as part of a file name.
std::string title_for_file(std::string title) {
    std::ranges::transform(title, title.begin(), [](unsigned char c) {
        return std::isalnum(c) != 0 ? static_cast<char>(std::tolower(c)) : '-';
    });
    return title;
}

/// A panel that has numbers to save.
struct PanelNumbers {
    std::string_view title;
    Result<PanelData> (*of)(const PanelSet&);
};

template <auto Member>
Result<PanelData> data_of_panel(const PanelSet& panels) {
    return (panels.*Member).data();
}

constexpr std::array<PanelNumbers, 11> panels_with_numbers = {{
    {"Scene", data_of_panel<&PanelSet::scene>},
    {"Overview", data_of_panel<&PanelSet::scene>},
    {"View", data_of_panel<&PanelSet::viewport>},
    {"Rule", data_of_panel<&PanelSet::rule>},
    {"Fast weights", data_of_panel<&PanelSet::fast_weights>},
    {"Linear attention", data_of_panel<&PanelSet::linear_attention>},
    {"Compare", data_of_panel<&PanelSet::compare>},
    {"Experiments", data_of_panel<&PanelSet::experiments>},
    {"Record", data_of_panel<&PanelSet::record>},
    {"Sequence", data_of_panel<&PanelSet::sequence>},
    {"Training", data_of_panel<&PanelSet::training>},
}};

/// Null where a panel has no numbers.
const PanelNumbers* find_numbers(std::string_view panel) {
    const auto found = std::ranges::find(panels_with_numbers, panel, &PanelNumbers::title);
    return found == panels_with_numbers.end() ? nullptr : &*found;
}

}  // namespace

PanelSet::PanelSet(PanelServices given, std::function<void()> wake)
    : services(given),
      previews(wake),
      viewport(given),
      scene(given),
      overview(given),
      rule(given),
      fast_weights(given),
      linear_attention(given),
      compare(given),
      experiments(given),
      record(given, previews),
      sequence(given),
      training(given),
      status(given),
      help(given),
      palette(given),
      open_dialog(given, previews, std::move(wake)),
      save_dialog(given, previews),
      poses_dialog(given),
      quit_dialog(given),
      consent_dialog(given),
      errors(given),
      tour(given),
      notices(given) {}

void PanelSet::add_to(Shell& shell) {
    const auto add = [&](Panel panel, auto& drawn) {
        panel.menu = [this, title = panel.title] { draw_tab_menu(title); };
        panel.draw = [&drawn](PanelContext& context) { drawn.draw(context); };
        shell.add_panel(std::move(panel));
    };
    const auto panel = [](const char* title, const char* icon, DockSlot slot) {
        Panel made;
        made.title = title;
        made.icon = icon;
        made.slot = slot;
        return made;
    };
    const auto edge_to_edge = [](Panel made) {
        made.edge_to_edge = true;
        return made;
    };
    const auto closed = [](Panel made) {
        made.opens = false;
        return made;
    };
    add(panel("Scene", icon::images, DockSlot::left), scene);
    add(edge_to_edge(panel("View", icon::eye, DockSlot::centre)), viewport);
    add(edge_to_edge(panel("Overview", icon::cube, DockSlot::below)), overview);
    add(panel("Rule", icon::sliders, DockSlot::right), rule);
    add(panel("Fast weights", icon::grid, DockSlot::right), fast_weights);
    add(panel("Linear attention", icon::bolt, DockSlot::right), linear_attention);
    add(panel("Compare", icon::adjust, DockSlot::right), compare);
    add(panel("Experiments", icon::flask, DockSlot::right), experiments);
    add(panel("Record", icon::record, DockSlot::right), record);
    add(closed(panel("Sequence", icon::next, DockSlot::right)), sequence);
    add(closed(panel("Training", icon::chart, DockSlot::below)), training);
    add(panel("Status", icon::info, DockSlot::below), status);
    std::vector<std::string> titles;
    for (const Panel& added : shell.panels()) {
        titles.push_back(added.title);
    }
    palette.set_panels(std::move(titles));
}

void PanelSet::draw_over(PanelContext& context) {
    services.document->popup_open = ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopup);
    help.draw(context);
    palette.draw(context);
    open_dialog.draw(context);
    save_dialog.draw(context);
    poses_dialog.draw(context);
    quit_dialog.draw(context);
    consent_dialog.draw(context);
    errors.draw(context);
    tour.draw(context);
    notices.draw(context);
}

Result<PanelData> PanelSet::data(const std::string& panel) const {
    if (const PanelNumbers* found = find_numbers(panel); found != nullptr) {
        return found->of(*this);
    }
    return fail(panel, "this panel has no numbers to save", "Save it as a PNG image.");
}

bool PanelSet::has_numbers(std::string_view panel) {
    return find_numbers(panel) != nullptr;
}

void PanelSet::draw_tab_menu(const std::string& panel) const {
    const auto item = [&](const char* title, const char* extension, const char* tooltip) {
        if (ImGui::MenuItem(title)) {
            const auto file =
                destination(*services.document, std::nullopt,
                            {title, ExportPanel::id, title_for_file(panel), extension, {{"panel", panel}}});
            if (file) {
                services.dispatch->run(ExportPanel{panel, file->string()});
            }
        }
        ImGui::SetItemTooltip("%s", tooltip);
    };
    item("Save as image (PNG)", "png", "Save the panel as it is on screen.");
    if (!has_numbers(panel)) {
        return;
    }
    item("Save numbers (CSV)", "csv", "Save the numbers in the panel, one file per table.");
    item("Save numbers (safetensors)", "safetensors", "Save the numbers in the panel as tensors, one file.");
}

}  // namespace lact::app
