#include "app/commands/camera_controller.h"

#include "app/commands/command_table.h"
#include "app/commands/output_files.h"
#include "app/document/camera_motion.h"

#include <algorithm>

#include <fmt/format.h>

namespace lact::app {

namespace {

constexpr double degree = 3.14159265358979323846 / 180;

}  // namespace

std::string CameraController::no_scene() const {
    return snapshot().scene ? "" : "No scene is open.";
}

void CameraController::go_to_view(std::size_t index) {
    document().set_viewpoint(go_to(document().viewpoint(), snapshot().scene->views[index].camera));
}

/// The next of `views` after the one the camera sits on, or the nearest one where it sits on none.
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

/// Motions that take a while: for tours, scripts and recordings.
Result<void> CameraController::add_glides(CommandTable& commands) {
    const auto number = [](const nlohmann::json& with, const char* name, double otherwise) {
        return with.contains(name) && with.at(name).is_number() ? with.at(name).get<double>() : otherwise;
    };
    const auto begin = [this] { glided_moves_ = document().moves(); };
    LACT_CHECK(commands.add({"camera.glide",
                             "Glide around the scene",
                             "",
                             "Turn the camera around the scene over some seconds.",
                             "Camera",
                             {{"yaw", "degrees to the right, 90 if not given", false},
                              {"pitch", "degrees upwards", false},
                              {"seconds", "3 if not given", false}},
                             [this] { return no_scene(); },
                             [this, number, begin](const nlohmann::json& with) -> Result<void> {
                                 glide_.orbit(document().viewpoint(), number(with, "yaw", 90) * degree,
                                              number(with, "pitch", 0) * degree, number(with, "seconds", 3),
                                              clock_->now());
                                 begin();
                                 return {};
                             }}));
    return commands.add({"camera.glide_to_view",
                         "Glide to a photo",
                         "",
                         "Fly to the camera of a photo over some seconds.",
                         "Camera",
                         {{"view", "index of a photo", true}, {"seconds", "2 if not given", false}},
                         [this] { return no_scene(); },
                         [this, number, begin](const nlohmann::json& with) -> Result<void> {
                             LACT_TRY(const std::size_t index,
                                      view_index(with.at("view"), snapshot().scene->views.size()));
                             glide_.to(document().viewpoint(),
                                       go_to(document().viewpoint(), snapshot().scene->views[index].camera),
                                       number(with, "seconds", 2), clock_->now());
                             begin();
                             return {};
                         }});
}

Result<void> CameraController::add_commands(CommandTable& commands) {
    const auto needs_scene = [this] { return no_scene(); };
    const auto add = [&](const char* id, const char* title, const char* key, const char* tooltip,
                         std::function<void(const nlohmann::json&)> run,
                         std::vector<CommandArgument> arguments = {}) {
        return commands.add({id, title, key, tooltip, "Camera", std::move(arguments), needs_scene,
                             [run = std::move(run)](const nlohmann::json& with) -> Result<void> {
                                 run(with);
                                 return {};
                             }});
    };
    LACT_CHECK(add(
        "camera.frame_all", "Frame the scene", "F", "See the whole scene from where its photos were taken.",
        [this](const auto&) { document().set_viewpoint(frame_all(snapshot().scene->cameras())); }));
    LACT_CHECK(add("camera.reset", "Back to the start", "Home",
                   "Orbit around the whole scene again, as when it was opened.", [this](const auto&) {
                       document().flying = false;
                       document().fly_speed = {};
                       document().set_viewpoint(frame_all(snapshot().scene->cameras()));
                   }));
    LACT_CHECK(add("camera.level", "Level", "L", "Same place and direction, without roll.",
                   [this](const auto&) { document().set_viewpoint(level(document().viewpoint())); }));
    LACT_CHECK(add("camera.next_input", "Next input view", "]",
                   "Look from the camera of the next input photo.",
                   [this](const auto&) { step_through_views(snapshot().scene->inputs, 1); }));
    LACT_CHECK(add("camera.previous_input", "Previous input view", "[",
                   "Look from the camera of the input photo before.",
                   [this](const auto&) { step_through_views(snapshot().scene->inputs, -1); }));
    LACT_CHECK(
        add("camera.next_held_out", "Next held-out view", ".",
            "Look from the camera of the next held-out photo, which the model has not seen; PSNR is shown.",
            [this](const auto&) { step_through_views(snapshot().scene->held_out(), 1); }));
    LACT_CHECK(add("camera.previous_held_out", "Previous held-out view", ",",
                   "Look from the camera of the held-out photo before.",
                   [this](const auto&) { step_through_views(snapshot().scene->held_out(), -1); }));
    LACT_CHECK(commands.add({"camera.go_to_view",
                             "Go to a photo",
                             "",
                             "Look from the camera of a photo.",
                             "Camera",
                             {{"view", "index of a photo", true}},
                             needs_scene,
                             [this](const nlohmann::json& with) -> Result<void> {
                                 LACT_TRY(const std::size_t view,
                                          view_index(with.at("view"), snapshot().scene->views.size()));
                                 go_to_view(view);
                                 return {};
                             }}));
    const auto number = [](const nlohmann::json& with, const char* name, double otherwise) {
        return with.contains(name) && with.at(name).is_number() ? with.at(name).template get<double>()
                                                                : otherwise;
    };
    LACT_CHECK(
        add("camera.turn", "Turn around the scene", "Right", "Turn the camera around the scene (degrees).",
            [this, number](const auto& with) {
                document().set_viewpoint(orbit(document().viewpoint(), number(with, "yaw", 10) * degree,
                                               number(with, "pitch", 0) * degree));
            },
            {{"yaw", "degrees to the right, 10 if not given", false}, {"pitch", "degrees upwards", false}}));
    LACT_CHECK(add(
        "camera.turn_back", "Turn the other way", "Left", "Turn the camera around the scene to its left.",
        [this](const auto&) { document().set_viewpoint(orbit(document().viewpoint(), -10 * degree, 0)); }));
    LACT_CHECK(add("camera.rise", "Higher", "Up", "Look from higher up.", [this](const auto&) {
        document().set_viewpoint(orbit(document().viewpoint(), 0, 8 * degree));
    }));
    LACT_CHECK(add("camera.sink", "Lower", "Down", "Look from lower down.", [this](const auto&) {
        document().set_viewpoint(orbit(document().viewpoint(), 0, -8 * degree));
    }));
    return add("camera.fly", "Fly / orbit", "V",
               "Fly with W A S D Q E and the mouse, or turn around the scene with the mouse.",
               [this](const auto&) {
                   document().flying = !document().flying;
                   if (!document().flying) {
                       document().set_viewpoint(recenter(document().viewpoint()));
                   }
               });
}

/// A glide goes on until its end or until the person moves the camera.
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

/// Slow questions are asked about a camera that rests: while it moves they would only delay its pictures.
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
        wake_();  // look again soon
    } else {
        document().rested = camera;
    }
}

}  // namespace lact::app
