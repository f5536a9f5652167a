#include "app/commands/open_controller.h"

#include "app/document/open_target.h"
#include "app/platform/settings.h"
#include "app/runtime/engine_service.h"
#include "engine/scene/json_field.h"

#include <utility>

#include <nlohmann/json.hpp>

namespace lact::app {

/// Plays a script once what is opened together with it is open, and begins it there. It becomes the script of
/// the document, which recordings play.
Result<void> OpenController::play_script(const std::filesystem::path& path) {
    LACT_TRY(nlohmann::json steps, parse_json_file(path));
    LACT_TRY(Script script, parse_script(steps, path.string(), services_.dispatch->commands(),
                                         services_.dispatch->parameters()));
    steps =
        with_current_ids(std::move(steps), services_.dispatch->commands(), services_.dispatch->parameters());
    auto requests = requests_of(script, services_.dispatch->commands(), services_.dispatch->parameters());
    consent_->ask(path.string(), std::move(requests), [this, steps, script](ScriptRights rights) {
        Script allowed = script;
        allowed.rights = rights;
        Script begin;
        // Not before: a session that is being opened brings a script of its own, or none.
        begin.steps.emplace_back(WaitFor{[this, steps, rights] {
            const bool settled = engine_->set_up_settled(snapshot());
            if (settled) {
                scripts_->adopt(steps, rights == ScriptRights::all);
                services_.document->saved.steps = steps;
            }
            return settled;
        }});
        player_->play_after_session(std::move(begin), std::move(allowed));
    });
    return {};
}

OpenController::Recent OpenController::open_target(const std::filesystem::path& path) {
    const auto done = [this](const Result<void>& opened) {
        services_.dispatch->report(opened);
        return opened ? Recent::now : Recent::never;
    };
    const OpenTarget target = dispatch_path(path);
    switch (target.kind) {
        case OpenKind::scene:
            engine_->open_scene(target.path);
            return Recent::once_open;
        case OpenKind::photos:
            poses_->offer(target.path, target.photos);
            return Recent::never;
        case OpenKind::weights:
            engine_->open_weights(target.path);
            return Recent::once_open;
        case OpenKind::script:
            return done(play_script(target.path));
        case OpenKind::session:
            return done(sessions_->open_file(target.path));
        case OpenKind::camera_path:
            path_to_open_ = target.path;  // For the scene that is being opened, if one is.
            return Recent::now;
        case OpenKind::training: {
            const Recent recent = done(training_->open(target.path));
            if (recent == Recent::now) {
                services_.dispatch->run(ShowPanel{"Training"});
            }
            return recent;
        }
        case OpenKind::unknown:
            services_.dispatch->log().add({target.sentence, path.string(), {}, false});
            return Recent::never;
    }
    return Recent::never;
}

void OpenController::open(const std::filesystem::path& path) {
    std::error_code ignored;
    const auto absolute = std::filesystem::absolute(path, ignored);
    Opening before{absolute, snapshot().scene ? snapshot().scene->sequence : 0,
                   snapshot().weights ? snapshot().weights->path : std::filesystem::path()};
    switch (open_target(path)) {
        case Recent::now:
            remember_recent(document().recent, absolute);
            break;
        case Recent::once_open:
            opening_.push_back(std::move(before));
            break;
        case Recent::never:
            if (!std::filesystem::exists(absolute, ignored)) {
                std::erase(document().recent, path.string());  // It is not there any more.
            }
            break;
    }
}

/// What could not be opened does not become a recent path.
void OpenController::remember_opened() {
    if (opening_.empty() || !engine_->set_up_settled(snapshot())) {
        return;
    }
    for (const Opening& opened : std::exchange(opening_, {})) {
        const bool scene = snapshot().scene && snapshot().scene->sequence != opened.scene;
        const bool weights = snapshot().weights && (snapshot().weights->path != opened.weights ||
                                                    snapshot().weights->path == opened.path);
        if (scene || weights) {
            remember_recent(document().recent, opened.path);
        }
    }
}

void OpenController::advance() {
    remember_opened();
    end_reopening();
    if (path_to_open_ && engine_->set_up_settled(snapshot())) {
        services_.dispatch->run(LoadPath{std::exchange(path_to_open_, std::nullopt)->string()});
    }
}

Result<void> OpenController::reopen_last() {
    LACT_CHECK(sessions_->open(*last_, ScriptRights::shows));
    reopening_ = true;
    return {};
}

/// What was open last is offered until it is open: reading it may fail, or be stopped.
void OpenController::end_reopening() {
    if (!reopening_ || !engine_->set_up_settled(snapshot())) {
        return;
    }
    reopening_ = false;
    const bool scene = snapshot().scene && snapshot().scene->path == last_->scene;
    const bool weights =
        last_->weights.empty() || (snapshot().weights && snapshot().weights->path == last_->weights);
    if (scene && weights) {
        last_.reset();
    }
}

/// "my_scene", "my_scene with my_weights".
std::string OpenController::name_of_last() const {
    std::string name = last_->scene.filename().string();
    const auto& weights = snapshot().weights;
    if (weights && !last_->weights.empty() && last_->weights != weights->path) {
        name += " with " + last_->weights.stem().string();
    }
    return name;
}

Result<void> OpenController::add_commands(CommandTable& commands) {
    LACT_CHECK(commands.add<OpenFile>({"Open ...", "Ctrl+O",
                                       "Open a scene folder, weights, a session, a script or a camera path. "
                                       "Dropping it on the window does the "
                                       "same.",
                                       "File"},
                                      {}, [this](const OpenFile& file) {
                                          if (file.path) {
                                              open(*file.path);
                                          } else {
                                              document().open_dialog_requested = true;
                                          }
                                      }));
    LACT_CHECK(commands.add<ReopenLast>(
        {"Reopen last", "", "Open the scene, weights and camera of the last time the program was used.",
         "File"},
        [this] { return last_ ? std::string() : std::string("Nothing is left of the last time."); },
        [this] { return reopen_last(); }));
    commands.set_subject(ReopenLast::id, [this] { return last_ ? name_of_last() : std::string(); });
    return {};
}

}  // namespace lact::app
