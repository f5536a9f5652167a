// The parameter table of the window: what widgets, scripts, help and settings read and set.
#include "app/program/add_parameter.h"
#include "app/program/window_program.h"

namespace lact::app {

Result<void> WindowProgram::add_parameters() {
    using Json = nlohmann::json;
    const AddParameter add{parameters_};
    LACT_CHECK(add(
        "viewport.filter", "Enlargement", "View",
        "How the model's picture is enlarged; figures are on its own pixels.",
        always(Choices{{"nearest", "bicubic"}}), "bicubic",
        [this] { return Json(view_.filter == window::Filter::nearest ? "nearest" : "bicubic"); },
        [this](const Json& value) {
            view_.filter = value == "nearest" ? window::Filter::nearest : window::Filter::bicubic;
        }));
    LACT_CHECK(add(
        "viewport.photo", "Photo in the corner", "View",
        "Show the nearest held-out photo in the picture's corner, with PSNR when the camera sits on it.",
        always(Switch{}), true, [this] { return Json(view_.picture_in_picture); },
        [this](const Json& value) { view_.picture_in_picture = value.get<bool>(); }));
    LACT_CHECK(add(
        "viewport.truth_large", "Ground truth", "View",
        "Show what a generated scene truly looks like from here in place of the model's picture (key T).",
        always(Switch{}), false, [this] { return Json(view_.truth_large); },
        [this](const Json& value) { view_.truth_large = value.get<bool>(); }));
    LACT_CHECK(add(
        "camera.flying", "Fly", "Camera", "Fly with W A S D Q E; otherwise the mouse turns around the scene.",
        always(Switch{}), false, [this] { return Json(view_.flying); },
        [this](const Json& value) { view_.flying = value.get<bool>(); }));
    LACT_CHECK(add(
        "ui.theme", "Theme", "View", "Dark, or light for papers.", always(Choices{{"dark", "light"}}), "dark",
        [this] { return Json(shell_.theme() == window::Theme::dark ? "dark" : "light"); },
        [this](const Json& value) {
            shell_.set_theme(value == "dark" ? window::Theme::dark : window::Theme::light);
        }));
    LACT_CHECK(add(
        "ui.scale", "Size of the interface", "View", "On top of the monitor's own scale.",
        always(Numbers{0.5, 3}), 1.0, [this] { return Json(shell_.user_scale()); },
        [this](const Json& value) { shell_.set_user_scale(value.get<float>()); }));
    return {};
}

}  // namespace lact::app
