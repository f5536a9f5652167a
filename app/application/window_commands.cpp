#include "app/application/window_commands.h"

#include "app/commands/output_files.h"
#include "app/platform/child_process.h"
#include "app/platform/desktop.h"
#include "engine/core/files.h"
#include "engine/core/text_file.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

constexpr float scale_step = 1.15F;

}  // namespace

Result<void> WindowCommands::add_view(CommandTable& commands) {
    LACT_CHECK(commands.add<ToggleTheme>(
        {"Dark / light", "Ctrl+T", "Switch between the dark theme and the light theme, for papers.", "View"},
        {}, [this] { shell_->set_theme(shell_->theme() == Theme::dark ? Theme::light : Theme::dark); }));
    LACT_CHECK(commands.add<EnlargeInterface>(
        {"Larger interface", "Ctrl++", "Make text and controls larger.", "View"}, {},
        [this] { shell_->set_user_scale(std::min(3.0F, shell_->user_scale() * scale_step)); }));
    LACT_CHECK(commands.add<ReduceInterface>(
        {"Smaller interface", "Ctrl+-", "Make text and controls smaller.", "View"}, {},
        [this] { shell_->set_user_scale(std::max(0.5F, shell_->user_scale() / scale_step)); }));
    LACT_CHECK(commands.add<ResetLayout>(
        {"Reset the layout", "", "Restore the initial layout of the panels.", "View"}, {},
        [this] { shell_->reset_layout(); }));
    LACT_CHECK(commands.add<ToggleEnlargement>({"Enlargement: nearest / bicubic", "B",
                                                "Enlarge renderings by nearest-neighbour or bicubic "
                                                "interpolation. Figures are computed at the model's "
                                                "size.",
                                                "View"},
                                               {}, [this] {
                                                   Enlargement& filter = services_.document->filter;
                                                   filter = filter == Enlargement::nearest
                                                                ? Enlargement::bicubic
                                                                : Enlargement::nearest;
                                               }));
    return commands.add<ToggleGroundTruth>(
        {"Flip between rendering and ground truth", "T",
         "Show the ground truth of a generated scene at the current camera, or the rendering again.", "View"},
        [this]() -> std::string {
            return services_.document->ground_truth_large ||
                           LiveGroundTruth::known(services_.snapshot->scene.get())
                       ? ""
                       : "Only generated objects have a ground truth: Scene > Generate another.";
        },
        [this] { services_.document->ground_truth_large = !services_.document->ground_truth_large; });
}

Result<void> WindowCommands::show_panel(const std::string& title) {
    if (shell_->show_panel(title)) {
        return {};
    }
    std::vector<std::string> titles;
    for (const Panel& panel : shell_->panels()) {
        titles.push_back(panel.title);
    }
    return fail(ShowPanel::id, fmt::format("there is no panel '{}'", title),
                fmt::format("Panels: {}.", fmt::join(titles, ", ")));
}

std::map<std::string, std::string> WindowCommands::about_panel(const std::string& panel,
                                                               bool of_open_state) const {
    const Snapshot& snapshot = *services_.snapshot;
    std::map<std::string, std::string> about;
    for (const auto& [key, value] : provenance(of_open_state ? snapshot : Snapshot())) {
        about[key] = value;
    }
    about["panel"] = panel;
    if (!of_open_state) {
        return about;
    }
    if (panel == "Scene" && snapshot.scene) {
        about["remarks"] = dump_json(remarks_to_json(snapshot.scene->remarks));
    }
    about["layer"] = std::to_string(services_.document->matrix.layer);
    about["head"] = std::to_string(services_.document->matrix.head);
    return about;
}

Result<void> WindowCommands::export_panel(const std::string& panel, const std::filesystem::path& path) {
    if (std::ranges::none_of(shell_->panels(), [&](const Panel& one) { return one.title == panel; })) {
        return fail(ExportPanel::id, fmt::format("there is no panel '{}'", panel));
    }
    if (panel == "View") {
        if (auto why = why_no_rendering(*services_.snapshot, *services_.document); !why.empty()) {
            return fail(path.string(), std::move(why));
        }
    }
    if (path.extension() == ".png") {
        images_.push_back({path, panel});
        shell_->wake();
        return {};
    }
    LACT_TRY(const PanelData data, panels_->data(panel));
    const bool of_open_state = std::ranges::any_of(data, &DataTable::of_open_state);
    LACT_TRY(const auto files, write_panel_data(path, data, about_panel(panel, of_open_state)));
    for (const auto& file : files) {
        services_.dispatch->log().wrote("saved " + panel, file);
    }
    return {};
}

Result<void> WindowCommands::save_images() {
    for (const auto& [path, panel] : std::exchange(images_, {})) {
        LACT_TRY(const Image8 image, panel.empty() ? shell_->screenshot() : shell_->panel_image(panel));
        const auto& why_not = panel == "View" ? why_no_rendering : why_not_written;
        if (auto why = why_not(*services_.snapshot, *services_.document); !why.empty()) {
            return fail(path.string(), std::move(why));  // It was changed after the command.
        }
        LACT_TRY(const std::string png, encode_png(image, sessions_->provenance()));
        LACT_CHECK(write_file_atomically(path, png));
        services_.dispatch->log().wrote(panel.empty() ? "saved the window" : "saved " + panel, path);
    }
    return {};
}

Result<void> WindowCommands::add_panels(CommandTable& commands) {
    LACT_CHECK(
        commands.add<ShowPanel>({"Show a panel", "", "Open a panel and bring it to the front.", "View"}, {},
                                [this](const ShowPanel& show) { return show_panel(show.panel); }));
    LACT_CHECK(commands.add<ExportPanel>(
        {"Save a panel", "",
         "Save a panel as an image (.png) or its data (.csv, .safetensors). Also by a right click on its "
         "tab.",
         "File"},
        [this] { return why_not_written(*services_.snapshot, *services_.document); },
        [this](const ExportPanel& save) { return export_panel(save.panel, save.path); }));
    commands.set_outputs(ExportPanel::id, [this](const nlohmann::json& with) {
        const auto text = [&with](const char* name) {
            const auto found = with.find(name);
            return found != with.end() && found->is_string() ? found->get<std::string>() : std::string();
        };
        const std::filesystem::path path = text("path");
        const auto data = panels_->data(text("panel"));
        return data ? panel_data_files(path, *data) : std::vector{path};
    });
    LACT_CHECK(commands.add<SaveWindow>(
        {"Save the window ...", "Ctrl+Shift+S", "Save the whole window as PNG.", "File"},
        [this] { return why_not_written(*services_.snapshot, *services_.document); },
        [this](const SaveWindow& to) {
            if (auto file = destination(*services_.document, to.path,
                                        {"Save the window", SaveWindow::id, "window", "png"})) {
                images_.push_back({std::move(*file), {}});
            }
        }));
    LACT_CHECK(commands.add<OpenHelp>(
        {"Help", "F1", "List all commands with their keys, and all parameters; searchable.", "Help"}, {},
        [this] { services_.document->help_requested = true; }));
    LACT_CHECK(commands.add<ShowInFolder>(
        {"Show in folder", "", "Show a file in the file manager of the desktop.", "File"}, {},
        [](const ShowInFolder& show) { return show_in_file_manager(show.path, current_search_path()); }));
    LACT_CHECK(commands.add<OpenPalette>(
        {"Command palette", "Ctrl+Shift+P",
         "Find any command, panel or setting by its name, and run or change it.", "Help"},
        {}, [this] { services_.document->palette_requested = true; }));
    return commands.add<Quit>({"Quit", "Ctrl+Q", "Close the window. Settings and layout are saved.", "File"},
                              {}, [this] { shell_->close(); });
}

Result<void> WindowCommands::add_parameters(ParameterTable& parameters) {
    const AddParameter add{parameters};
    Document& document = *services_.document;
    LACT_CHECK(add(
        "viewport.filter", "Enlargement", "View",
        "Interpolation of enlarged renderings. Figures are computed at the model's size.", Effect::shows,
        always(Choices{{"nearest", "bicubic"}}), "bicubic",
        [&document] { return document.filter == Enlargement::nearest ? "nearest" : "bicubic"; },
        [&document](const ParameterValue& value) {
            document.filter =
                value.get<std::string>() == "nearest" ? Enlargement::nearest : Enlargement::bicubic;
        }));
    LACT_CHECK(add(
        "viewport.photo", "Photo in the corner", "View",
        "Show the nearest held-out photo in the corner of the view, with the PSNR where the camera is that "
        "of the photo.",
        Effect::shows, always(Switch{}), true, [&document] { return document.image_in_image; },
        [&document](const ParameterValue& value) { document.image_in_image = value.get<bool>(); }));
    LACT_CHECK(add(
        "viewport.overlays", "Labels in the view", "View",
        "Show captions, the photo in the corner and the buttons over the rendering.", Effect::shows,
        always(Switch{}), true, [&document] { return document.overlays; },
        [&document](const ParameterValue& value) { document.overlays = value.get<bool>(); }));
    LACT_CHECK(add(
        "viewport.ground_truth", "Ground truth", "View",
        "Show the ground truth of a generated scene in place of the rendering (key T).", Effect::shows,
        always(Switch{}), false, [&document] { return document.ground_truth_large; },
        [&document](const ParameterValue& value) { document.ground_truth_large = value.get<bool>(); }));
    LACT_CHECK(add(
        "camera.flying", "Fly", "Camera",
        "Fly with keys (the caption of the view names them) and the mouse; off: the mouse turns the camera "
        "around the scene.",
        Effect::shows, always(Switch{}), false, [&document] { return document.flying; },
        [&document](const ParameterValue& value) { document.set_flying(value.get<bool>()); }));
    LACT_CHECK(add(
        "ui.theme", "Theme", "View", "Dark, or light for papers.", Effect::customizes,
        always(Choices{{"dark", "light"}}), "dark",
        [this] { return shell_->theme() == Theme::dark ? "dark" : "light"; },
        [this](const ParameterValue& value) {
            shell_->set_theme(value.get<std::string>() == "dark" ? Theme::dark : Theme::light);
        }));
    return add(
        "ui.scale", "Size of the interface", "View",
        "Scale of text and controls, on top of the scale of the monitor.", Effect::customizes,
        always(Numbers{0.5, 3}), 1.0, [this] { return shell_->user_scale(); },
        [this](const ParameterValue& value) { shell_->set_user_scale(value.get<float>()); });
}

Result<void> WindowCommands::add_to(Tables& tables) {
    LACT_CHECK(add_panels(tables.commands));
    LACT_CHECK(add_view(tables.commands));
    LACT_CHECK(add_parameters(tables.parameters));
    // Ids of earlier versions.
    LACT_CHECK(tables.commands.alias("view.truth", ToggleGroundTruth::id));
    return tables.parameters.alias("viewport.truth_large", "viewport.ground_truth");
}

}  // namespace lact::app
