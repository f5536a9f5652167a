// File menu: open, save, leave.
#include "app/application/application.h"
#include "app/commands/output_files.h"
#include "app/commands/parameter_table.h"
#include "app/platform/assets.h"
#include "app/ui/theme.h"
#include "app/video/provenance.h"
#include "engine/core/files.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact::app {

Result<void> Application::add_file_commands() {
    const CommandArgument path{"path", "path of a scene folder, weight file or script", false};
    LACT_CHECK(commands_.add(
        {"file.open",
         "Open ...",
         "Ctrl+O",
         "Open a scene folder, a weight file or a script. Dropping it on the window does the same.",
         "File",
         {path},
         {},
         [this](const nlohmann::json& with) -> Result<void> {
             if (with.contains("path")) {
                 open_path(with.at("path").get<std::string>());
             } else {
                 open_.open();
             }
             return {};
         }}));
    LACT_CHECK(commands_.add(
        {"file.save_view",
         "Save the picture",
         "Ctrl+S",
         "Save the model's picture, its own pixels without enlargement, as PNG in the current folder.",
         "File",
         {{"path", "PNG file to write", false}},
         [this] { return snapshot_.frame ? std::string() : std::string("There is no picture yet."); },
         [this](const nlohmann::json& with) -> Result<void> {
             const auto file = output_path(with, "view", "png");
             LACT_TRY(const std::string png,
                      encode_png(to_image8(snapshot_.frame->image), image_provenance()));
             if (const auto written = write_file_atomically(file, png); !written) {
                 return written;
             }
             log_.say(Severity::note, "saved the picture", file.string());
             return {};
         }}));
    LACT_CHECK(commands_.add({"file.save_window",
                              "Save the window",
                              "Ctrl+Shift+S",
                              "Save the whole window as PNG in the current folder.",
                              "File",
                              {{"path", "PNG file to write", false}},
                              {},
                              [this](const nlohmann::json& with) -> Result<void> {
                                  images_.push_back({output_path(with, "window", "png"), {}});
                                  return {};
                              }}));
    return commands_.add({"file.quit",
                          "Quit",
                          "Ctrl+Q",
                          "Close the window. Settings and layout are kept.",
                          "File",
                          {},
                          {},
                          [this](const nlohmann::json&) -> Result<void> {
                              shell_.close();
                              return {};
                          }});
}

// Panels as files: their picture, and their numbers.
namespace {

std::string file_name(std::string title) {
    std::ranges::transform(title, title.begin(), [](unsigned char c) {
        return std::isalnum(c) != 0 ? static_cast<char>(std::tolower(c)) : '-';
    });
    return title;
}

}  // namespace

Result<PanelData> Application::panel_data(const std::string& panel) const {
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

Result<void> Application::export_panel(const std::string& panel, const std::filesystem::path& path) {
    const auto& panels = shell_.panels();
    if (std::ranges::none_of(panels, [&](const Panel& one) { return one.title == panel; })) {
        return fail("panel.export", fmt::format("there is no panel '{}'", panel));
    }
    if (path.extension() == ".png") {
        images_.push_back({path, panel});
        display_.wake();
        return {};
    }
    LACT_TRY(const PanelData data, panel_data(panel));
    std::map<std::string, std::string> about;
    for (const auto& [key, value] : provenance(snapshot_)) {
        about[key] = value;
    }
    about["panel"] = panel;
    about["layer"] = std::to_string(document_.matrix.layer);
    about["head"] = std::to_string(document_.matrix.head);
    LACT_TRY(const auto files, write_panel_data(path, data, about));
    for (const auto& file : files) {
        log_.say(Severity::note, "saved " + panel, file.string());
    }
    return {};
}

/// The menu of a panel's tab.
void Application::draw_panel_menu(const std::string& panel) {
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

Result<void> Application::save_images() {
    for (const auto& [path, panel] : std::exchange(images_, {})) {
        LACT_TRY(const Image8 image, panel.empty() ? shell_.screenshot() : shell_.panel_image(panel));
        LACT_TRY(const std::string png, encode_png(image, image_provenance()));
        LACT_CHECK(write_file_atomically(path, png));
        log_.say(Severity::note, panel.empty() ? "saved the window" : "saved " + panel, path.string());
    }
    return {};
}

Result<void> Application::add_export_commands() {
    return commands_.add(
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

// Sessions: what is shown, saved and opened again; and recordings of it.
namespace {

/// Rules are set as one text: switches one by one would pass through rules without a meaning.
bool belongs_into_session(const Parameter& parameter) {
    const bool part_of_rule = parameter.id.starts_with("rule.") && parameter.id != "rule.text";
    return !part_of_rule && parameter.id != "path.time" && parameter.id != "path.loop" &&
           parameter.id != "path.loop_seconds" && parameter.id != "path.constant_speed" &&
           parameter.id != "record.folder";
}

/// What a script begins with, in place of what is shown now; how films are recorded stays.
void begin_with(SessionFile& session, const SessionFile& begin) {
    for (const auto& [id, value] : begin.parameters.items()) {
        if (!id.starts_with("record.")) {
            session.parameters[id] = value;
        }
    }
    session.layout = begin.layout;
    if (begin.scene == session.scene) {
        session.inputs = begin.inputs;
        session.viewpoint = begin.viewpoint;
    }
}

}  // namespace

SessionFile Application::session() {
    SessionFile session = session_now();
    const ScriptState& script = document_.script;
    if (!script.steps.empty()) {
        session.script = script.steps;
        if (script.begin) {
            begin_with(session, *script.begin);
        }
    }
    return session;
}

SessionFile Application::session_now() {
    SessionFile session;
    if (snapshot_.weights) {
        session.weights = snapshot_.weights->path;
        session.weights_sha256 = snapshot_.weights->sha256;
    }
    if (snapshot_.scene) {
        session.scene = snapshot_.scene->path;
        if (const auto& origin = snapshot_.scene->origin;
            origin && origin->family->kind == WorldKind::object) {
            session.generated_seed = origin->seed;
            session.generated_family = origin->family->source;
        }
        session.inputs = snapshot_.scene->inputs;
        session.viewpoint = document_.viewpoint();
    }
    for (const Parameter& parameter : parameters_.all()) {
        if (belongs_into_session(parameter)) {
            session.parameters[parameter.id] = parameter.get();
        }
    }
    session.track = document_.path.track;
    session.layout = shell_.layout();
    return session;
}

Result<void> Application::run_script(const nlohmann::json& steps, const std::string& where) {
    LACT_TRY(Script script, parse_script(steps, where, commands_, parameters_));
    player_.play(std::move(script));
    return {};
}

/// Whether a session's scene and weights are open: then they need not be read again.
bool Application::is_open(const SessionFile& session) const {
    return engine_.idle() && snapshot_.scene && snapshot_.weights && session.scene == snapshot_.scene->path &&
           session.weights == snapshot_.weights->path;
}

Result<void> Application::open_files_of(const SessionFile& session) {
    if (is_open(session)) {
        if (session.viewpoint) {
            document_.set_viewpoint(*session.viewpoint);
        }
        return {};
    }
    std::error_code missing;
    const bool no_scene = !session.scene.empty() && !std::filesystem::exists(session.scene, missing);
    if (no_scene && !session.generated_seed) {
        return fail(session.scene.string(), "the session's scene is not there",
                    "Put it back, or change \"scene\" in the session.");
    }
    if (!session.weights.empty() && !std::filesystem::exists(session.weights, missing)) {
        return fail(session.weights.string(), "the session's weights are not there",
                    "Put them back, or change \"weights\" in the session.");
    }
    if (!session.weights.empty()) {
        engine_.open_weights(session.weights);
    }
    if (session.generated_seed && (no_scene || session.scene.empty())) {
        LACT_CHECK(scene_controller_.generate(
            {{"seed", *session.generated_seed}, {"family", session.generated_family}}));
    } else if (!session.scene.empty()) {
        engine_.open_scene(session.scene);
    }
    requested_viewpoint_ = session.viewpoint;
    return {};
}

Result<void> Application::open_session(const SessionFile& session) {
    LACT_TRY(Script playback, parse_script(session.script, "the session's script", commands_, parameters_));
    Script set;
    set.steps.emplace_back(WaitIdle{});
    const bool same_inputs = is_open(session) && std::ranges::equal(session.inputs, snapshot_.scene->inputs);
    if (!session.inputs.empty() && !same_inputs) {
        set.steps.emplace_back(RunCommand{"inputs.set", {{"views", session.inputs}}});
        set.steps.emplace_back(WaitIdle{});  // Some values are only possible with these inputs.
    }
    set.pass_over = [this](const Error& error) {
        log_.say(Severity::warning, error.what, "session, passed over: " + error.where);
    };
    for (const auto& [id, value] : session.parameters.items()) {
        if (parameters_.find(id) == nullptr) {
            log_.say(Severity::note, fmt::format("the session's parameter '{}' is not known here", id),
                     "session");
        } else {
            set.steps.emplace_back(SetParameter{id, value});
        }
    }
    set.steps.emplace_back(WaitIdle{});
    if (!playback.steps.empty()) {
        set.steps.emplace_back(RunCommand{"script.begin_here"});
    }
    LACT_CHECK(open_files_of(session));
    expected_weights_ = session.weights_sha256;
    document_.path = PathState{};
    document_.path.track = session.track;
    document_.script = {session.script, nullptr};
    if (!session.layout.empty()) {
        shell_.set_layout(session.layout);
    }
    player_.play(std::move(set), std::move(playback));
    return {};
}

void Application::check_expected_weights() {
    if (expected_weights_.empty() || !engine_.idle() || !snapshot_.weights) {
        return;
    }
    if (expected_weights_ != snapshot_.weights->sha256) {
        log_.say(Severity::warning,
                 fmt::format("the session was made with other weights (SHA-256 {}...) than those of this "
                             "name ({}...): what it shows differs",
                             expected_weights_.substr(0, 12), snapshot_.weights->sha256.substr(0, 12)),
                 snapshot_.weights->path.string());
    }
    expected_weights_.clear();
}

/// A session file, or a picture or film that carries one.
Result<void> Application::open_recorded(const std::filesystem::path& path) {
    if (path.extension() == ".json") {
        LACT_TRY(const SessionFile session, load_session_file(path));
        return open_session(session);
    }
    LACT_TRY(const auto about, read_provenance(path));
    const auto found = about.find("session");
    const auto json = nlohmann::json::parse(found != about.end() ? found->second : "", nullptr, false);
    LACT_TRY(const SessionFile session, session_from(json, path.string(), path.parent_path()));
    return open_session(session);
}

std::vector<std::pair<std::string, std::string>> Application::image_provenance() {
    auto about = provenance(snapshot_);
    about.emplace_back("session", to_json(session()).dump());
    return about;
}

Result<void> Application::save_session(const std::filesystem::path& file) {
    LACT_CHECK(save_session_file(file, session()));
    log_.say(Severity::note, "saved the session", file.string());
    return {};
}

Result<void> Application::start_recording(const nlohmann::json& with) {
    // A name without an extension is a folder of pictures.
    const std::string extension = document_.record.format == "png" ? "" : document_.record.format;
    auto file = output_path(with, "film", extension);
    if (const std::filesystem::path folder = document_.record.folder;
        !with.contains("path") && !folder.empty()) {
        if (std::error_code none; !std::filesystem::is_directory(folder, none)) {
            return fail(folder.string(), "films are to be written there, but it is no folder",
                        "Choose another one in the Record panel.");
        }
        file = folder / file;
    }
    return recording_.start(session(), document_.record, file);
}

Result<void> Application::add_session_commands() {
    const auto needs_frame = [this] {
        return snapshot_.frame ? std::string() : std::string("There is no picture yet.");
    };
    LACT_CHECK(commands_.add(
        {"file.save_session",
         "Save the session",
         "Ctrl+Alt+S",
         "Save what is open, the rule, the camera, all parameters, the camera path and the "
         "layout as JSON; open it again like a scene.",
         "File",
         {{"path", "JSON file to write", false}},
         needs_frame,
         [this](const nlohmann::json& with) { return save_session(output_path(with, "session", "json")); }}));
    LACT_CHECK(commands_.add(
        {"record.start",
         "Record a film",
         "Ctrl+R",
         "Record the window, or the view alone, along the camera path (once around where there "
         "is none), exact frame by frame, while you go on working.",
         "Film",
         {{"path", "File .mp4 or .gif to write, or a folder for numbered PNGs", false}},
         [this, needs_frame] {
             return recording_.running() ? std::string("A film is being recorded.") : needs_frame();
         },
         [this](const nlohmann::json& with) { return start_recording(with); }}));
    return commands_.add(
        {"record.stop",
         "Stop recording",
         "",
         "Stop the film that is being recorded; nothing is left of it.",
         "Film",
         {},
         [this] { return recording_.running() ? std::string() : std::string("Nothing is recorded."); },
         [this](const nlohmann::json&) -> Result<void> {
             recording_.stop();
             return {};
         }});
}

// View and Help menus: theme, size of the interface, panels.
namespace {

constexpr float scale_step = 1.15F;

}  // namespace

Result<void> Application::add_view_commands() {
    const auto add = [&](const char* id, const char* title, const char* key, const char* tooltip,
                         std::function<void()> run) {
        return commands_.add({id,
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
                   "Change between the dark theme and the light one, for papers.",
                   [this] { shell_.set_theme(shell_.theme() == Theme::dark ? Theme::light : Theme::dark); }));
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
                document_.filter =
                    document_.filter == Enlargement::nearest ? Enlargement::bicubic : Enlargement::nearest;
            }));
    LACT_CHECK(commands_.add(
        {"view.truth",
         "Flip between picture and truth",
         "T",
         "Show what a generated scene truly looks like from here, or the model's picture "
         "again.",
         "View",
         {},
         [this]() -> std::string {
             return document_.ground_truth_large || LiveGroundTruth::known(snapshot_.scene.get())
                        ? ""
                        : "the truth is known of generated objects: Scene > Generate";
         },
         [this](const nlohmann::json&) -> Result<void> {
             document_.ground_truth_large = !document_.ground_truth_large;
             return {};
         }}));
    LACT_CHECK(commands_.add({"panel.show",
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
                                  for (const Panel& panel : shell_.panels()) {
                                      titles.push_back(panel.title);
                                  }
                                  return fail("panel.show", fmt::format("there is no panel '{}'", title),
                                              fmt::format("Panels: {}.", fmt::join(titles, ", ")));
                              }}));
    return commands_.add({"help.open",
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

// The parameter table of the window: what widgets, scripts, help and settings read and set.
Result<void> Application::add_parameters() {
    using Json = nlohmann::json;
    const AddParameter add{parameters_};
    LACT_CHECK(add(
        "viewport.filter", "Enlargement", "View",
        "How the model's picture is enlarged; figures are on its own pixels.",
        always(Choices{{"nearest", "bicubic"}}), "bicubic",
        [this] { return Json(document_.filter == Enlargement::nearest ? "nearest" : "bicubic"); },
        [this](const Json& value) {
            document_.filter = value == "nearest" ? Enlargement::nearest : Enlargement::bicubic;
        }));
    LACT_CHECK(add(
        "viewport.photo", "Photo in the corner", "View",
        "Show the nearest held-out photo in the picture's corner, with PSNR when the camera sits on it.",
        always(Switch{}), true, [this] { return Json(document_.image_in_image); },
        [this](const Json& value) { document_.image_in_image = value.get<bool>(); }));
    LACT_CHECK(add(
        "viewport.truth_large", "Ground truth", "View",
        "Show what a generated scene truly looks like from here in place of the model's picture (key T).",
        always(Switch{}), false, [this] { return Json(document_.ground_truth_large); },
        [this](const Json& value) { document_.ground_truth_large = value.get<bool>(); }));
    LACT_CHECK(add(
        "camera.flying", "Fly", "Camera", "Fly with W A S D Q E; otherwise the mouse turns around the scene.",
        always(Switch{}), false, [this] { return Json(document_.flying); },
        [this](const Json& value) { document_.flying = value.get<bool>(); }));
    LACT_CHECK(add(
        "ui.theme", "Theme", "View", "Dark, or light for papers.", always(Choices{{"dark", "light"}}), "dark",
        [this] { return Json(shell_.theme() == Theme::dark ? "dark" : "light"); },
        [this](const Json& value) { shell_.set_theme(value == "dark" ? Theme::dark : Theme::light); }));
    LACT_CHECK(add(
        "ui.scale", "Size of the interface", "View", "On top of the monitor's own scale.",
        always(Numbers{0.5, 3}), 1.0, [this] { return Json(shell_.user_scale()); },
        [this](const Json& value) { shell_.set_user_scale(value.get<float>()); }));
    return {};
}

}  // namespace lact::app
