#include "app/ui/panel_set.h"

#include "app/commands/output_files.h"
#include "app/ui/theme.h"

#include <algorithm>
#include <cctype>
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
    if (panel == "Scene" || panel == "Overview") {
        return scene.data();
    }
    if (panel == "View") {
        return viewport.data();
    }
    if (panel == "Rule") {
        return rule.data();
    }
    if (panel == "Fast weights") {
        return fast_weights.data();
    }
    if (panel == "Linear attention") {
        return linear_attention.data();
    }
    if (panel == "Compare") {
        return compare.data();
    }
    if (panel == "Experiments") {
        return experiments.data();
    }
    if (panel == "Record") {
        return record.data();
    }
    if (panel == "Sequence") {
        return sequence.data();
    }
    if (panel == "Training") {
        return training.data();
    }
    return fail(panel, "this panel has no numbers to save", "Save it as a PNG image.");
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
    item("Save numbers (CSV)", "csv", "Save the numbers in the panel, one file per table.");
    item("Save numbers (safetensors)", "safetensors", "Save the numbers in the panel as tensors, one file.");
}

}  // namespace lact::app
