// Sessions: what is shown, saved and opened again; and recordings of it.
#include "app/cli/assets.h"
#include "app/program/output_files.h"
#include "app/program/window_program.h"
#include "app/video/read_provenance.h"

#include <algorithm>

#include <fmt/format.h>

namespace lact::app {
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

SessionFile WindowProgram::session() {
    SessionFile session = session_now();
    const ScriptState& script = view_.script;
    if (!script.steps.empty()) {
        session.script = script.steps;
        if (script.begin) {
            begin_with(session, *script.begin);
        }
    }
    return session;
}

SessionFile WindowProgram::session_now() {
    SessionFile session;
    if (published_.weights) {
        session.weights = published_.weights->path;
        session.weights_sha256 = published_.weights->sha256;
    }
    if (published_.scene) {
        session.scene = published_.scene->path;
        if (const auto& origin = published_.scene->origin;
            origin && origin->family->kind == WorldKind::object) {
            session.generated_seed = origin->seed;
            session.generated_family = origin->family->source;
        }
        session.inputs = published_.scene->inputs;
        session.viewpoint = view_.viewpoint();
    }
    for (const Parameter& parameter : parameters_.all()) {
        if (belongs_into_session(parameter)) {
            session.parameters[parameter.id] = parameter.get();
        }
    }
    session.track = view_.path.track;
    session.layout = shell_.layout();
    return session;
}

Result<void> WindowProgram::run_script(const nlohmann::json& steps, const std::string& where) {
    LACT_TRY(Script script, parse_script(steps, where, actions_, parameters_));
    story_.play(std::move(script));
    return {};
}

/// Whether a session's scene and weights are open: then they need not be read again.
bool WindowProgram::is_open(const SessionFile& session) const {
    return engine_.idle() && published_.scene && published_.weights &&
           session.scene == published_.scene->path && session.weights == published_.weights->path;
}

Result<void> WindowProgram::open_files_of(const SessionFile& session) {
    if (is_open(session)) {
        if (session.viewpoint) {
            view_.set_viewpoint(*session.viewpoint);
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
        LACT_CHECK(
            scene_desk_.generate({{"seed", *session.generated_seed}, {"family", session.generated_family}}));
    } else if (!session.scene.empty()) {
        engine_.open_scene(session.scene);
    }
    wanted_viewpoint_ = session.viewpoint;
    return {};
}

Result<void> WindowProgram::open_session(const SessionFile& session) {
    LACT_TRY(Script story, parse_script(session.script, "the session's script", actions_, parameters_));
    Script set;
    set.steps.emplace_back(WaitIdle{});
    const bool same_inputs = is_open(session) && std::ranges::equal(session.inputs, published_.scene->inputs);
    if (!session.inputs.empty() && !same_inputs) {
        set.steps.emplace_back(RunAction{"inputs.set", {{"views", session.inputs}}});
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
    if (!story.steps.empty()) {
        set.steps.emplace_back(RunAction{"script.begin_here"});
    }
    LACT_CHECK(open_files_of(session));
    wanted_weights_ = session.weights_sha256;
    view_.path = PathState{};
    view_.path.track = session.track;
    view_.script = {session.script, nullptr};
    if (!session.layout.empty()) {
        shell_.set_layout(session.layout);
    }
    story_.play(std::move(set), std::move(story));
    return {};
}

void WindowProgram::check_wanted_weights() {
    if (wanted_weights_.empty() || !engine_.idle() || !published_.weights) {
        return;
    }
    if (wanted_weights_ != published_.weights->sha256) {
        log_.say(Severity::warning,
                 fmt::format("the session was made with other weights (SHA-256 {}...) than those of this "
                             "name ({}...): what it shows differs",
                             wanted_weights_.substr(0, 12), published_.weights->sha256.substr(0, 12)),
                 published_.weights->path.string());
    }
    wanted_weights_.clear();
}

/// A session file, or a picture or film that carries one.
Result<void> WindowProgram::open_recorded(const std::filesystem::path& path) {
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

std::vector<std::pair<std::string, std::string>> WindowProgram::picture_provenance() {
    auto about = provenance(published_);
    about.emplace_back("session", to_json(session()).dump());
    return about;
}

Result<void> WindowProgram::save_session(const std::filesystem::path& file) {
    LACT_CHECK(save_session_file(file, session()));
    log_.say(Severity::note, "saved the session", file.string());
    return {};
}

Result<void> WindowProgram::start_recording(const nlohmann::json& with) {
    // A name without an extension is a folder of pictures.
    const std::string extension = view_.record.format == "png" ? "" : view_.record.format;
    auto file = output_path(with, "film", extension);
    if (const std::filesystem::path folder = view_.record.folder; !with.contains("path") && !folder.empty()) {
        if (std::error_code none; !std::filesystem::is_directory(folder, none)) {
            return fail(folder.string(), "films are to be written there, but it is no folder",
                        "Choose another one in the Record panel.");
        }
        file = folder / file;
    }
    return film_.start(session(), view_.record, file);
}

Result<void> WindowProgram::add_session_actions() {
    const auto needs_frame = [this] {
        return published_.frame ? std::string() : std::string("There is no picture yet.");
    };
    LACT_CHECK(actions_.add(
        {"file.save_session",
         "Save the session",
         "Ctrl+Alt+S",
         "Save what is open, the rule, the camera, all parameters, the camera path and the "
         "layout as JSON; open it again like a scene.",
         "File",
         {{"path", "JSON file to write", false}},
         needs_frame,
         [this](const nlohmann::json& with) { return save_session(output_path(with, "session", "json")); }}));
    LACT_CHECK(
        actions_.add({"record.start",
                      "Record a film",
                      "Ctrl+R",
                      "Record the window, or the view alone, along the camera path (once around where there "
                      "is none), exact frame by frame, while you go on working.",
                      "Film",
                      {{"path", "File .mp4 or .gif to write, or a folder for numbered PNGs", false}},
                      [this, needs_frame] {
                          return film_.running() ? std::string("A film is being recorded.") : needs_frame();
                      },
                      [this](const nlohmann::json& with) { return start_recording(with); }}));
    return actions_.add(
        {"record.stop",
         "Stop recording",
         "",
         "Stop the film that is being recorded; nothing is left of it.",
         "Film",
         {},
         [this] { return film_.running() ? std::string() : std::string("Nothing is recorded."); },
         [this](const nlohmann::json&) -> Result<void> {
             film_.stop();
             return {};
         }});
}

}  // namespace lact::app
