#include "app/program/window_program.h"

#include "app/cli/assets.h"
#include "app/core/open_dispatch.h"
#include "app/program/inside_parameters.h"
#include "app/program/keys.h"
#include "app/program/look_actions.h"
#include "app/program/record_parameters.h"
#include "app/program/sequence_parameters.h"
#include "app/window/icons.h"
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

window::ShellOptions shell_options(const Settings& settings) {
    window::ShellOptions options;
    options.theme = settings.theme == "light" ? window::Theme::light : window::Theme::dark;
    options.user_scale = static_cast<float>(settings.ui_scale);
    options.layout = settings.layout;
    return options;
}

}  // namespace

Result<std::unique_ptr<WindowProgram>> WindowProgram::create(window::Display& display,
                                                             WindowOptions options) {
    LoadedSettings loaded;
    if (!options.settings_folder.empty()) {
        loaded = load_settings(options.settings_folder);
    }
    auto program = std::unique_ptr<WindowProgram>(new WindowProgram(
        display, std::move(options), std::move(loaded.settings)));  // NOLINT: private constructor
    for (const std::string& note : loaded.notes) {
        program->log_.say(Severity::note, note, "settings");
    }
    LACT_CHECK(program->start());
    return program;
}

WindowProgram::WindowProgram(window::Display& display, WindowOptions options, Settings settings)
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
      story_(actions_, parameters_, clock_, log_),
      camera_(services(), clock_, [&display] { display.wake(); }),
      scene_desk_(services(), engine_, jobs_),
      rule_desk_(services(), engine_),
      compare_(services(), engine_),
      tour_desk_(tour_, story_, camera_),
      path_(services(), clock_),
      script_(services(), story_, clock_,
              {[this] { return session(); }, [this](const SessionFile& s) { return open_session(s); },
               [this] { return panels_in_front(); }}),
      record_panel_(services(), film_),
      film_(jobs_, log_, options_.program),
      poses_(services(), jobs_, engine_, options_.search_path,
             [this](const std::filesystem::path& path) { open_path(path); }),
      engine_(options_.compute, log_, jobs_, [&display] { display.wake(); }) {}

WindowProgram::~WindowProgram() {
    remember();
}

PanelServices WindowProgram::services() {
    // Panels change the view; everything else they read or ask the actions for.
    return {&published_, &view_, &actions_, &parameters_, &jobs_, &log_, &questions_};
}

Result<void> WindowProgram::fill_tables() {
    LACT_CHECK(add_file_actions());
    LACT_CHECK(camera_.add_actions(actions_));
    LACT_CHECK(scene_desk_.add_actions(actions_));
    LACT_CHECK(rule_desk_.add_actions(actions_));
    LACT_CHECK(compare_.add_actions(actions_));
    LACT_CHECK(add_view_actions());
    LACT_CHECK(add_parameters());
    LACT_CHECK(scene_desk_.add_parameters(parameters_));
    LACT_CHECK(add_matrix_parameters(services(), parameters_));
    LACT_CHECK(add_inside_parameters(services(), parameters_));
    LACT_CHECK(add_look_actions(actions_, parameters_));
    LACT_CHECK(camera_.add_glides(actions_));
    LACT_CHECK(rule_desk_.add_parameters(parameters_));
    LACT_CHECK(add_export_actions());
    LACT_CHECK(tour_desk_.add_actions(actions_));
    LACT_CHECK(path_.add_actions(actions_));
    LACT_CHECK(path_.add_parameters(parameters_));
    LACT_CHECK(add_record_parameters(view_, parameters_));
    LACT_CHECK(script_.add_actions(actions_));
    LACT_CHECK(poses_.add_actions(actions_));
    LACT_CHECK(add_session_actions());
    LACT_CHECK(add_training_actions(view_, training_, actions_, parameters_));
    LACT_CHECK(compare_.add_parameters(parameters_));
    return add_sequence_parameters(view_.sequence, actions_, parameters_);
}

void WindowProgram::load_the_tour() {
    if (const auto loaded = tour_desk_.load(actions_, parameters_); !loaded) {
        log_.add(loaded.error());
    }
    // Offered once: to a person (whose settings are kept) who has not seen it.
    if (!options_.settings_folder.empty() && !settings_.tour_offered && !options_.script &&
        !tour_.tour().empty()) {
        tour_.offer();
        settings_.tour_offered = true;
    }
}

void WindowProgram::restore() {
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

Result<void> WindowProgram::start() {
    LACT_CHECK(fill_tables());
    restore();
    add_panels();
    load_the_tour();
    window::ShellHooks hooks;
    hooks.before_frame = [this] { before_frame(); };
    hooks.menu = [this] { draw_menu(); };
    hooks.overlay = [this](window::PanelContext& context) { draw_overlay(context); };
    hooks.dropped = [this](const std::vector<std::filesystem::path>& paths) {
        for (const auto& path : paths) {
            open_path(path);
        }
    };
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
        LACT_TRY(Script script, load_script(*options_.script, actions_, parameters_));
        story_.play(std::move(script));
    }
    return {};
}

void WindowProgram::add_panels() {
    using window::DockSlot;
    const auto add = [this](window::Panel panel) {
        panel.menu = [this, title = panel.title] { draw_panel_menu(title); };
        shell_.add_panel(std::move(panel));
    };
    add({"Scene", window::icon::images, DockSlot::left,
         [this](window::PanelContext& context) { scene_.draw(context); }});
    add({"View", window::icon::eye, DockSlot::centre,
         [this](window::PanelContext& context) { viewport_.draw(context); }, true, true});
    add({"Overview", window::icon::cube, DockSlot::below,
         [this](window::PanelContext& context) { overview_.draw(context); }, true, true});
    add({"Rule", window::icon::sliders, DockSlot::right,
         [this](window::PanelContext& context) { rule_.draw(context); }});
    add({"Fast weights",
         window::icon::grid,
         DockSlot::right,
         [this](window::PanelContext& context) { fast_weights_.draw(context); },
         /*open=*/true,
         /*edge_to_edge=*/false,
         {},
         "Weights"});
    add({"Linear attention",
         window::icon::bolt,
         DockSlot::right,
         [this](window::PanelContext& context) { linear_attention_.draw(context); },
         /*open=*/true,
         /*edge_to_edge=*/false,
         {},
         "Attention"});
    add({"Compare", window::icon::adjust, DockSlot::right,
         [this](window::PanelContext& context) { compare_panel_.draw(context); }});
    add({"Record", window::icon::record, DockSlot::right,
         [this](window::PanelContext& context) { record_panel_.draw(context); }});
    add({"Sequence", window::icon::next, DockSlot::right,
         [this](window::PanelContext& context) { sequence_.draw(context); },
         /*open=*/false});
    add({"Training", window::icon::chart, DockSlot::below,
         [this](window::PanelContext& context) { training_panel_.draw(context); },
         /*open=*/false});
    add({"Status", window::icon::info, DockSlot::below,
         [this](window::PanelContext& context) { status_.draw(context); }});
}

bool WindowProgram::idle() const {
    return settled() && !story_.touring();
}

bool WindowProgram::settled() const {
    return settled_but_for_motion() && !camera_.gliding() && !path_.playing() && !poses_.busy() &&
           !track_to_open_;
}

bool WindowProgram::settled_but_for_motion() const {
    const bool rests = clock_.held() || !published_.frame || view_.rested.has_value();
    return engine_.idle() && sent_moves_ == view_.moves() &&
           published_.version == engine_.published().version &&
           (!sent_matrix_ || *sent_matrix_ == view_.matrix) && questions_.settled() && compare_.settled() &&
           rests;
}

void WindowProgram::before_frame() {
    const auto pair_before = published_.pair;
    published_ = engine_.published();
    if (published_.pair && published_.pair != pair_before) {
        view_.compare.history.add(*published_.pair);
    }
    if (engine_.idle()) {
        rule_desk_.engine_is_idle();
    }
    check_wanted_weights();
    if (published_.scene && published_.scene->sequence != scene_sequence_) {
        scene_sequence_ = published_.scene->sequence;
        view_.set_viewpoint(wanted_viewpoint_ ? *std::exchange(wanted_viewpoint_, std::nullopt)
                                              : frame_all(published_.scene->cameras()));
    }
    if (published_.weights) {
        view_.matrix.layer = std::clamp(view_.matrix.layer, 0, published_.weights->config.layers - 1);
        view_.matrix.head = std::clamp(view_.matrix.head, 0, published_.weights->config.ttt_heads() - 1);
    }
    view_.selection.begin_frame();
    view_.now = clock_.now();
    view_.compare.table_seen = false;
    questions_.begin_frame(published_.answers, published_.state ? published_.state->generation : 0);
    if (const auto weights = follower_.newer_weights(view_.training.follow, training_)) {
        engine_.open_weights(*weights);
    }
    if (track_to_open_ && engine_.idle()) {
        services().run("path.load", {{"path", std::exchange(track_to_open_, std::nullopt)->string()}});
    }
    path_.advance();
    poses_.advance();
    camera_.advance();
    send_wishes();
    camera_.notice_rest();
    script_.advance();
    if (story_.step([this] { return settled(); })) {
        send_wishes();
        display_.wake();  // the next step needs a frame
    }
}

void WindowProgram::send_wishes() {
    if (!published_.scene) {
        return;
    }
    if (sent_moves_ != view_.moves()) {
        sent_moves_ = view_.moves();
        engine_.look(view_.viewpoint().camera(published_.scene->size));
    }
    if (published_.state && sent_matrix_ != view_.matrix) {
        sent_matrix_ = view_.matrix;
        engine_.want_matrix(view_.matrix);
    }
}

void WindowProgram::draw_menu() {
    std::vector<std::string> groups(menu_order.begin(), menu_order.end());
    for (const Action& action : actions_.all()) {
        if (std::find(groups.begin(), groups.end(), action.group) == groups.end()) {
            groups.push_back(action.group);
        }
    }
    for (const std::string& group : groups) {
        if (!ImGui::BeginMenu(group.c_str())) {
            continue;
        }
        for (const Action& action : actions_.all()) {
            const bool needs_more =
                std::any_of(action.arguments.begin(), action.arguments.end(),
                            [](const ActionArgument& argument) { return argument.required; });
            if (action.group != group || needs_more) {
                continue;
            }
            const std::string why = action.disabled_because ? action.disabled_because() : "";
            if (ImGui::MenuItem(action.title.c_str(), action.key.c_str(), false, why.empty())) {
                services().run(action.id);
            }
            ImGui::SetItemTooltip("%s%s%s", action.tooltip.c_str(), why.empty() ? "" : "\n", why.c_str());
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
void WindowProgram::draw_summary() {
    if (!published_.weights || !published_.state || !published_.frame) {
        return;
    }
    const std::string text =
        fmt::format("{}   {}   {}, {}", published_.weights->name, published_.weights->device,
                    published_.state->rule_text,
                    published_.state->rule_switched ? "switched at inference" : "as trained") +
        (view_.show_times ? fmt::format("   state built once in {}   this view {}",
                                        view_.times(published_.state->set_up_ms),
                                        view_.times(published_.frame->milliseconds))
                          : std::string());
    const float width = ImGui::CalcTextSize(text.c_str()).x + ImGui::GetStyle().ItemSpacing.x * 2;
    const float left = ImGui::GetWindowWidth() - width;
    if (left <= ImGui::GetCursorPosX()) {
        return;
    }
    ImGui::SetCursorPosX(left);
    const window::Palette& colours = window::palette(shell_.theme());
    ImGui::TextColored(published_.state->rule_switched ? colours.warning : colours.muted, "%s", text.c_str());
}

void WindowProgram::draw_overlay(window::PanelContext& context) {
    if (const auto done = run_pressed_action(actions_, view_.flying); !done) {
        log_.add(done.error());
    }
    help_.draw(context);
    open_.draw(context);
    poses_.draw(context);
    errors_.draw(context);
    tour_.draw(context);
    notices_.draw(context);
    send_wishes();
    compare_.send();
    if (auto questions = questions_.changed()) {
        engine_.ask(std::move(*questions));
    }
}

void WindowProgram::open_path(const std::filesystem::path& path) {
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
Result<void> WindowProgram::play_script_file(const std::filesystem::path& path) {
    LACT_TRY(nlohmann::json steps, parse_json_file(path));
    LACT_TRY(Script script, parse_script(steps, path.string(), actions_, parameters_));
    script_.take_over(std::move(steps));
    story_.play(std::move(script));
    return {};
}

std::vector<std::string> WindowProgram::panels_in_front() const {
    std::vector<std::string> titles;
    for (const window::Panel& panel : shell_.panels()) {
        if (panel.seen) {
            titles.push_back(panel.title);
        }
    }
    return titles;
}

/// A film that took minutes is not lost by one key.
bool WindowProgram::may_close() {
    constexpr double meant_seconds = 15;
    if (!film_.running() || seconds_now() - asked_to_close_ < meant_seconds) {
        return true;
    }
    asked_to_close_ = seconds_now();
    log_.say(Severity::warning, "a film is being recorded; close the window again to stop it and leave",
             "closing");
    display_.wake();
    return false;
}

Result<void> WindowProgram::run(const std::stop_token& stop) {
    const std::stop_callback on_stop(stop, [this] { display_.wake(); });
    if (!options_.screenshot) {
        while (!stop.stop_requested()) {
            LACT_CHECK(shell_.step(std::nullopt));
            if (const auto saved = save_pictures(); !saved) {
                log_.add(saved.error());
            }
            if (display_.should_close()) {
                if (may_close()) {
                    break;
                }
                display_.set_should_close(false);
            }
        }
        return {};
    }
    LACT_CHECK(settle(120, stop));
    if (const auto failure = story_.failure()) {
        return tl::unexpected<Error>(*failure);
    }
    for (const LogEntry& entry : log_.after(0)) {
        if (entry.severity == Severity::error) {
            return fail(entry.where, entry.what, entry.hint);
        }
    }
    return shell_.save_screenshot(*options_.screenshot);
}

Result<void> WindowProgram::settle(double seconds, const std::stop_token& stop) {
    const double deadline = seconds_now() + seconds;
    int quiet = 0;
    while (quiet < 4) {
        if (stop.stop_requested()) {
            return cancelled();
        }
        LACT_TRY(const bool drew, shell_.frame());
        (void)drew;
        if (const auto saved = save_pictures(); !saved) {
            log_.add(saved.error());
        }
        const bool busy = !idle() || !published_.frame || jobs_.any_running() || story_.playing();
        const bool failed = !published_.frame && engine_.idle() && log_.last() > 0;
        quiet = busy && !failed ? 0 : quiet + 1;
        if (quiet == 0) {
            (void)display_.wait(story_.playing() ? 0 : 0.02);
            if (seconds_now() > deadline) {
                return fail("window", fmt::format("it is still busy after {:.0f} seconds", seconds));
            }
        }
    }
    return {};
}

void WindowProgram::remember() {
    if (options_.settings_folder.empty()) {
        return;
    }
    settings_.theme = shell_.theme() == window::Theme::light ? "light" : "dark";
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

}  // namespace lact::app
