#include "app/application/application.h"

#include "app/commands/output_files.h"
#include "app/document/open_target.h"
#include "app/platform/assets.h"
#include "app/platform/terminal.h"
#include "engine/core/guarded.h"
#include "engine/core/printable.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

/// Parameters that the settings store: preferences of the user.
constexpr std::array<std::string_view, 11> remembered = {
    "viewport.filter", "viewport.photo", "viewport.overlays", "record.what",
    "record.labels",   "record.format",  "record.width",      "record.height",
    "record.fps",      "record.quality", "record.folder"};

ShellOptions shell_options(const Settings& settings) {
    ShellOptions options;
    options.theme = settings.theme == "light" ? Theme::light : Theme::dark;
    options.user_scale = static_cast<float>(settings.ui_scale);
    options.layout = settings.layout;
    return options;
}

}  // namespace

Result<std::unique_ptr<Application>> Application::create(gfx::Display& display, ApplicationOptions options) {
    LoadedSettings loaded;
    if (!options.settings_folder.empty()) {
        loaded = load_settings(options.settings_folder);
    }
    auto program = std::unique_ptr<Application>(new Application(
        display, std::move(options), std::move(loaded.settings)));  // NOLINT: private constructor
    for (const std::string& note : loaded.notes) {
        program->runtime_.log.say(Severity::note, note, "settings");
    }
    LACT_CHECK(program->start());
    return program;
}

Application::Application(gfx::Display& display, ApplicationOptions options, Settings settings)
    : display_(display),
      options_(std::move(options)),
      settings_(std::move(settings)),
      runtime_(options_.compute, [&display] { display.wake(); }),
      tables_(runtime_.log),
      shell_(display, shell_options(settings_)),
      controllers_(services(), runtime_, tables_, clock_, hooks(), options_.program, options_.search_path),
      panels_(services(), [&display] { display.wake(); }),
      window_commands_(services(), shell_, panels_, controllers_.session),
      menu_bar_(services(), shell_) {}

Application::~Application() {
    const auto remembered = guarded("settings", [this] {
        remember();
        return Result<void>{};
    });
    if (!remembered) {
        print_err("warning: settings were not saved: {}\n", remembered.error().message());
    }
}

WindowHooks Application::hooks() {
    WindowHooks hooks;
    hooks.layout.get = [this] { return shell_.layout(); };
    hooks.layout.set = [this](const std::string& layout) { return shell_.set_layout(layout); };
    hooks.panels_in_front = [this] {
        std::vector<std::string> titles;
        for (const Panel& panel : shell_.panels()) {
            if (panel.seen) {
                titles.push_back(panel.title);
            }
        }
        return titles;
    };
    hooks.wake = [this] { display_.wake(); };
    return hooks;
}

void Application::load_the_tour() {
    const auto loaded = controllers_.tour.load(tables_.commands, tables_.parameters);
    tables_.dispatch.report(loaded);
    // Offered once to each user, whose settings remember that.
    if (!options_.settings_folder.empty() && !settings_.tour_offered && !options_.script &&
        !document_.tour.pages.empty()) {
        document_.tour.offered = true;
        settings_.tour_offered = true;
    }
}

/// Offers what was open last: its scene, weights and camera. The rest of the settings stays.
void Application::restore_last() {
    if (settings_.last.empty()) {
        return;
    }
    auto last = session_from(settings_.last, "settings", options_.settings_folder);
    std::error_code problem;
    if (last && std::filesystem::exists(last->scene, problem)) {
        last->notes.clear();
        controllers_.open.set_last(std::move(*last));
    }
}

/// What is open, for the next start; nothing where it is what the program opens with.
nlohmann::json Application::what_is_open() const {
    SessionFile now = controllers_.session.session_now();
    const auto scene = find_bundled_scene(bundled_scenes().front().name);
    const auto weights = find_bundled_weights(bundled_weights().front().name);
    const bool usual_weights = now.weights.empty() || (weights && now.weights == *weights);
    if (now.scene.empty() || (scene && now.scene == *scene && usual_weights)) {
        return nlohmann::json::object();
    }
    // The size may be what fits into memory.
    now.parameters = now.parameters.contains("model.size")
                         ? nlohmann::json{{"model.size", now.parameters["model.size"]}}
                         : nlohmann::json::object();
    now.layout.clear();
    now.track = {};
    return to_json(now);
}

void Application::restore() {
    document_.recent = settings_.recent;
    restore_last();
    if (options_.restore_size) {
        display_.resize(settings_.window_width, settings_.window_height);
    }
    for (const auto& [id, json] : settings_.parameters.items()) {
        const Parameter* parameter = tables_.parameters.find(id);
        if (parameter == nullptr || std::ranges::find(remembered, parameter->id) == remembered.end()) {
            continue;
        }
        // Values of other versions that are not allowed now are ignored.
        if (const auto value = value_from_json(json); value) {
            (void)tables_.parameters.set(id, *value);
        }
    }
}

Result<void> Application::start() {
    LACT_CHECK(controllers_.add_to(tables_));
    LACT_CHECK(window_commands_.add_to(tables_));
    keys_.emplace(tables_.commands, shell_.keys());
    document_.user_present = options_.user;
    if (options_.allow_writes) {
        controllers_.consent.allow(options_.overwrite ? ScriptRights::all : ScriptRights::new_files);
    }
    restore();
    panels_.add_to(shell_);
    load_the_tour();
    ShellHooks hooks;
    hooks.before_frame = [this] { before_frame(); };
    hooks.keys_changed = [this] { keys_->refresh(); };
    hooks.menu = [this] { menu_bar_.draw(); };
    hooks.overlay = [this](PanelContext& context) { draw_overlay(context); };
    hooks.dropped = [this](const std::vector<std::filesystem::path>& paths) {
        for (const auto& path : paths) {
            controllers_.open.open(path);
        }
    };
    hooks.may_close = [this] { return may_close(); };
    shell_.set_hooks(std::move(hooks));
    return open_what_was_given();
}

/// Opens the paths of the command line; bundled weights and scene where it has none.
Result<void> Application::open_what_was_given() {
    bool weights_given = false;
    bool scene_given = false;
    for (const auto& path : options_.paths) {
        const OpenKind kind = dispatch_path(path).kind;
        weights_given = weights_given || kind == OpenKind::weights;
        scene_given = scene_given || kind == OpenKind::scene;
    }
    if (!weights_given) {
        LACT_TRY(const auto weights, find_bundled_weights(bundled_weights().front().name));
        runtime_.engine.open_weights(weights);
    }
    if (!scene_given) {
        LACT_TRY(const auto scene, find_bundled_scene(bundled_scenes().front().name));
        runtime_.engine.open_scene(scene);
    }
    for (const auto& path : options_.paths) {
        controllers_.open.open(path);
    }
    if (options_.script) {
        LACT_TRY(Script script, load_script(*options_.script, tables_.commands, tables_.parameters));
        script.rights = options_.overwrite ? ScriptRights::all : ScriptRights::new_files;
        controllers_.player.play_afterwards(std::move(script));
    }
    return {};
}

void Application::before_frame() {
    const auto pair_before = runtime_.frame.engine->pair;
    runtime_.refresh();
    if (const auto& pair = runtime_.frame.engine->pair; pair && pair != pair_before) {
        document_.compare.history.add(*pair);
    }
    const Snapshot& now = *runtime_.frame.engine;
    document_.selection.begin_frame();
    document_.now = clock_.now();
    document_.records_video = controllers_.recording.running();
    document_.finds_poses = controllers_.poses.busy();
    document_.runs_experiment = active_experiment(now) != nullptr;
    document_.tour.playing = controllers_.player.touring();
    document_.compare.table_seen = false;
    document_.queries.begin_frame(now.answers, now.state ? now.state->generation : 0);
    if (controllers_.advance()) {
        display_.wake();  // The next step needs a frame.
    }
}

void Application::draw_overlay(PanelContext& context) {
    // Dear ImGui has closed the popup by now where Esc is for it.
    tables_.dispatch.report(
        keys_->run_pressed(document_.flying, document_.help_focused || document_.popup_open));
    panels_.draw_over(context);
    controllers_.send();
}

Result<void> Application::run_script(const nlohmann::json& steps, const std::string& where,
                                     ScriptRights rights) {
    LACT_TRY(Script script, parse_script(steps, where, tables_.commands, tables_.parameters));
    script.rights = rights;
    controllers_.player.play(std::move(script));
    return {};
}

void Application::save_images() {
    controllers_.script_pauses = true;
    tables_.dispatch.report(window_commands_.save_images());
    controllers_.script_pauses = false;
}

/// One key must not lose minutes of work: the user is asked first.
bool Application::may_close() {
    if (document_.quit_confirmed || losses_on_quit(document_, controllers_.recording.running()).empty()) {
        return true;
    }
    document_.quit_requested = true;
    display_.wake();
    return false;
}

std::string Application::rescue() const {
    if (options_.settings_folder.empty() || !(document_.unsaved_path() || document_.unsaved_script())) {
        return {};
    }
    std::error_code problem;  // The folder is made with the settings; a problem shows below.
    std::filesystem::create_directories(options_.settings_folder, problem);
    const auto file = unused(options_.settings_folder / default_name("rescued", session_extension));
    if (const auto saved = save_session_file(file, session()); !saved) {
        return "What was not saved is lost: " + saved.error().message();
    }
    return fmt::format("The camera path and the script that were not saved are in {}: open it to go on.",
                       printable(file.string()));
}

Result<void> Application::run(const std::stop_token& stop) {
    const std::stop_callback on_stop(stop, [this] { display_.wake(); });
    if (!options_.screenshot) {
        while (!stop.stop_requested()) {
            // Also what a frame throws must not lose what was not saved.
            const Result<bool> closes = guarded("window", [this]() -> Result<bool> {
                LACT_CHECK(shell_.step(std::nullopt));
                save_images();
                return shell_.closing();
            });
            if (!closes) {
                Error error = closes.error();
                const std::string saved = rescue();
                error.hint += (error.hint.empty() || saved.empty() ? "" : " ") + saved;
                return tl::unexpected<Error>(std::move(error));
            }
            if (*closes) {
                return {};
            }
        }
        if (const std::string saved = rescue(); !saved.empty()) {
            print_err("{}\n", saved);
        }
        return {};
    }
    LACT_CHECK(settle(120, stop));
    if (const auto failure = controllers_.player.failure()) {
        return tl::unexpected<Error>(*failure);
    }
    LACT_CHECK(first_error());
    return shell_.save_screenshot(*options_.screenshot, controllers_.session.provenance());
}

Result<void> Application::first_error() const {
    for (const LogEntry& entry : runtime_.log.after(0)) {
        if (entry.severity == Severity::error) {
            return fail(entry.where, entry.what, entry.hint);
        }
    }
    return {};
}

Result<void> Application::settle(double seconds, const std::stop_token& stop) {
    const ScriptPlayer& player = controllers_.player;
    double went_on = steady_seconds();
    std::size_t place = player.place();
    std::uint64_t version = runtime_.frame.engine->version;
    int quiet = 0;
    while (quiet < 4) {
        if (stop.stop_requested()) {
            return cancelled();
        }
        LACT_TRY(const bool drew, shell_.frame());
        (void)drew;
        save_images();
        // Frames of a path that is flown in a loop lead nowhere.
        const bool computed = runtime_.frame.engine->version != version && !controllers_.path.playing();
        if (computed || player.place() != place) {
            went_on = steady_seconds();
        }
        place = player.place();
        version = runtime_.frame.engine->version;
        const bool works = player.playing() || runtime_.jobs.any_running();
        const double limit = works ? std::max(seconds, longest_script_wait) : seconds;
        const bool no_frame = !runtime_.frame.engine->frame;
        const bool busy = !idle() || no_frame || works;
        const bool failed = no_frame && runtime_.engine.idle() && runtime_.log.last() > 0;
        quiet = busy && !failed ? 0 : quiet + 1;
        if (quiet == 0) {
            (void)display_.wait(player.playing() ? 0 : 0.02);
            if (steady_seconds() - went_on > limit) {
                return fail("window", fmt::format("it is still busy after {:.0f} seconds", limit));
            }
        }
    }
    return {};
}

void Application::hold_clock(double seconds) {
    if (!clock_.held()) {
        controllers_.camera.rested_before(seconds);  // The camera has rested when the video begins.
    }
    clock_.hold(seconds);
}

Result<Image8> Application::exact_frame(const Job& job) {
    constexpr int quiet_frames = 3;         // ImGui needs them to settle sizes.
    constexpr double longest_frame = 3600;  // A state of large weights takes many minutes on a CPU.
    const double began = steady_seconds();
    const ScriptPlayer& player = controllers_.player;
    int quiet = 0;
    std::size_t place = player.place();
    while (quiet < quiet_frames) {
        if (job.stopped()) {
            return cancelled();
        }
        LACT_TRY(const bool drew, shell_.frame());
        (void)drew;
        save_images();  // That the script asks for.
        const bool moved_on = player.place() != place;
        place = player.place();
        const bool settled =
            controllers_.settled_but_for_motion() && !moved_on && !runtime_.jobs.any_running();
        quiet = settled ? quiet + 1 : 0;
        if (quiet == 0) {
            (void)display_.wait(0.005);
        }
        if (steady_seconds() - began > longest_frame) {
            return fail("recording",
                        fmt::format("a frame is still busy after {:.0f} seconds", longest_frame));
        }
    }
    Image8 image;
    LACT_TRY(const bool visible, shell_.frame(&image));
    (void)visible;
    return image;
}

bool Application::playback_over() const {
    const PathController& path = controllers_.path;
    const bool flies = path.playing() && path.seconds_left() > 0;
    const ScriptPlayer& player = controllers_.player;
    return !player.playing() && !player.touring() && !controllers_.camera.gliding() && !flies;
}

double Application::playback_seconds_left() const {
    return std::max({controllers_.player.seconds_left(), controllers_.camera.glide_seconds_left(),
                     controllers_.path.seconds_left()});
}

bool Application::loop_closes_within(double seconds) const {
    const auto path = document_.path.evaluator();
    return path && path->closed() && controllers_.path.playing() && !controllers_.player.playing() &&
           !controllers_.camera.gliding() && controllers_.path.seconds_left() <= seconds * (1 + 1e-6);
}

void Application::remember() {
    if (options_.settings_folder.empty()) {
        return;
    }
    settings_.theme = shell_.theme() == Theme::light ? "light" : "dark";
    settings_.ui_scale = shell_.user_scale();
    settings_.layout = shell_.layout();
    settings_.recent = document_.recent;
    settings_.last = what_is_open();
    if (settings_.last.empty() && controllers_.open.last()) {
        settings_.last = to_json(*controllers_.open.last());  // Still offered next time.
    }
    const auto [width, height] = display_.size();
    settings_.window_width = width;
    settings_.window_height = height;
    for (const std::string_view id : remembered) {
        if (const auto value = tables_.parameters.get(id)) {
            settings_.parameters[std::string(id)] = *value;
        }
    }
    if (const auto saved = save_settings(options_.settings_folder, settings_); !saved) {
        print_err("warning: settings were not saved: {}\n", saved.error().message());
    }
}

}  // namespace lact::app
