#include "app/commands/open_controller.h"

#include "app/document/open_target.h"
#include "app/platform/settings.h"
#include "app/runtime/engine_service.h"
#include "engine/scene/json_field.h"

#include <utility>

#include <nlohmann/json.hpp>

namespace lact::app {

/// Plays a script. It becomes the script of the document, which recordings play.
Result<void> OpenController::play_script(const std::filesystem::path& path) {
    LACT_TRY(nlohmann::json steps, parse_json_file(path));
    LACT_TRY(Script script, parse_script(steps, path.string(), services_.dispatch->commands(),
                                         services_.dispatch->parameters()));
    scripts_->adopt(
        with_current_ids(std::move(steps), services_.dispatch->commands(), services_.dispatch->parameters()));
    player_->play(std::move(script));
    return {};
}

bool OpenController::open_target(const std::filesystem::path& path) {
    const auto done = [this](const Result<void>& opened) {
        services_.dispatch->report(opened);
        return opened.has_value();
    };
    const OpenTarget target = dispatch_path(path);
    switch (target.kind) {
        case OpenKind::scene:
            engine_->open_scene(target.path);
            return true;
        case OpenKind::photos:
            poses_->offer(target.path, target.photos);
            return false;
        case OpenKind::weights:
            engine_->open_weights(target.path);
            return true;
        case OpenKind::script:
            (void)done(play_script(target.path));
            return true;
        case OpenKind::session:
            return done(sessions_->open_file(target.path));
        case OpenKind::camera_path:
            path_to_open_ = target.path;  // For the scene that is being opened, if one is.
            return true;
        case OpenKind::training:
            if (!done(training_->open(target.path))) {
                return false;
            }
            services_.dispatch->run(ShowPanel{"Training"});
            return true;
        case OpenKind::unknown:
            services_.dispatch->log().add({target.sentence, path.string(), {}, false});
            return false;
    }
    return false;
}

void OpenController::open(const std::filesystem::path& path) {
    if (open_target(path)) {
        remember_recent(document().recent, std::filesystem::absolute(path));
    }
}

void OpenController::advance() {
    if (path_to_open_ && engine_->idle()) {
        services_.dispatch->run(LoadPath{std::exchange(path_to_open_, std::nullopt)->string()});
    }
}

Result<void> OpenController::add_commands(CommandTable& commands) {
    return commands.add<OpenFile>(
        {"Open ...", "Ctrl+O",
         "Open a scene folder, a weight file or a script. Dropping it on the window does the same.", "File"},
        {}, [this](const OpenFile& file) {
            if (file.path) {
                open(*file.path);
            } else {
                document().open_dialog_requested = true;
            }
        });
}

}  // namespace lact::app
