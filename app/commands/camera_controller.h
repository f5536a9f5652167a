#pragma once

#include "app/commands/controller.h"
#include "app/document/camera_motion.h"
#include "app/document/frame_clock.h"
#include "engine/core/error.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace lact::app {

/// The camera: stepping through photos, turning, gliding, and detecting that it rests.
class CameraController : private Controller {
  public:
    /// `wake`: another frame is needed soon.
    CameraController(PanelServices services, const FrameClock& clock, std::function<void()> wake)
        : Controller(services), clock_(&clock), wake_(std::move(wake)) {}

    [[nodiscard]] Result<void> add_commands(CommandTable& commands);
    [[nodiscard]] Result<void> add_parameters(ParameterTable& parameters);
    [[nodiscard]] Result<void> add_glides(CommandTable& commands);
    /// Before each frame: advances a glide.
    void advance();
    /// Before each frame, after everything that moves the camera: updates Document::rested.
    void notice_rest();
    /// The camera counts as having rested before `now`, in seconds of the clock.
    void rested_before(double now) { moved_at_ = now - 1; }
    [[nodiscard]] bool gliding() const { return glide_.active(); }
    [[nodiscard]] double glide_seconds_left() const { return glide_.seconds_left(clock_->now()); }
    void stop_gliding() { glide_.stop(); }

  private:
    [[nodiscard]] Result<void> look_from(const std::string& axis);
    /// The PSNR of the held-out photos where it is that of the current state; null where it is not known.
    [[nodiscard]] const ViewFigures* current_figures() const;
    [[nodiscard]] std::string why_no_worst() const;
    void go_to_next_worst();
    [[nodiscard]] Result<void> add_steps(CommandTable& commands);
    [[nodiscard]] Result<void> add_turns(CommandTable& commands);
    [[nodiscard]] std::string no_scene() const;
    void go_to_view(std::size_t index);
    void step_through_views(const std::vector<std::size_t>& views, int step);

    const FrameClock* clock_;
    std::function<void()> wake_;
    Glide glide_;
    double glided_at_ = -1;           ///< Clock of the last step of the glide, seconds.
    std::uint64_t glided_moves_ = 0;  ///< Document::moves() after that step; any other motion ends the glide.
    std::uint64_t rested_moves_ = 0;  ///< Document::moves() of the last motion, and its time.
    double moved_at_ = 0;
};

}  // namespace lact::app
