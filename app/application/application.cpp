#include "app/application/application.h"

#include "app/commands/inspection_commands.h"
#include "app/commands/recording_job.h"
#include "app/document/open_target.h"
#include "app/platform/assets.h"
#include "app/ui/keys.h"
#include "app/ui/theme.h"
#include "engine/scene/json_field.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

namespace lact::app {

namespace {

double seconds_now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Parameters that are a person's habits, not what is being looked at.
constexpr std::array<const char*, 9> remembered = {"viewport.filter", "viewport.photo", "record.what",
                                                   "record.format",   "record.width",   "record.height",
                                                   "record.fps",      "record.quality", "record.folder"};

/// Menus from left to right; groups of actions that are not named here follow.
constexpr std::array<const char*, 8> menu_order = {"File", "Camera",  "Scene", "Rule",
                                                   "Film", "Compare", "View",  "Help"};

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
        program->log_.say(Severity::note, note, "settings");
    }
    LACT_CHECK(program->start());
    return program;
}

Application::Application(gfx::Display& display, ApplicationOptions options, Settings settings)
    : display_(display),
      options_(std::move(options)),
      settings_(std::move(settings)),
      jobs_([&display] { display.wake(); }),
      shell_(display, shell_options(settings_)),
      viewport_(services()),
      scene_(services()),
      overview_(services()),
      rule_(services()),
      fast_weights_(services()),
      linear_attention_(services()),
      compare_panel_(services(), settings_.recent),
      sequence_(services()),
      training_([&display] { display.wake(); }),
      training_panel_(services(), training_),
      status_(services(), log_),
      help_(services()),
      errors_(services(), log_),
      notices_(services(), log_),
      open_(services(), settings_.recent, [&display] { display.wake(); }),
      tour_(services()),
      poses_dialog_(services()),
      player_(commands_, parameters_, clock_, log_),
      camera_(services(), clock_, [&display] { display.wake(); }),
      scene_controller_(services(), engine_, jobs_),
      rule_controller_(services(), engine_),
      compare_(services(), engine_),
      tour_controller_(document_.tour, player_, camera_),
      path_(services(), clock_),
      script_(services(), player_, clock_,
              {[this] { return session(); }, [this](const SessionFile& s) { return open_session(s); },
               [this] { return panels_in_front(); }}),
      record_panel_(services(), recording_),
      recording_(jobs_, log_, options_.program),
      poses_(services(), jobs_, engine_, options_.search_path,
             [this](const std::filesystem::path& path) { open_path(path); }),
      engine_(options_.compute, log_, jobs_, [&display] { display.wake(); }) {}

Application::~Application() {
    remember();
}

PanelServices Application::services() {
    // Panels change the view; everything else they read or ask the actions for.
    return {&snapshot_, &document_, &commands_, &parameters_, &jobs_, &log_, &queries_};
}

Result<void> Application::fill_tables() {
    LACT_CHECK(add_file_commands());
    LACT_CHECK(camera_.add_commands(commands_));
    LACT_CHECK(scene_controller_.add_commands(commands_));
    LACT_CHECK(rule_controller_.add_commands(commands_));
    LACT_CHECK(compare_.add_commands(commands_));
    LACT_CHECK(add_view_commands());
    LACT_CHECK(add_parameters());
    LACT_CHECK(scene_controller_.add_parameters(parameters_));
    LACT_CHECK(add_matrix_parameters(services(), parameters_));
    LACT_CHECK(add_inside_parameters(services(), parameters_));
    LACT_CHECK(add_formula_links(commands_, parameters_));
    LACT_CHECK(camera_.add_glides(commands_));
    LACT_CHECK(rule_controller_.add_parameters(parameters_));
    LACT_CHECK(add_export_commands());
    LACT_CHECK(tour_controller_.add_commands(commands_));
    LACT_CHECK(path_.add_commands(commands_));
    LACT_CHECK(path_.add_parameters(parameters_));
    LACT_CHECK(add_record_parameters(document_, parameters_));
    LACT_CHECK(script_.add_commands(commands_));
    LACT_CHECK(poses_.add_commands(commands_));
    LACT_CHECK(add_session_commands());
    LACT_CHECK(add_training_commands(document_, training_, commands_, parameters_));
    LACT_CHECK(compare_.add_parameters(parameters_));
    return add_sequence_parameters(document_.sequence, commands_, parameters_);
}

void Application::load_the_tour() {
    if (const auto loaded = tour_controller_.load(commands_, parameters_); !loaded) {
        log_.add(loaded.error());
    }
    // Offered once: to a person (whose settings are kept) who has not seen it.
    if (!options_.settings_folder.empty() && !settings_.tour_offered && !options_.script &&
        !document_.tour.pages.empty()) {
        document_.tour.offered = true;
        settings_.tour_offered = true;
    }
}

void Application::restore() {
    if (options_.restore_size) {
        display_.resize(settings_.window_width, settings_.window_height);
    }
    for (const char* id : remembered) {
        const auto value = settings_.parameters.find(id);
        if (value != settings_.parameters.end()) {
            // A value that another version allowed is no reason to complain.
            (void)parameters_.set(id, *value);
        }
    }
}

Result<void> Application::start() {
    LACT_CHECK(fill_tables());
    restore();
    add_panels();
    load_the_tour();
    ShellHooks hooks;
    hooks.before_frame = [this] { before_frame(); };
    hooks.menu = [this] { draw_menu(); };
    hooks.overlay = [this](PanelContext& context) { draw_overlay(context); };
    hooks.dropped = [this](const std::vector<std::filesystem::path>& paths) {
        for (const auto& path : paths) {
            open_path(path);
        }
    };
    hooks.may_close = [this] { return may_close(); };
    shell_.set_hooks(std::move(hooks));
    bool weights_given = false;
    bool scene_given = false;
    for (const auto& path : options_.paths) {
        const OpenKind kind = dispatch_path(path).kind;
        weights_given = weights_given || kind == OpenKind::weights;
        scene_given = scene_given || kind == OpenKind::scene;
    }
    if (!weights_given) {
        LACT_TRY(const auto weights, find_bundled_weights(bundled_weights().front().name));
        engine_.open_weights(weights);
    }
    if (!scene_given) {
        LACT_TRY(const auto scene, find_bundled_scene(bundled_scenes().front().name));
        engine_.open_scene(scene);
    }
    for (const auto& path : options_.paths) {
        open_path(path);
    }
    if (options_.script) {
        LACT_TRY(Script script, load_script(*options_.script, commands_, parameters_));
        player_.play(std::move(script));
    }
    return {};
}

void Application::add_panels() {
    const auto add = [this](Panel panel) {
        panel.menu = [this, title = panel.title] { draw_panel_menu(title); };
        shell_.add_panel(std::move(panel));
    };
    add({"Scene", icon::images, DockSlot::left, [this](PanelContext& context) { scene_.draw(context); }});
    add({"View", icon::eye, DockSlot::centre, [this](PanelContext& context) { viewport_.draw(context); },
         true, true});
    add({"Overview", icon::cube, DockSlot::below, [this](PanelContext& context) { overview_.draw(context); },
         true, true});
    add({"Rule", icon::sliders, DockSlot::right, [this](PanelContext& context) { rule_.draw(context); }});
    add({"Fast weights",
         icon::grid,
         DockSlot::right,
         [this](PanelContext& context) { fast_weights_.draw(context); },
         /*open=*/true,
         /*edge_to_edge=*/false,
         {},
         "Weights"});
    add({"Linear attention",
         icon::bolt,
         DockSlot::right,
         [this](PanelContext& context) { linear_attention_.draw(context); },
         /*open=*/true,
         /*edge_to_edge=*/false,
         {},
         "Attention"});
    add({"Compare", icon::adjust, DockSlot::right,
         [this](PanelContext& context) { compare_panel_.draw(context); }});
    add({"Record", icon::record, DockSlot::right,
         [this](PanelContext& context) { record_panel_.draw(context); }});
    add({"Sequence", icon::next, DockSlot::right, [this](PanelContext& context) { sequence_.draw(context); },
         /*open=*/false});
    add({"Training", icon::chart, DockSlot::below,
         [this](PanelContext& context) { training_panel_.draw(context); },
         /*open=*/false});
    add({"Status", icon::info, DockSlot::below, [this](PanelContext& context) { status_.draw(context); }});
}

bool Application::idle() const {
    return settled() && !player_.touring();
}

bool Application::settled() const {
    return settled_but_for_motion() && !camera_.gliding() && !path_.playing() && !poses_.busy() &&
           !track_to_open_;
}

bool Application::settled_but_for_motion() const {
    const bool rests = clock_.held() || !snapshot_.frame || document_.rested.has_value();
    return engine_.idle() && sent_moves_ == document_.moves() &&
           snapshot_.version == engine_.snapshot().version &&
           (!sent_matrix_ || *sent_matrix_ == document_.matrix) && queries_.settled() && compare_.settled() &&
           rests;
}

void Application::before_frame() {
    const auto pair_before = snapshot_.pair;
    snapshot_ = engine_.snapshot();
    if (snapshot_.pair && snapshot_.pair != pair_before) {
        document_.compare.history.add(*snapshot_.pair);
    }
    if (engine_.idle()) {
        rule_controller_.engine_is_idle();
    }
    check_expected_weights();
    if (snapshot_.scene && snapshot_.scene->sequence != scene_sequence_) {
        scene_sequence_ = snapshot_.scene->sequence;
        document_.set_viewpoint(requested_viewpoint_ ? *std::exchange(requested_viewpoint_, std::nullopt)
                                                     : frame_all(snapshot_.scene->cameras()));
    }
    if (snapshot_.weights) {
        document_.matrix.layer = std::clamp(document_.matrix.layer, 0, snapshot_.weights->config.layers - 1);
        document_.matrix.head =
            std::clamp(document_.matrix.head, 0, snapshot_.weights->config.ttt_heads() - 1);
    }
    document_.selection.begin_frame();
    document_.now = clock_.now();
    document_.compare.table_seen = false;
    queries_.begin_frame(snapshot_.answers, snapshot_.state ? snapshot_.state->generation : 0);
    if (const auto weights = follower_.newer_weights(document_.training.follow, training_)) {
        engine_.open_weights(*weights);
    }
    if (track_to_open_ && engine_.idle()) {
        services().run("path.load", {{"path", std::exchange(track_to_open_, std::nullopt)->string()}});
    }
    path_.advance();
    poses_.advance();
    camera_.advance();
    send_requests();
    camera_.notice_rest();
    script_.advance();
    if (player_.step([this] { return settled(); })) {
        send_requests();
        display_.wake();  // the next step needs a frame
    }
}

void Application::send_requests() {
    if (!snapshot_.scene) {
        return;
    }
    if (sent_moves_ != document_.moves()) {
        sent_moves_ = document_.moves();
        engine_.set_camera(document_.viewpoint().camera(snapshot_.scene->size));
    }
    if (snapshot_.state && sent_matrix_ != document_.matrix) {
        sent_matrix_ = document_.matrix;
        engine_.request_matrix(document_.matrix);
    }
}

void Application::draw_menu() {
    std::vector<std::string> groups(menu_order.begin(), menu_order.end());
    for (const Command& command : commands_.all()) {
        if (std::find(groups.begin(), groups.end(), command.group) == groups.end()) {
            groups.push_back(command.group);
        }
    }
    for (const std::string& group : groups) {
        if (!ImGui::BeginMenu(group.c_str())) {
            continue;
        }
        for (const Command& command : commands_.all()) {
            const bool needs_more =
                std::any_of(command.arguments.begin(), command.arguments.end(),
                            [](const CommandArgument& argument) { return argument.required; });
            if (command.group != group || needs_more) {
                continue;
            }
            const std::string why = command.disabled_because ? command.disabled_because() : "";
            if (ImGui::MenuItem(command.title.c_str(), command.key.c_str(), false, why.empty())) {
                services().run(command.id);
            }
            ImGui::SetItemTooltip("%s%s%s", command.tooltip.c_str(), why.empty() ? "" : "\n", why.c_str());
        }
        if (group == "View") {
            ImGui::Separator();
            shell_.panel_menu_items();
        }
        ImGui::EndMenu();
    }
    draw_summary();
}

/// What is in use and what it costs, at the right end of the menu bar.
void Application::draw_summary() {
    if (!snapshot_.weights || !snapshot_.state || !snapshot_.frame) {
        return;
    }
    const std::string text =
        fmt::format("{}   {}   {}, {}", snapshot_.weights->name, snapshot_.weights->device,
                    snapshot_.state->rule_text,
                    snapshot_.state->rule_switched ? "switched at inference" : "as trained") +
        (document_.show_times ? fmt::format("   state built once in {}   this view {}",
                                            document_.times(snapshot_.state->set_up_ms),
                                            document_.times(snapshot_.frame->milliseconds))
                              : std::string());
    const float width = ImGui::CalcTextSize(text.c_str()).x + ImGui::GetStyle().ItemSpacing.x * 2;
    const float left = ImGui::GetWindowWidth() - width;
    if (left <= ImGui::GetCursorPosX()) {
        return;
    }
    ImGui::SetCursorPosX(left);
    const Palette& colours = palette(shell_.theme());
    ImGui::TextColored(snapshot_.state->rule_switched ? colours.warning : colours.muted, "%s", text.c_str());
}

void Application::draw_overlay(PanelContext& context) {
    if (const auto done = run_pressed_command(commands_, document_.flying); !done) {
        log_.add(done.error());
    }
    help_.draw(context);
    open_.draw(context);
    poses_dialog_.draw(context);
    errors_.draw(context);
    tour_.draw(context);
    notices_.draw(context);
    send_requests();
    compare_.send();
    if (auto queries = queries_.changed()) {
        engine_.ask(std::move(*queries));
    }
}

void Application::open_path(const std::filesystem::path& path) {
    const OpenTarget target = dispatch_path(path);
    switch (target.kind) {
        case OpenKind::scene:
            engine_.open_scene(target.path);
            break;
        case OpenKind::photos:
            poses_.offer(target.path, target.photos);
            return;
        case OpenKind::weights:
            engine_.open_weights(target.path);
            break;
        case OpenKind::script:
            if (const auto played = play_script_file(target.path); !played) {
                log_.add(played.error());
            }
            break;
        case OpenKind::session:
            if (const auto opened = open_recorded(target.path); !opened) {
                log_.add(opened.error());
                return;
            }
            break;
        case OpenKind::camera_path:
            track_to_open_ = target.path;  // For the scene that is being opened, if one is.
            display_.wake();
            break;
        case OpenKind::training:
            if (const auto opened = training_.open(target.path); !opened) {
                log_.add(opened.error());
                return;
            }
            services().run("panel.show", {{"panel", "Training"}});
            break;
        case OpenKind::unknown:
            log_.add({target.sentence, path.string(), {}, false});
            return;
    }
    remember_recent(settings_, std::filesystem::absolute(path));
}

/// Plays a script; it becomes the one that films play.
Result<void> Application::play_script_file(const std::filesystem::path& path) {
    LACT_TRY(nlohmann::json steps, parse_json_file(path));
    LACT_TRY(Script script, parse_script(steps, path.string(), commands_, parameters_));
    script_.adopt(std::move(steps));
    player_.play(std::move(script));
    return {};
}

std::vector<std::string> Application::panels_in_front() const {
    std::vector<std::string> titles;
    for (const Panel& panel : shell_.panels()) {
        if (panel.seen) {
            titles.push_back(panel.title);
        }
    }
    return titles;
}

/// A film that took minutes is not lost by one key.
bool Application::may_close() {
    constexpr double meant_seconds = 15;
    if (!recording_.running() || seconds_now() - asked_to_close_ < meant_seconds) {
        return true;
    }
    asked_to_close_ = seconds_now();
    log_.say(Severity::warning, "a film is being recorded; close the window again to stop it and leave",
             "closing");
    display_.wake();
    return false;
}

Result<void> Application::run(const std::stop_token& stop) {
    const std::stop_callback on_stop(stop, [this] { display_.wake(); });
    if (!options_.screenshot) {
        while (!stop.stop_requested()) {
            LACT_CHECK(shell_.step(std::nullopt));
            if (const auto saved = save_images(); !saved) {
                log_.add(saved.error());
            }
            if (shell_.closing()) {
                break;
            }
        }
        return {};
    }
    LACT_CHECK(settle(120, stop));
    if (const auto failure = player_.failure()) {
        return tl::unexpected<Error>(*failure);
    }
    for (const LogEntry& entry : log_.after(0)) {
        if (entry.severity == Severity::error) {
            return fail(entry.where, entry.what, entry.hint);
        }
    }
    return shell_.save_screenshot(*options_.screenshot);
}

Result<void> Application::settle(double seconds, const std::stop_token& stop) {
    const double deadline = seconds_now() + seconds;
    int quiet = 0;
    while (quiet < 4) {
        if (stop.stop_requested()) {
            return cancelled();
        }
        LACT_TRY(const bool drew, shell_.frame());
        (void)drew;
        if (const auto saved = save_images(); !saved) {
            log_.add(saved.error());
        }
        const bool busy = !idle() || !snapshot_.frame || jobs_.any_running() || player_.playing();
        const bool failed = !snapshot_.frame && engine_.idle() && log_.last() > 0;
        quiet = busy && !failed ? 0 : quiet + 1;
        if (quiet == 0) {
            (void)display_.wait(player_.playing() ? 0 : 0.02);
            if (seconds_now() > deadline) {
                return fail("window", fmt::format("it is still busy after {:.0f} seconds", seconds));
            }
        }
    }
    return {};
}

void Application::remember() {
    if (options_.settings_folder.empty()) {
        return;
    }
    settings_.theme = shell_.theme() == Theme::light ? "light" : "dark";
    settings_.ui_scale = shell_.user_scale();
    settings_.layout = shell_.layout();
    const auto [width, height] = display_.size();
    settings_.window_width = width;
    settings_.window_height = height;
    for (const char* id : remembered) {
        if (const auto value = parameters_.get(id)) {
            settings_.parameters[id] = *value;
        }
    }
    if (const auto saved = save_settings(options_.settings_folder, settings_); !saved) {
        fmt::print(stderr, "warning: settings were not saved: {}\n", saved.error().message());
    }
}

// The window at a given moment of the program's clock: for recordings.
void Application::hold_clock(double seconds) {
    if (!clock_.held()) {
        camera_.rested_before(seconds);  // The camera has rested when the film begins.
    }
    clock_.hold(seconds);
}

Result<Image8> Application::exact_frame(const Job& job) {
    constexpr int quiet_frames = 3;  // ImGui needs them to settle sizes.
    constexpr double patience = 120;
    const auto began = std::chrono::steady_clock::now();
    int quiet = 0;
    std::size_t place = player_.place();
    while (quiet < quiet_frames) {
        if (job.stopped()) {
            return cancelled();
        }
        LACT_TRY(const bool drew, shell_.frame());
        (void)drew;
        const bool moved_on = player_.place() != place;
        place = player_.place();
        quiet = settled_but_for_motion() && !moved_on && !jobs_.any_running() ? quiet + 1 : 0;
        if (quiet == 0) {
            (void)display_.wait(0.005);
        }
        const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - began;
        if (waited.count() > patience) {
            return fail("recording", fmt::format("a frame is still busy after {:.0f} seconds", patience));
        }
    }
    Image8 image;
    LACT_TRY(const bool visible, shell_.frame(&image));
    (void)visible;
    return image;
}

bool Application::playback_over() const {
    const bool flies = path_.playing() && path_.seconds_left() > 0;
    return !player_.playing() && !player_.touring() && !camera_.gliding() && !flies;
}

double Application::playback_seconds_left() const {
    return std::max({player_.seconds_left(), camera_.glide_seconds_left(), path_.seconds_left()});
}

bool Application::loop_closes_within(double seconds) const {
    const auto path = document_.path.evaluator();
    return path && path->closed() && path_.playing() && !player_.playing() && !camera_.gliding() &&
           path_.seconds_left() <= seconds;
}

}  // namespace lact::app
