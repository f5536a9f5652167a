#include "app/commands/poses_controller.h"

#include "app/commands/command_table.h"
#include "app/runtime/engine_service.h"
#include "app/runtime/log.h"
#include "engine/core/counted.h"
#include "engine/core/guarded.h"
#include "engine/scene/photo_files.h"

#include <algorithm>

#include <fmt/format.h>

namespace lact::app {

PosesController::PosesController(PanelServices services, JobRegistry& jobs, const EngineService& engine,
                                 std::string search_path,
                                 std::function<void(const std::filesystem::path&)> open)
    : Controller(services),
      jobs_(&jobs),
      engine_(&engine),
      search_path_(std::move(search_path)),
      open_(std::move(open)) {}

PosesController::~PosesController() {
    if (busy_) {
        jobs_->cancel(job_);
    }
}

std::optional<JobStatus> PosesController::job() const {
    const auto jobs = jobs_->snapshot();
    const auto found = std::ranges::find(jobs, job_, &JobStatus::id);
    return found == jobs.end() ? std::nullopt : std::optional(*found);
}

void PosesController::offer(const std::filesystem::path& folder, std::size_t photos) {
    if (can_find_poses(search_path_)) {
        document().poses_offer = PosesOffer{folder, photos};
        return;
    }
    services_.dispatch->log().add(
        {fmt::format("holds {} without camera poses; COLMAP can find the poses, and is not installed",
                     counted(photos, "photo")),
         folder.string(),
         fmt::format("Install it, for example with: sudo apt install colmap. Then open the folder "
                     "again, or run: lactscope poses {}",
                     shell_word(folder)),
         false});
}

Result<void> PosesController::find(const FindPoses& find) {
    PosesRequest request;
    if (find.path.empty()) {
        return fail(FindPoses::id, "the path is empty", "Give a folder of photos.");
    }
    request.folder = find.path;
    if (find.matching) {
        LACT_TRY(request.matching, parse_photo_matching(*find.matching));
    }
    request.one_camera = find.one_camera.value_or(true);
    request.search_path = search_path_;
    return start(std::move(request));
}

Result<void> PosesController::start(PosesRequest request) {
    LACT_CHECK(check_poses_request(request));
    newest_scene_ = engine_->newest_scene();
    waiting_.reset();
    busy_ = true;
    const auto folder = std::filesystem::absolute(request.folder).lexically_normal();
    const auto name = folder.has_filename() ? folder.filename() : folder.parent_path().filename();
    JobTicket ticket = jobs_->start("Find poses of " + name.string());
    job_ = ticket.id();
    thread_ = std::jthread([this, ticket = std::move(ticket), request = std::move(request)]() mutable {
        auto found = guarded("poses", [&] { return find_poses(request, ticket.job()); });
        Result<void> done;
        if (!found) {
            done = tl::unexpected<Error>(found.error());
        }
        {
            const std::scoped_lock lock(mutex_);
            outcome_ = {request.folder, std::move(found)};
        }
        ticket.finish(done);  // Wakes the window, which then takes the outcome.
    });
    return {};
}

void PosesController::advance() {
    std::optional<Outcome> outcome;
    {
        const std::scoped_lock lock(mutex_);
        outcome = std::exchange(outcome_, std::nullopt);
    }
    if (outcome) {
        busy_ = false;
        tell(*outcome);
    }
}

void PosesController::tell(const Outcome& outcome) {
    ErrorLog& log = services_.dispatch->log();
    if (!outcome.found) {
        log.add(outcome.found.error());
        return;
    }
    const FoundPoses& found = *outcome.found;
    const bool all = found.placed == found.photos;
    log.say(all ? Severity::note : Severity::warning,
            fmt::format("found the poses of {} of {}{}", found.placed, counted(found.photos, "photo"),
                        all ? std::string() : "; left out: " + some_of(found.left_out)),
            outcome.folder.string());
    if (engine_->newest_scene() == newest_scene_) {
        open_(outcome.folder);
        return;
    }
    waiting_ = outcome.folder;
    log.say(Severity::note, "another scene is open and stays; Scene > Open the found scene opens this one",
            outcome.folder.string());
}

Result<void> PosesController::add_commands(CommandTable& commands) {
    LACT_CHECK(commands.add<FindPoses>(
        {"Find the poses of photos", "",
         "Find the camera poses of the photos in a folder with COLMAP, in the background, and open them as a "
         "scene.",
         "Scene"},
        [this] {
            return busy_ ? std::string("Poses are already being found; wait, or stop that (Esc).")
                         : std::string();
        },
        [this](const FindPoses& request) { return find(request); }));
    return commands.add<OpenFoundScene>(
        {"Open the found scene", "", "Open the photos whose poses were found while another scene was opened.",
         "Scene"},
        [this] { return waiting_ ? std::string() : std::string("No found scene waits to be opened."); },
        [this] { open_(*std::exchange(waiting_, std::nullopt)); });
}

}  // namespace lact::app
