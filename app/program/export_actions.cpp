// Panels as files: their picture, and their numbers.
#include "app/program/output_files.h"
#include "app/program/window_program.h"
#include "app/window/icons.h"
#include "engine/core/files.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

namespace lact::app {
namespace {

std::string file_name(std::string title) {
    std::ranges::transform(title, title.begin(), [](unsigned char c) {
        return std::isalnum(c) != 0 ? static_cast<char>(std::tolower(c)) : '-';
    });
    return title;
}

}  // namespace

Result<PanelData> WindowProgram::panel_data(const std::string& panel) const {
    if (panel == "Scene" || panel == "Overview") {
        return scene_.data();
    }
    if (panel == "View") {
        return viewport_.data();
    }
    if (panel == "Rule") {
        return rule_.data();
    }
    if (panel == "Fast weights") {
        return fast_weights_.data();
    }
    if (panel == "Linear attention") {
        return linear_attention_.data();
    }
    if (panel == "Compare") {
        return compare_panel_.data();
    }
    if (panel == "Record") {
        return record_panel_.data();
    }
    if (panel == "Sequence") {
        return sequence_.data();
    }
    if (panel == "Training") {
        return training_panel_.data();
    }
    return fail(panel, "this panel has no numbers to save", "Save it as PNG.");
}

Result<void> WindowProgram::export_panel(const std::string& panel, const std::filesystem::path& path) {
    const auto& panels = shell_.panels();
    if (std::ranges::none_of(panels, [&](const window::Panel& one) { return one.title == panel; })) {
        return fail("panel.export", fmt::format("there is no panel '{}'", panel));
    }
    if (path.extension() == ".png") {
        pictures_.push_back({path, panel});
        display_.wake();
        return {};
    }
    LACT_TRY(const PanelData data, panel_data(panel));
    std::map<std::string, std::string> about;
    for (const auto& [key, value] : provenance(published_)) {
        about[key] = value;
    }
    about["panel"] = panel;
    about["layer"] = std::to_string(view_.matrix.layer);
    about["head"] = std::to_string(view_.matrix.head);
    LACT_TRY(const auto files, write_panel_data(path, data, about));
    for (const auto& file : files) {
        log_.say(Severity::note, "saved " + panel, file.string());
    }
    return {};
}

/// The menu of a panel's tab.
void WindowProgram::draw_panel_menu(const std::string& panel) {
    const auto item = [&](const char* title, const char* extension, const char* words) {
        if (ImGui::MenuItem(title)) {
            services().run(
                "panel.export",
                {{"panel", panel},
                 {"path", output_path(nlohmann::json::object(), file_name(panel), extension).string()}});
        }
        ImGui::SetItemTooltip("%s Into the current folder.", words);
    };
    item("Save as picture (PNG)", "png", "The panel as it is seen.");
    item("Save numbers (CSV)", "csv", "What it shows, a file a table.");
    item("Save numbers (safetensors)", "safetensors", "What it shows, for other programs.");
}

Result<void> WindowProgram::save_pictures() {
    for (const auto& [path, panel] : std::exchange(pictures_, {})) {
        LACT_TRY(const Image8 picture, panel.empty() ? shell_.screenshot() : shell_.panel_picture(panel));
        LACT_TRY(const std::string png, encode_png(picture, picture_provenance()));
        LACT_CHECK(write_file_atomically(path, png));
        log_.say(Severity::note, panel.empty() ? "saved the window" : "saved " + panel, path.string());
    }
    return {};
}

Result<void> WindowProgram::add_export_actions() {
    return actions_.add(
        {"panel.export",
         "Save a panel",
         "",
         "Save a panel as picture (.png) or its numbers (.csv, .safetensors). Also by a right "
         "click on its tab.",
         "File",
         {{"panel", "title of the panel", true}, {"path", "file to write", true}},
         {},
         [this](const nlohmann::json& with) -> Result<void> {
             if (!with.at("panel").is_string() || !with.at("path").is_string()) {
                 return fail("panel.export", "panel and path must be texts");
             }
             return export_panel(with.at("panel"), with.at("path").get<std::string>());
         }});
}

}  // namespace lact::app
