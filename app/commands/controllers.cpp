#include "app/commands/controllers.h"

#include "app/commands/inspection_commands.h"
#include "app/compare/side_spec.h"

#include <algorithm>
#include <utility>

namespace lact::app {

Controllers::Controllers(PanelServices given, Runtime& run, Tables& tables, const FrameClock& frame_clock,
                         const WindowHooks& hooks, std::filesystem::path recorder, std::string search_path)
    : runtime(&run),
      clock(&frame_clock),
      services(given),
      player(tables.commands, tables.parameters, frame_clock, run.log),
      consent(given),
      camera(given, frame_clock, hooks.wake),
      scene(given, run.engine, run.jobs),
      rule(given, run.engine),
      compare(given, run.engine),
      experiment(given, run.engine),
      path(given, frame_clock),
      recording(run.jobs, run.log, std::move(recorder), run.compute),
      session(given, run.engine, scene, player, consent, recording, hooks.layout,
              [this] { return settled_but_for_experiment(); }),
      script(given, player, frame_clock,
             {[this] { return session.session(); }, [this] { return session.session_now(); },
              [this](const SessionFile& file) {
                  return session.ask_and_open(file, "the script of the document");
              },
              [this](const SessionFile& file) { return session.open(file, ScriptRights::all); },
              hooks.panels_in_front}),
      tour(given.document->tour, player, camera),
      open(given, run.engine, run.training, session, script, player, consent),
      poses(given, run.jobs, run.engine, std::move(search_path),
            [this](const std::filesystem::path& folder) { open.open(folder); }),
      requests(given, run.engine),
      undo(given, frame_clock, [this] { return player.playing() || player.touring(); }) {
    open.set_poses(poses);
}

namespace {

/// Ids of earlier versions, which scripts, sessions and settings may still have. docs/scripting.md lists
/// them.
Result<void> add_aliases(CommandTable& commands, ParameterTable& parameters) {
    LACT_CHECK(commands.alias("look.at", ShowTerm::id));
    LACT_CHECK(commands.alias("compare.truth", CompareWithGroundTruth::id));
    LACT_CHECK(commands.alias("compare.stand", GoWhereBothAreSeen::id));
    LACT_CHECK(parameters.alias("weights.look", "weights.mode"));
    LACT_CHECK(parameters.alias("linear.side", "linear.factor"));
    return parameters.alias("sequence.look", "sequence.mode");
}

}  // namespace

namespace {

/// What touches other files only with some values: the weights of a comparison, the image of the sequence
/// panel.
void add_effects(CommandTable& commands, ParameterTable& parameters) {
    // A text that is no side opens nothing; it is refused where it is set.
    const auto names_weights = [](const std::string& side) {
        const auto spec = parse_side_spec(side);
        return spec && spec->weights.has_value();
    };
    commands.set_effect(CompareWith::id, [names_weights](const nlohmann::json& with) {
        const auto side = with.find("side");
        const bool opens = side != with.end() && side->is_string() && names_weights(side->get<std::string>());
        return opens ? Effect::opens : Effect::shows;
    });
    for (const char* id : {"compare.a", "compare.b"}) {
        parameters.set_effect(id, [names_weights](const ParameterValue& value) {
            const bool opens = value.is_text() && names_weights(value.get<std::string>());
            return opens ? Effect::opens : Effect::shows;
        });
    }
    parameters.set_effect("sequence.image", [](const ParameterValue& value) {
        const bool opens = value.is_text() && !value.get<std::string>().empty();
        return opens ? Effect::opens : Effect::shows;
    });
}

}  // namespace

Result<void> Controllers::add_to(Tables& tables) {
    CommandTable& commands = tables.commands;
    ParameterTable& parameters = tables.parameters;
    Document& document = *services.document;
    LACT_CHECK(open.add_commands(commands));
    LACT_CHECK(undo.add_commands(commands));
    LACT_CHECK(consent.add_commands(commands));
    LACT_CHECK(camera.add_commands(commands));
    LACT_CHECK(scene.add_commands(commands));
    LACT_CHECK(rule.add_commands(commands));
    LACT_CHECK(compare.add_commands(commands));
    LACT_CHECK(experiment.add_commands(commands));
    LACT_CHECK(camera.add_parameters(parameters));
    LACT_CHECK(scene.add_parameters(parameters));
    LACT_CHECK(add_matrix_parameters(services, parameters));
    LACT_CHECK(add_inspection_parameters(services, parameters));
    LACT_CHECK(add_formula_links(commands, parameters));
    LACT_CHECK(add_pin_commands(services, commands));
    LACT_CHECK(camera.add_glides(commands));
    LACT_CHECK(rule.add_parameters(parameters));
    LACT_CHECK(tour.add_commands(commands));
    LACT_CHECK(path.add_commands(commands));
    LACT_CHECK(path.add_parameters(parameters));
    LACT_CHECK(add_record_parameters(document, parameters));
    LACT_CHECK(script.add_commands(commands));
    LACT_CHECK(poses.add_commands(commands));
    LACT_CHECK(session.add_commands(commands));
    LACT_CHECK(add_training_commands(document, runtime->training, commands, parameters));
    LACT_CHECK(compare.add_parameters(parameters));
    LACT_CHECK(experiment.add_parameters(parameters));
    LACT_CHECK(add_sequence_parameters(document.sequence, commands, parameters));
    add_effects(commands, parameters);
    return add_aliases(commands, parameters);
}

namespace {

/// Whether the engine, which has nothing left to build, shows something else than what was requested of it.
bool was_refused(const Document& document, const Snapshot& shown) {
    const auto& inputs = document.requested_inputs;
    const bool same_scene = shown.scene && inputs && inputs->first == shown.scene->sequence;
    return (same_scene && inputs->second != shown.scene->inputs) ||
           (shown.scene && document.requested_size && *document.requested_size != shown.scene->size) ||
           (shown.state && document.requested_rule && *document.requested_rule != shown.state->rule);
}

}  // namespace

bool Controllers::advance() {
    Document& document = *services.document;
    const bool set_up_settled = runtime->engine.set_up_settled(*services.snapshot);
    if (set_up_settled) {
        const bool refused = was_refused(document, *services.snapshot);
        rule.set_up_is_settled();
        document.requested_inputs.reset();
        document.requested_size.reset();
        if (refused) {
            undo.withdraw();
        }
    }
    if (const auto& opened = services.snapshot->scene) {
        document.selection.follow_inputs(opened->sequence, opened->inputs);
    }
    session.advance();
    if (const auto& weights = services.snapshot->weights) {
        document.matrix.layer = std::clamp(document.matrix.layer, 0, weights->config.layers - 1);
        document.matrix.head = std::clamp(document.matrix.head, 0, weights->config.ttt_heads() - 1);
        ExperimentSettings& measured = document.experiment.settings;
        measured.layer = std::clamp(measured.layer, -1, weights->config.layers - 1);
        measured.head = std::clamp(measured.head, -1, weights->config.ttt_heads() - 1);
    }
    if (const auto weights = follower.newer_weights(document.training.follow, runtime->training)) {
        runtime->engine.open_weights(*weights);
    }
    open.advance();
    path.advance();
    poses.advance();
    camera.advance();
    requests.send_camera_and_matrix();
    camera.notice_rest();
    script.advance();
    undo.advance(set_up_settled);
    document.script_acts = true;
    const bool stepped = !script_pauses && player.step([this] { return settled(); });
    document.script_acts = false;
    if (stepped) {
        requests.send_camera_and_matrix();
    }
    return stepped;
}

void Controllers::send() {
    requests.send_camera_and_matrix();
    compare.send();
    requests.send_queries();
}

bool Controllers::settled() const {
    return settled_but_for_motion() && !camera.gliding() && !path.playing() && !poses.busy() && !open.busy();
}

bool Controllers::settled_but_for_motion() const {
    return runtime->engine.idle() && settled_but_for_experiment();
}

bool Controllers::settled_but_for_experiment() const {
    const Document& document = *services.document;
    const bool rests = clock->held() || !services.snapshot->frame || document.rested.has_value();
    return runtime->engine.idle_but_for_experiment() && requests.settled() && compare.settled() && rests;
}

}  // namespace lact::app
