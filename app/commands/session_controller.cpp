#include "app/commands/session_controller.h"

#include "app/commands/output_files.h"
#include "app/document/open_target.h"
#include "app/platform/assets.h"
#include "app/runtime/engine_service.h"
#include "app/video/provenance.h"
#include "engine/core/files.h"
#include "engine/core/text_file.h"
#include "engine/session/load_scene.h"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

/// Whether a session stores a parameter. A rule is one text, as switches set one by one would pass through
/// invalid rules.
bool belongs_in_session(const Parameter& parameter) {
    const bool part_of_rule = parameter.id.starts_with("rule.") && parameter.id != "rule.text";
    return !part_of_rule && parameter.id != "path.time" && parameter.id != "path.loop" &&
           parameter.id != "path.loop_seconds" && parameter.id != "path.constant_speed" &&
           parameter.id != "record.folder" && parameter.id != "camera.fov";  // Of the viewpoint.
}

constexpr const char* size_parameter = "model.size";

/// The size of the model's images that a session names; empty where it names none, as 'auto' does.
std::optional<Size> session_size(const SessionFile& session) {
    const auto found = session.parameters.find(size_parameter);
    if (found == session.parameters.end() || !found->is_string()) {
        return std::nullopt;
    }
    const auto size = parse_size(found->get<std::string>());
    return size ? std::optional(*size) : std::nullopt;
}

/// Replaces the current state by the one a script begins with; recording options stay.
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

SessionFile SessionController::session() const {
    SessionFile session = session_now();
    const ScriptState& script = document().script;
    if (!script.steps.empty()) {
        session.script = script.steps;
        if (script.begin) {
            begin_with(session, *script.begin);
        }
    }
    return session;
}

SessionFile SessionController::session_now() const {
    SessionFile session;
    if (snapshot().weights) {
        session.weights = snapshot().weights->path;
        session.weights_sha256 = snapshot().weights->sha256;
    }
    if (snapshot().scene) {
        session.scene = snapshot().scene->path;
        if (const auto& origin = snapshot().scene->origin;
            origin && origin->family->kind == WorldKind::object) {
            session.generated_seed = origin->seed;
            session.generated_family = origin->family->source;
        }
        session.inputs = requested_inputs(document(), *snapshot().scene);
        session.viewpoint = document().viewpoint();
    }
    for (const Parameter& parameter : services_.dispatch->parameters().all()) {
        if (belongs_in_session(parameter)) {
            session.parameters[parameter.id] = parameter.get();
        }
    }
    session.track = document().path.track;
    session.layout = layout_.get();
    return session;
}

/// Whether scene and weights of a session are open and need not be read again.
bool SessionController::is_open(const SessionFile& session) const {
    return engine_->set_up_settled(snapshot()) && snapshot().scene && snapshot().weights &&
           session.scene == snapshot().scene->path && session.weights == snapshot().weights->path;
}

/// The camera of a session of what is open, and its inputs and size where they are others.
void SessionController::change_open_scene(const SessionFile& session) {
    const SceneSummary& scene = *snapshot().scene;
    if (session.viewpoint) {
        document().set_viewpoint(*session.viewpoint);
    }
    const NamedInputs named = named_inputs(session.inputs, scene.views.size());
    if (std::string left_out = named.sentence(scene.views.size()); !left_out.empty()) {
        services_.dispatch->log().say(Severity::warning, std::move(left_out), "session");
    }
    std::vector<std::size_t> inputs = named.there.empty() ? scene.inputs : named.there;
    const Size size = session_size(session).value_or(scene.size);
    if (inputs != scene.inputs || size != scene.size) {
        document().requested_inputs = {scene.sequence, inputs};
        document().requested_size = size;
        engine_->set_inputs(std::move(inputs), scene.sequence, size);
    }
}

/// Errors: a file is not there; nothing is opened then.
Result<SessionController::Opening> SessionController::open_files(const SessionFile& session) {
    Opening opening{std::nullopt, session.weights, session.viewpoint};
    if (is_open(session)) {
        change_open_scene(session);
        opening.scene = snapshot().scene->sequence;
        return opening;
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
    // All at once: with other inputs or at another size it might not fit into memory.
    SceneRequest request;
    request.path = session.scene;
    request.size = session_size(session);
    request.inputs = session.inputs;
    request.leave_out_inputs = true;
    std::optional<SceneController::Generation> generation;
    if (session.generated_seed && (no_scene || session.scene.empty())) {
        LACT_TRY(
            generation,
            scenes_->prepare({.seed = session.generated_seed, .family = session.generated_family}, request));
    }
    if (!session.weights.empty()) {
        engine_->open_weights(session.weights);
    }
    if (generation) {
        scenes_->open(*generation);
    } else if (!session.scene.empty()) {
        engine_->open_scene(request);
    } else {
        return opening;
    }
    opening.scene = engine_->newest_scene();
    opening_ = opening;
    return opening;
}

/// The script that sets the parameters of a session, once its files are open.
Script SessionController::settings_of(const SessionFile& session) const {
    ErrorLog& log = services_.dispatch->log();
    const auto pass_over = [&log](const Error& error) {
        log.say(Severity::warning, error.what, "session, skipped: " + error.where);
    };
    Script set;
    set.pass_over = pass_over;
    set.restores_session = true;
    set.rights = ScriptRights::all;  // Its files are what is opened, also those of a comparison.
    for (const auto& [id, json] : session.parameters.items()) {
        const Parameter* parameter = services_.dispatch->parameters().find(id);
        if (parameter == nullptr) {
            log.say(Severity::note, fmt::format("the session's parameter '{}' is not known here", id),
                    "session");
        } else if (auto value = value_from_json(json); !value) {
            value.error().where = fmt::format("parameter '{}'", id);
            pass_over(value.error());
        } else if (const bool opened_with = parameter->id == size_parameter && session_size(session);
                   !opened_with && !is_of_user(*parameter, *value)) {
            set.steps.emplace_back(SetParameter{parameter->id, std::move(*value)});
        }
    }
    set.steps.emplace_back(WaitFor{settled_});
    return set;
}

/// Theme and size of the interface, and where videos go, are those of the user. A recording has an interface
/// of its own.
bool SessionController::is_of_user(const Parameter& parameter, const ParameterValue& value) const {
    const bool interface_of_recording = takes_interface_ && parameter.id.starts_with("ui.");
    return parameter.touches(value) == Effect::customizes && !interface_of_recording;
}

Result<std::vector<std::string>> SessionController::requests(const SessionFile& session) const {
    const Dispatch& dispatch = *services_.dispatch;
    LACT_TRY(const Script script, parse_script(session.script, "the session's script", dispatch.commands(),
                                               dispatch.parameters()));
    return requests_of(script, dispatch.commands(), dispatch.parameters());
}

Result<void> SessionController::ask_and_open(const SessionFile& session, const std::string& source) {
    LACT_TRY(auto asked, requests(session));
    consent_->ask(source, std::move(asked), [this, session](ScriptRights rights) {
        services_.dispatch->report(open(session, rights));
    });
    return {};
}

Result<void> SessionController::open(const SessionFile& session, ScriptRights rights) {
    const Dispatch& dispatch = *services_.dispatch;
    LACT_TRY(Script script, parse_script(session.script, "the session's script", dispatch.commands(),
                                         dispatch.parameters()));
    script.rights = rights;
    for (const std::string& note : session.notes) {
        dispatch.log().say(Severity::warning, note, "session");
    }
    opening_.reset();
    LACT_TRY(const Opening opened, open_files(session));
    Script files;
    files.restores_session = true;
    files.steps.emplace_back(WaitFor{
        [this, session, opened, script = std::move(script)] { return take_over(session, opened, script); }});
    player_->play(std::move(files));
    return {};
}

/// Once the files of a session are read. Nothing else of it counts where they are not what is open. Whether
/// this is over.
bool SessionController::take_over(const SessionFile& session, const Opening& opened, const Script& script) {
    if (!engine_->set_up_settled(snapshot())) {
        return false;
    }
    const auto& scene = snapshot().scene;
    const auto& weights = snapshot().weights;
    const bool has_scene = !opened.scene || (scene && scene->sequence == *opened.scene);
    const bool has_weights = opened.weights.empty() || (weights && weights->path == opened.weights);
    if (!has_scene || !has_weights) {
        services_.dispatch->log().say(
            Severity::warning,
            fmt::format("its {} not opened: its parameters, camera path, layout and script are left out",
                        has_scene ? "weights were" : "scene was"),
            "session");
        return true;
    }
    warn_of_other_weights(session);
    replace_document(session, script);
    Script set = settings_of(session);
    if (!script.steps.empty()) {
        set.steps.emplace_back(RunCommand{BeginScriptHere::id});
    }
    player_->play(std::move(set), script);
    return true;
}

/// The camera path, the script and the layout of a session take the place of those that are there.
void SessionController::replace_document(const SessionFile& session, const Script& script) {
    const Dispatch& dispatch = *services_.dispatch;
    // A script that is played opens the session of the document itself: what was not saved still is not.
    const bool of_document =
        session.track == document().path.track && session.script == document().script.steps;
    end_flight();
    document().flying = false;  // Its parameters set it; the centre of its viewpoint stays.
    document().path = PathState{};
    document().path.track = session.track;
    document().path.clamp_time();
    document().script = {with_current_ids(session.script, dispatch.commands(), dispatch.parameters()),
                         nullptr, script.rights == ScriptRights::all};
    if (!of_document) {
        document().saved = {session.track, document().script.steps};
    }
    if (!session.layout.empty()) {
        if (const auto restored = layout_.set(session.layout); !restored) {
            dispatch.log().say(Severity::warning, restored.error().what + "; the present one stays",
                               "the session's window layout");
        }
    }
}

Result<void> SessionController::open_file(const std::filesystem::path& path) {
    if (!may_carry_provenance(path)) {
        LACT_TRY(const SessionFile session, load_session_file(path));
        return ask_and_open(session, path.string());
    }
    LACT_TRY(const auto about, read_provenance(path));
    const auto found = about.find("session");
    const auto json =
        parse_json(found != about.end() ? found->second : "", path.string()).value_or(nlohmann::json());
    LACT_TRY(const SessionFile session, session_from(json, path.string(), path.parent_path()));
    return ask_and_open(session, path.string());
}

void SessionController::advance() {
    const auto& scene = snapshot().scene;
    if (!scene || scene->sequence == scene_sequence_) {
        return;
    }
    if (scene_sequence_ != 0) {
        end_flight();
        if (scene->path != scene_path_) {
            leave_scene();
        }
    }
    scene_sequence_ = scene->sequence;
    scene_path_ = scene->path;
    const bool is_it = opening_ && opening_->scene == scene->sequence;
    document().set_viewpoint(is_it && opening_->viewpoint ? *opening_->viewpoint
                                                          : frame_all(scene->cameras()));
    // An older scene may come first: the one of the session is still being opened then.
    if (opening_ && opening_->scene <= scene->sequence) {
        opening_.reset();
    }
}

/// What the camera does in two scenes, or before and after a session is opened, is no flight.
void SessionController::end_flight() {
    PathState& path = document().path;
    path.playing = false;
    path.flight.clear();
    if (std::exchange(path.recording, false)) {
        services_.dispatch->log().say(
            Severity::warning,
            "the recording of the flight has ended and is not kept, as another scene or session was opened",
            "camera path");
    }
}

/// What belongs to the scene of before goes: a camera path, the figures of the comparison, and the photo that
/// is left out.
void SessionController::leave_scene() {
    document().compare.history = {};
    document().without_photo.reset();
    PathState& path = document().path;
    if (path.track.keys.empty()) {
        return;
    }
    const bool unsaved = document().unsaved_path();
    path = PathState{};
    if (unsaved) {
        services_.dispatch->log().say(
            Severity::note, "the camera path of the scene before was removed; Undo (Ctrl+Z) brings it back",
            "camera path");
    }
}

void SessionController::warn_of_other_weights(const SessionFile& session) const {
    const auto& weights = snapshot().weights;
    const std::string& expected = session.weights_sha256;
    if (!expected.empty() && weights && expected != weights->sha256) {
        services_.dispatch->log().say(
            Severity::warning,
            fmt::format("the session was saved with other weights (SHA-256 {}...) than those of this name "
                        "({}...): renderings differ",
                        expected.substr(0, 12), weights->sha256.substr(0, 12)),
            weights->path.string());
    }
}

std::vector<std::pair<std::string, std::string>> SessionController::provenance() const {
    auto about = app::provenance(snapshot());
    about.emplace_back("session", dump_json(to_json(session())));
    return about;
}

/// Sessions have no images.
void SessionController::tell_of_frozen_image() const {
    const CompareState& compare = document().compare;
    if (compare.on && (compare.a.kind == SideKind::captured || compare.b.kind == SideKind::captured)) {
        services_.dispatch->log().say(
            Severity::warning,
            "the frozen image of the comparison is not part of it: that side will be empty there",
            "session and video");
    }
}

/// A session with a script opens as that begins.
void SessionController::tell_of_beginning() const {
    SessionFile stored = session();
    stored.script = session_now().script;
    if (document().script.begin && to_json(stored) != to_json(session_now())) {
        services_.dispatch->log().say(
            Severity::note,
            "the session holds the state that the script begins with, not what is "
            "shown now: 'Begin the script here', then saving again, stores this one",
            "session");
    }
}

Result<void> SessionController::save(const SaveSession& save) const {
    const auto file = destination(
        document(), save.path,
        {"Save the session", SaveSession::id, "session", session_extension, {}, "path", {"json"}});
    if (!file) {
        return {};
    }
    LACT_CHECK(save_session_file(*file, session()));
    tell_of_frozen_image();
    tell_of_beginning();
    document().saved = {document().path.track, document().script.steps};
    services_.dispatch->log().wrote("saved the session", *file);
    return {};
}

Result<void> SessionController::save_rendering(const SaveRendering& save) const {
    const auto file =
        destination(document(), save.path, {"Save the rendering", SaveRendering::id, "view", "png"});
    if (!file) {
        return {};
    }
    LACT_TRY(const std::string png, encode_png(to_image8(snapshot().frame->image), provenance()));
    LACT_CHECK(write_file_atomically(*file, png));
    services_.dispatch->log().wrote("saved the rendering", *file);
    return {};
}

Result<void> SessionController::start_recording(const std::optional<std::string>& path) {
    const RecordChoice& choice = document().record;
    // A name without an extension is a folder of images.
    const std::string extension = choice.format == "png" ? "" : choice.format;
    std::filesystem::path file = path ? *path : default_name("video", extension).string();
    if (const std::filesystem::path folder = choice.folder; !path && !folder.empty()) {
        if (std::error_code none; !std::filesystem::is_directory(folder, none)) {
            return fail(folder.string(), "is not a folder; videos cannot be written there",
                        "Choose another one in the Record panel.");
        }
        file = folder / file;
    } else if (!path) {
        const auto chosen =
            destination(document(), path, {"Record a video", StartRecording::id, "video", extension});
        if (!chosen) {
            return {};
        }
    }
    const bool may_open = document().script.own || consent_->allows(ScriptRights::opens);
    LACT_CHECK(recording_->start(session(), choice, file, may_open));
    tell_of_frozen_image();
    document().recording_job = recording_->id();
    return {};
}

Result<void> SessionController::add_recording(CommandTable& commands) {
    LACT_CHECK(commands.add<StartRecording>(
        {"Record a video", "Ctrl+R",
         "Record the window, or the view alone, as a video along the camera path (one orbit where there is "
         "none). Runs in the background; every frame is exact.",
         "Record"},
        [this] {
            return recording_->running() ? std::string("A video is being recorded.")
                   : snapshot().frame    ? std::string()
                                         : std::string("There is no rendering yet.");
        },
        [this](const StartRecording& to) { return start_recording(to.path); }));
    return commands.add<StopRecording>(
        {"Stop recording", "", "Stop the recording; no video is written.", "Record"},
        [this] { return recording_->running() ? std::string() : std::string("Nothing is recorded."); },
        [this] { recording_->stop(); });
}

Result<void> SessionController::add_commands(CommandTable& commands) {
    const auto needs_frame = [this] {
        return snapshot().frame ? std::string() : std::string("There is no rendering yet.");
    };
    LACT_CHECK(commands.add<SaveRendering>(
        {"Save the rendering ...", "Ctrl+S",
         "Save the rendering at its own size, without enlargement, as PNG.", "File"},
        [this] { return why_no_rendering(snapshot(), document()); },
        [this](const SaveRendering& to) { return save_rendering(to); }));
    LACT_CHECK(
        commands.add<SaveSession>({"Save the session ...", "Ctrl+Alt+S",
                                   "Save scene, weights, inputs, rule, camera, all parameters, camera path, "
                                   "script and layout as JSON; open it like a scene.",
                                   "File"},
                                  needs_frame, [this](const SaveSession& to) { return save(to); }));
    return add_recording(commands);
}

}  // namespace lact::app
