#include "app/commands/camera_controller.h"

#include "app/commands/command_table.h"
#include "app/commands/output_files.h"
#include "app/commands/parameter_table.h"
#include "app/document/camera_motion.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace lact::app {

std::string CameraController::no_scene() const {
    return snapshot().scene ? "" : "No scene is open.";
}

void CameraController::go_to_view(std::size_t index) {
    document().set_viewpoint(go_to(document().viewpoint(), snapshot().scene->views[index].camera));
}

/// The next of `views` after the one whose camera is current, or the nearest one where it is none of them.
void CameraController::step_through_views(const std::vector<std::size_t>& views, int step) {
    if (views.empty()) {
        return;
    }
    const auto cameras = snapshot().scene->cameras(views);
    const Camera here = document().viewpoint().camera(snapshot().scene->size);
    const auto nearest = nearest_camera(cameras, here, document().viewpoint().scale);
    auto index = static_cast<int>(nearest->index);
    if (coincide(here, cameras[nearest->index])) {
        const auto count = static_cast<int>(views.size());
        index = (index + step + count) % count;
    }
    go_to_view(views[static_cast<std::size_t>(index)]);
}

const ViewFigures* CameraController::current_figures() const {
    const ViewFigures& known = document().view_figures;
    const bool current = snapshot().state && known.generation == snapshot().state->generation;
    return current && !known.views.empty() ? &known : nullptr;
}

std::string CameraController::why_no_worst() const {
    if (!snapshot().scene) {
        return no_scene();
    }
    if (current_figures() != nullptr) {
        return "";
    }
    if (snapshot().scene->held_out().empty()) {
        return "No photo is held out.";
    }
    if (const ViewFigures& figures = document().view_figures;
        snapshot().state && figures.generation == snapshot().state->generation && !figures.problem.empty()) {
        return fmt::format("No held-out photo is measured: {}.", figures.problem);
    }
    return document().show_psnr
               ? "The PSNR of the held-out photos is being measured; the Scene panel does that while it is "
                 "visible."
               : "The PSNR of the held-out photos is not measured: turn PSNR on in the Scene panel.";
}

void CameraController::go_to_next_worst() {
    const ViewFigures* figures = current_figures();
    if (figures == nullptr) {
        return;
    }
    auto worst = figures->views;
    std::ranges::stable_sort(worst, {}, &HeldOutPsnr::OfView::psnr);
    const Camera here = document().viewpoint().camera(snapshot().scene->size);
    const auto at = std::ranges::find_if(
        worst, [&](const auto& one) { return coincide(here, snapshot().scene->views[one.view].camera); });
    const bool last = at == worst.end() || at + 1 == worst.end();
    go_to_view(last ? worst.front().view : (at + 1)->view);
}

/// Animated motions, for tours, scripts and recordings.
Result<void> CameraController::add_glides(CommandTable& commands) {
    const auto begin = [this] { glided_moves_ = document().moves(); };
    LACT_CHECK(commands.add<GlideAround>(
        {"Glide around the scene", "", "Turn the camera around the scene over some seconds.", "Camera"},
        [this] { return no_scene(); },
        [this, begin](const GlideAround& glide) {
            glide_.orbit(document().viewpoint(), glide.yaw.value_or(90) * radians_per_degree,
                         glide.pitch.value_or(0) * radians_per_degree, glide.seconds.value_or(3),
                         clock_->now());
            begin();
        }));
    return commands.add<GlideToView>(
        {"Glide to a photo", "", "Fly to the camera of a photo over some seconds.", "Camera"},
        [this] { return no_scene(); },
        [this, begin](const GlideToView& glide) -> Result<void> {
            LACT_TRY(const std::size_t index, view_index(glide.view, snapshot().scene->views.size()));
            const Viewpoint& here = document().viewpoint();
            glide_.to(here, go_to(here, snapshot().scene->views[index].camera), glide.seconds.value_or(2),
                      clock_->now());
            begin();
            return {};
        });
}

Result<void> CameraController::add_steps(CommandTable& commands) {
    const auto needs_scene = [this] { return no_scene(); };
    const auto needs_held_out = [this] {
        return snapshot().scene && snapshot().scene->held_out().empty() ? "No photo is held out."
                                                                        : no_scene();
    };
    LACT_CHECK(commands.add<NextInput>(
        {"Next input view", "]", "Move to the camera of the next input photo.", "Camera"}, needs_scene,
        [this] { step_through_views(snapshot().scene->inputs, 1); }));
    LACT_CHECK(commands.add<PreviousInput>(
        {"Previous input view", "[", "Move to the camera of the previous input photo.", "Camera"},
        needs_scene, [this] { step_through_views(snapshot().scene->inputs, -1); }));
    LACT_CHECK(commands.add<NextHeldOut>(
        {"Next held-out view", ".",
         "Move to the camera of the next held-out photo, which is no input of the model, and show the PSNR.",
         "Camera"},
        needs_held_out, [this] { step_through_views(snapshot().scene->held_out(), 1); }));
    LACT_CHECK(commands.add<PreviousHeldOut>(
        {"Previous held-out view", ",", "Move to the camera of the previous held-out photo.", "Camera"},
        needs_held_out, [this] { step_through_views(snapshot().scene->held_out(), -1); }));
    LACT_CHECK(commands.add<NextWorstView>(
        {"Next worst held-out view", "Shift+.",
         "Move to the held-out photo with the lowest PSNR of those that are measured, at most 64 at even "
         "spacing; again: to the one with the next higher PSNR.",
         "Camera"},
        [this] { return why_no_worst(); }, [this] { go_to_next_worst(); }));
    return commands.add<GoToView>({"Go to a photo", "", "Move to the camera of a photo.", "Camera"},
                                  needs_scene, [this](const GoToView& go) -> Result<void> {
                                      LACT_TRY(const std::size_t view,
                                               view_index(go.view, snapshot().scene->views.size()));
                                      go_to_view(view);
                                      return {};
                                  });
}

Result<void> CameraController::add_turns(CommandTable& commands) {
    const auto needs_scene = [this] { return no_scene(); };
    const auto turn = [this](double yaw, double pitch) {
        document().set_viewpoint(
            orbit(document().viewpoint(), yaw * radians_per_degree, pitch * radians_per_degree));
    };
    LACT_CHECK(commands.add<TurnCamera>(
        {"Turn around the scene", "Right", "Turn the camera around the scene, 10 degrees to the right.",
         "Camera"},
        needs_scene, [turn](const TurnCamera& by) { turn(by.yaw.value_or(10), by.pitch.value_or(0)); }));
    LACT_CHECK(commands.add<TurnCameraBack>(
        {"Turn the other way", "Left", "Turn the camera around the scene, 10 degrees to the left.", "Camera"},
        needs_scene, [turn] { turn(-10, 0); }));
    LACT_CHECK(commands.add<RaiseCamera>(
        {"Higher", "Up", "Turn the camera around the scene, 8 degrees upwards.", "Camera"}, needs_scene,
        [turn] { turn(0, 8); }));
    return commands.add<LowerCamera>(
        {"Lower", "Down", "Turn the camera around the scene, 8 degrees downwards.", "Camera"}, needs_scene,
        [turn] { turn(0, -8); });
}

Result<void> CameraController::look_from(const std::string& axis) {
    const bool negative = axis.starts_with('-');
    const std::string_view letter = std::string_view(axis).substr(negative ? 1 : 0);
    if (letter != "x" && letter != "y" && letter != "z") {
        return fail(ViewFromAxis::id, fmt::format("'{}' is not an axis", axis),
                    "Give x, y, z, -x, -y or -z.");
    }
    const Viewpoint& here = document().viewpoint();
    const Eigen::Vector3d direction = Eigen::Vector3d::Unit(letter.front() - 'x') * (negative ? -1 : 1);
    document().set_viewpoint(look_at(here, here.center + here.distance() * direction, here.center));
    return {};
}

Result<void> CameraController::add_parameters(ParameterTable& parameters) {
    const auto degrees = [this] {
        const auto& scene = snapshot().scene;
        const double exact = scene ? field_of_view(document().viewpoint().camera(scene->size)).y() : 50.0;
        return std::round(exact * 1e9) / 1e9;  // What was set is what is read.
    };
    const AddParameter add{parameters};
    return add(
        "camera.fov", "Field of view", "Camera",
        "Vertical field of view of the camera in degrees. Far from that of the input photos, renderings are "
        "poor.",
        Effect::shows, always(Numbers{1, 170}), 50.0, [degrees] { return ParameterValue(degrees()); },
        [this, degrees](const ParameterValue& value) {
            const double half = radians_per_degree / 2;
            const double factor = std::tan(degrees() * half) / std::tan(value.get<double>() * half);
            Viewpoint changed = document().viewpoint();
            changed.lens.fx *= factor;
            changed.lens.fy *= factor;
            document().set_viewpoint(changed);
        });
}

Result<void> CameraController::add_commands(CommandTable& commands) {
    const auto needs_scene = [this] { return no_scene(); };
    LACT_CHECK(commands.add<FrameScene>(
        {"Frame the scene", "F", "Show the whole scene from the mean distance of its cameras.", "Camera"},
        needs_scene, [this] { document().set_viewpoint(frame_all(snapshot().scene->cameras())); }));
    LACT_CHECK(commands.add<ResetCamera>(
        {"Back to the start", "Home", "Orbit around the whole scene, as when it was opened.", "Camera"},
        needs_scene, [this] {
            document().flying = false;
            document().fly_speed = {};
            document().set_viewpoint(frame_all(snapshot().scene->cameras()));
        }));
    LACT_CHECK(commands.add<ViewFromAxis>(
        {"Look from an axis", "", "Look at the centre of the scene from one of its axes.", "Camera"},
        needs_scene, [this](const ViewFromAxis& from) { return look_from(from.axis); }));
    LACT_CHECK(commands.add<LevelCamera>(
        {"Level", "L", "Remove the roll of the camera; position and direction stay.", "Camera"}, needs_scene,
        [this] { document().set_viewpoint(level(document().viewpoint())); }));
    LACT_CHECK(add_steps(commands));
    LACT_CHECK(add_turns(commands));
    return commands.add<ToggleFlying>(
        {"Fly / orbit", "V",
         "Switch between flying (with keys that the caption of the view names, arrows, and the mouse) and "
         "turning around the scene (the mouse).",
         "Camera"},
        needs_scene, [this] { document().set_flying(!document().flying); });
}

/// A glide goes on until its end, or until the user moves the camera.
void CameraController::advance() {
    if (!glide_.active() || glided_at_ == clock_->now()) {
        return;
    }
    glided_at_ = clock_->now();
    if (glided_moves_ != document().moves()) {
        glide_.stop();
        return;
    }
    if (const auto viewpoint = glide_.advance(clock_->now())) {
        document().set_viewpoint(*viewpoint);
        glided_moves_ = document().moves();
        wake_();
    }
}

/// Slow queries are about a camera that rests: while it moves they would only delay its frames.
void CameraController::notice_rest() {
    constexpr double rest = 0.15;  // seconds
    if (!snapshot().scene) {
        return;
    }
    if (rested_moves_ != document().moves()) {
        rested_moves_ = document().moves();
        moved_at_ = clock_->now();
        document().rested.reset();
    }
    const Camera camera = document().viewpoint().camera(snapshot().scene->size);
    const auto& rested = document().rested;
    if (rested && rested->width == camera.width && rested->height == camera.height) {
        return;
    }
    if (clock_->now() - moved_at_ < rest) {
        wake_();  // check again soon
    } else {
        document().rested = camera;
    }
}

}  // namespace lact::app
