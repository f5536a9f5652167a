#pragma once

#include "app/commands/controller.h"
#include "app/runtime/find_poses.h"
#include "app/runtime/jobs.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace lact::app {

class EngineService;

/// Folders of photos without poses: offers to find the poses with COLMAP, does so in the background, and
/// opens the resulting scene. Where another scene was opened meanwhile, it logs that, and a command opens the
/// found one. Belongs to the thread of the window.
class PosesController : private Controller {
  public:
    /// `search_path`: where COLMAP is looked for. `open`: opens a scene; not called by the constructor.
    PosesController(PanelServices services, JobRegistry& jobs, const EngineService& engine,
                    std::string search_path, std::function<void(const std::filesystem::path&)> open);
    /// Stops what runs and waits for its end.
    ~PosesController();

    [[nodiscard]] Result<void> add_commands(CommandTable& commands);
    /// A folder with this number of photos was opened: asks the user whether to find their poses. Where
    /// COLMAP is missing it logs that.
    void offer(const std::filesystem::path& folder, std::size_t photos);
    /// Before each frame: takes the result of a finished run.
    void advance();

    /// A run goes on, or its result is not taken yet.
    [[nodiscard]] bool busy() const { return busy_; }
    /// The job that runs or ran last; none before the first.
    [[nodiscard]] std::optional<JobStatus> job() const;
    /// The scene whose poses were found while another one was opened; none where there is none.
    [[nodiscard]] const std::optional<std::filesystem::path>& waiting() const { return waiting_; }

  private:
    struct Outcome {
        std::filesystem::path folder;
        Result<FoundPoses> found;
    };
    [[nodiscard]] Result<void> find(const FindPoses& find);
    [[nodiscard]] Result<void> start(PosesRequest request);
    void tell(const Outcome& outcome);

    JobRegistry* jobs_;
    const EngineService* engine_;
    std::string search_path_;
    std::function<void(const std::filesystem::path&)> open_;
    bool busy_ = false;
    std::uint64_t job_ = 0;
    std::uint64_t newest_scene_ = 0;  ///< When the job began.
    std::optional<std::filesystem::path> waiting_;
    std::mutex mutex_;
    std::optional<Outcome> outcome_;  ///< Under the mutex: the result of the thread.
    std::jthread thread_;             ///< Last: joins before the members it uses are destroyed.
};

}  // namespace lact::app
