#pragma once

#include "app/compare/comparison.h"
#include "app/runtime/jobs.h"
#include "app/runtime/log.h"
#include "app/runtime/snapshot.h"
#include "engine/session/load_scene.h"
#include "engine/session/session.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace lact::app {

/// The engine on a thread of its own, the only one that touches Torch: it owns the model and the session. All
/// functions may be called from any thread. None waits for the engine but wait_until_idle(), which is for
/// tests and headless use. engine_tasks.h lists the tasks of that thread and their order.
///
/// - Set-up requests (open_*, set_*) coalesce: the newest of each kind counts. A new one stops a running
///   older set-up between layers; weights and photos that are loaded by then are kept. Opening a scene
///   discards inputs requested before; opening weights discards rule and size requested before.
/// - A request that fails is logged and dropped; weights, scene, state and frame stay as they were.
/// - set_camera(), request_matrix() and ask() are mailboxes: the latest counts. A frame being rendered is
///   finished when only the camera moved, and dropped when the state is about to change; a new state renders
///   the last camera and reads the last matrix again.
/// - All photos of a scene are decoded when it is opened or the size changes, inputs and held-out ones alike
///   (12 bytes per pixel and view: 3 MB for 64 views at 64x64, 200 MB at 256x256): selecting input views
///   never decodes again.
class EngineService {
  public:
    /// `wake` is called on the engine's thread after every task and when the engine becomes idle; it must not
    /// wait. `log` and `jobs` must outlive this.
    EngineService(ComputeOptions compute, ErrorLog& log, JobRegistry& jobs, std::function<void()> wake = {});
    /// Stops running work between layers and joins.
    ~EngineService();
    EngineService(const EngineService&) = delete;
    EngineService& operator=(const EngineService&) = delete;

    /// The rule becomes the one the weights were trained with, the size their largest trained one; scene
    /// and inputs stay.
    void open_weights(const std::filesystem::path& path);
    /// Waits in the background for weights where there are none yet. The first frame is that of the first
    /// input view, unless set_camera() was called after this.
    void open_scene(const std::filesystem::path& path);
    void open_scene(const SceneRequest& request);
    /// Opens a generated scene, which is written to the path of the request first where it is not there yet.
    void open_generated(const GenerationSpec& order, const SceneRequest& request);
    /// SceneSummary::sequence of the newest scene that was requested; 0 before the first. Long work compares
    /// it to learn whether the user went on to another scene meanwhile.
    [[nodiscard]] std::uint64_t newest_scene() const;
    /// Input views by index, in the order in which they are written. With `scene` (SceneSummary::sequence),
    /// only that scene takes them; with `size`, that of the model's images changes together with them. Errors
    /// (logged): none, an index twice or not in the scene.
    void set_inputs(std::vector<std::size_t> inputs, std::optional<std::uint64_t> scene = std::nullopt,
                    std::optional<Size> size = std::nullopt);
    void set_rule(const UpdateRule& rule);
    void set_size(Size size);

    /// The camera to render from. Its size may differ from the scene's (smaller while moving), as long as the
    /// patch divides it.
    void set_camera(const Camera& camera);
    void request_matrix(const MatrixKey& key);

    /// The queries of the panels; replaces those asked before. Answered after frames and matrices, in the
    /// order of the names, again after every new state. A moved camera or a new state stops a running
    /// answer, which is begun again afterwards.
    void ask(StateQueries queries);

    /// Compares two sides from every camera; nullopt ends the comparison. The latest request counts. A new
    /// state makes those sides again that it changes. Where a side shows the current state, a pair is
    /// published together with the frame of its camera. Where none does, the pair comes alone: two images are
    /// rendered, not three, and the last frame stays until the comparison ends. Failures are logged and told
    /// in Snapshot::compare_problem. Snapshot::sides_pending is true from a change of the sides, by a request
    /// or by a new state, until they are made, fail, or the comparison ends.
    void compare(std::optional<CompareRequest> request);
    /// Whether the frame that such a pair leaves out is rendered nevertheless: after the pair. A moved camera
    /// stops it.
    void request_frame(bool requested);
    /// Whether the table over all held-out views is computed, one view at a time, after everything else.
    /// Requested again, it goes on where it was stopped.
    void request_table(bool requested);
    /// Rows of the table are missing, and none is computed until it is requested again: work was cancelled or
    /// failed.
    [[nodiscard]] bool table_stopped() const;

    /// Measures an experiment on a snapshot of the state, piece by piece, after everything else; one at a
    /// time: the running one is given up. While cameras move it waits, unless there is time between two
    /// views. After a set-up it goes on, on its own snapshot. Snapshot::experiments has its report after
    /// every piece, Snapshot::requested_experiment its id before that. Failures are logged.
    void start_experiment(ExperimentRequest request);
    /// Gives up the running experiment, whose report so far stays, or withdraws one that has not begun.
    void cancel_experiment();

    /// Drops requests that wait and stops what runs; what is published stays.
    void cancel();

    /// What is published: never null, never changed afterwards; one lock and no copy.
    [[nodiscard]] std::shared_ptr<const Snapshot> latest() const;
    /// Nothing runs and nothing waits (a scene that waits for weights does not count).
    [[nodiscard]] bool idle() const;
    /// The same, but an experiment may run.
    [[nodiscard]] bool idle_but_for_experiment() const;
    /// No set-up runs or waits (as above), and `seen` has what the last one published. Frames, answers, rows
    /// of a table and experiments may still be computed.
    [[nodiscard]] bool set_up_settled(const Snapshot& seen) const;
    /// False where it is still busy after `limit`. Not for the thread of the interface.
    [[nodiscard]] bool wait_until_idle(std::chrono::milliseconds limit) const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// CPU threads of the engine beside a window: one core is left to the interface. A software rasterizer
/// (lavapipe) gets half of the cores, or the window would fall below 30 frames a second while the engine
/// renders.
[[nodiscard]] constexpr int engine_threads_beside_window(unsigned cores, bool display_is_software) {
    const int all = std::max(1, static_cast<int>(cores));
    return std::max(1, display_is_software ? all / 2 : all - 1);
}

}  // namespace lact::app
