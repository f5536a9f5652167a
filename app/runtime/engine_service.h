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
#include <vector>

namespace lact::app {

/// The one thread that touches Torch: it owns the model and the session. Any thread may ask; no call waits
/// for the engine (but wait_until_idle, which is for tests and headless use).
///
/// - Set-up requests (open_*, set_*) coalesce: the newest of each kind counts. A new one stops a running
/// older
///   set-up between layers; weights and photos that are loaded by then are kept. Opening a scene discards
///   inputs asked for before; opening weights discards rule and size asked for before.
/// - A request that fails is logged and dropped; weights, scene, state and frame stay as they were.
/// - look(), request_matrix() and ask() are mailboxes: the latest counts. A frame being rendered is finished
/// when only
///   the camera moved, and dropped when the state is about to change; a new state renders the last camera
///   and reads the last matrix again.
/// - All photos of a scene are decoded when it is opened or the size changes, inputs and held-out ones alike
/// (12 bytes a
///   pixel and view: 3 MB for 64 views at 64x64, 200 MB at 256x256): ticking views never decodes again.
class EngineService {
  public:
    /// `wake` is called, on the engine's thread, whenever something was published or the engine became idle;
    /// it must not call back. `log` and `jobs` must outlive this.
    EngineService(ComputeOptions compute, ErrorLog& log, JobRegistry& jobs, std::function<void()> wake = {});
    /// Stops running work between layers and joins.
    ~EngineService();
    EngineService(const EngineService&) = delete;
    EngineService& operator=(const EngineService&) = delete;

    /// The rule becomes the one the weights were trained with, the size their largest trained one; scene
    /// and inputs stay.
    void open_weights(const std::filesystem::path& path);
    /// Waits in the background for weights where there are none yet. The first frame is that of the first
    /// input view, unless look() was called after this.
    void open_scene(const std::filesystem::path& path);
    void open_scene(const SceneRequest& request);
    /// Opens a generated scene, which is written to `folder` first where it is not there yet.
    void open_generated(const SceneOrder& order, const std::filesystem::path& folder);
    /// How often a scene was asked for; tells those who began something long whether the person has gone on
    /// to another scene meanwhile.
    [[nodiscard]] std::uint64_t scenes_asked() const;
    /// Input views by index, in the order in which they are written. Errors (logged): none, an index twice or
    /// not in the scene.
    void set_inputs(std::vector<std::size_t> inputs);
    void set_rule(const UpdateRule& rule);
    void set_size(Size size);

    /// The camera to render from. Its size may differ from the scene's (smaller while moving), as long as the
    /// patch divides it.
    void set_camera(const Camera& camera);
    void request_matrix(const MatrixKey& key);

    /// What panels want to know; replaces what was asked before. Answered after frames and matrices, in the
    /// order of the names, again after every new state. A moved camera or a new state stops a running
    /// answer, which is begun again afterwards.
    void ask(StateQueries queries);

    /// Two sides, from every camera; nothing: no comparison any more. The latest counts. The sides are made
    /// again where a new state changes them. Where a side is what is open, a pair is published together with
    /// the frame of its camera, never with another's; where none is, the pair alone: two pictures are
    /// rendered, not three, and the frame stays the last one there was until the comparison ends. Failures
    /// are logged and told in Published::compare_problem.
    void compare(std::optional<CompareRequest> request);
    /// Whether that frame is rendered nevertheless: after the pair, and giving way to a moved camera.
    void request_frame(bool requested);
    /// Whether the table over all held-out views is computed, one view at a time, after everything else.
    /// Asked for again, it goes on where it was stopped.
    void request_table(bool requested);

    /// Drops requests that wait and stops what runs; what is published stays.
    void cancel();

    [[nodiscard]] Snapshot snapshot() const;
    [[nodiscard]] std::shared_ptr<const Snapshot> latest() const {
        return std::make_shared<const Snapshot>(snapshot());
    }
    /// Nothing runs and nothing waits (a scene that waits for weights does not count).
    [[nodiscard]] bool idle() const;
    /// False where it was still busy after `limit`. Not for the interface's thread.
    [[nodiscard]] bool wait_until_idle(std::chrono::milliseconds limit) const;

  private:
    struct Shared;
    std::unique_ptr<Shared> shared_;
};

/// How many CPU threads the engine takes beside a window: one core is the interface's own; a display that is
/// drawn by the CPU (lavapipe) gets half of them, or it would fall below 30 frames a second while the engine
/// renders.
[[nodiscard]] constexpr int engine_threads_beside_window(unsigned cores, bool display_is_software) {
    const int all = std::max(1, static_cast<int>(cores));
    return std::max(1, display_is_software ? all / 2 : all - 1);
}

}  // namespace lact::app
