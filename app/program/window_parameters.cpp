// The parameter table of the window: what widgets, scripts, help and settings read and set.
#include "app/program/window_program.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

namespace lact::app {
namespace {

const std::vector<std::string> matrix_names = {"w0", "w1", "w2"};
const std::vector<std::string> time_names = {"initial", "updated", "change"};

std::size_t position(const std::vector<std::string>& names, const nlohmann::json& value) {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), value.get<std::string>()) -
                                    names.begin());
}

std::string size_name(Size size) {
    return fmt::format("{}x{}", size.width, size.height);
}

}  // namespace

Result<void> WindowProgram::pin_patch(const std::string& text) {
    if (text.empty()) {
        view_.selection.pinned.reset();
        return {};
    }
    PatchAt at;
    int used = 0;
    if (std::sscanf(text.c_str(), "%d,%d%n", &at.column, &at.row, &used) != 2 ||  // NOLINT: checked
        static_cast<std::size_t>(used) != text.size() || at.column < 0 || at.row < 0) {
        return fail("selection.patch", "\"" + text + "\" is not a patch", "Give column,row from 0: 3,4.");
    }
    view_.selection.pinned = at;
    return {};
}

Result<void> WindowProgram::add_parameters() {
    using Json = nlohmann::json;
    const auto add = [&](const char* id, const char* title, const char* group, const char* tooltip,
                         std::function<Domain()> domain, Json initial, std::function<Json()> get,
                         std::function<void(const Json&)> set) {
        return parameters_.add({id, title, group, tooltip, std::move(domain), std::move(initial),
                                std::move(get), [set = std::move(set)](const Json& value) -> Result<void> {
                                    set(value);
                                    return {};
                                }});
    };
    LACT_CHECK(add(
        "viewport.filter", "Enlargement", "View",
        "How the model's picture is enlarged; figures are on its own pixels.",
        always(Choices{{"nearest", "bicubic"}}), "nearest",
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
    const auto last = [this](bool layers) {
        if (!published_.weights) {
            return 0;
        }
        return (layers ? published_.weights->config.layers : published_.weights->config.ttt_heads()) - 1;
    };
    LACT_CHECK(add(
        "matrix.layer", "Layer", "Fast weights", "Whose fast weights are shown.",
        [last] {
            return Domain(WholeNumbers{0, last(true)});
        },
        0, [this] { return Json(view_.matrix.layer); },
        [this](const Json& value) { view_.matrix.layer = value.get<int>(); }));
    LACT_CHECK(add(
        "matrix.head", "Head", "Fast weights", "Whose fast weights are shown.",
        [last] {
            return Domain(WholeNumbers{0, last(false)});
        },
        0, [this] { return Json(view_.matrix.head); },
        [this](const Json& value) { view_.matrix.head = value.get<int>(); }));
    LACT_CHECK(add(
        "matrix.which", "Matrix", "Fast weights", "f(x) = (silu(x W0) * (x W2)) W1.",
        always(Choices{matrix_names}), "w1",
        [this] { return Json(matrix_names[static_cast<std::size_t>(view_.matrix.which)]); },
        [this](const Json& value) {
            view_.matrix.which = static_cast<FastMatrix>(position(matrix_names, value));
        }));
    LACT_CHECK(add(
        "matrix.when", "Shown", "Fast weights", "Before the update, after it, or the change.",
        always(Choices{time_names}), "updated",
        [this] { return Json(time_names[static_cast<std::size_t>(view_.matrix.when)]); },
        [this](const Json& value) {
            view_.matrix.when = static_cast<MatrixTime>(position(time_names, value));
        }));
    LACT_CHECK(add(
        "linear.matrices", "Matrices", "Linear attention",
        "Which matrices of the layer as linear attention are shown: the state beside W1, the state before "
        "and "
        "what the photos add, keys and values, the gradient before and after Muon.",
        always(Choices{{"state", "change", "keys", "muon"}}), "state",
        [this] { return Json(view_.linear_matrices); },
        [this](const Json& value) { view_.linear_matrices = value.get<std::string>(); }));
    LACT_CHECK(add(
        "linear.side", "Side of Muon's factor", "Linear attention",
        "With the values or with the keys: both readings are exact, their attention maps differ.",
        always(Choices{{"value", "key"}}), "value",
        [this] { return Json(view_.side == Side::value ? "value" : "key"); },
        [this](const Json& value) { view_.side = value == "value" ? Side::value : Side::key; }));
    LACT_CHECK(parameters_.add(
        {"selection.patch", "Pinned patch", "Linear attention",
         "The patch of the view whose attention is shown, as column,row; empty: the one under the pointer.",
         always(FreeText{}), "",
         [this] {
             const auto& pinned = view_.selection.pinned;
             return Json(pinned ? fmt::format("{},{}", pinned->column, pinned->row) : std::string());
         },
         [this](const Json& value) { return pin_patch(value.get<std::string>()); }}));
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
    const auto sizes = [this]() -> Domain {
        Choices choices;
        if (published_.weights) {
            for (const OfferedSize& offered : published_.weights->sizes) {
                choices.names.push_back(size_name(offered.size));
            }
        }
        choices.names.emplace_back("auto");
        return choices;
    };
    return add(
        "model.size", "Size of the model's pictures", "Scene",
        "Weights do not carry over to sizes they were not trained on; 'auto' is the largest trained one.",
        sizes, "auto",
        [this] { return Json(published_.scene ? size_name(published_.scene->size) : std::string("auto")); },
        [this](const Json& value) {
            if (!published_.weights) {
                return;
            }
            for (const OfferedSize& offered : published_.weights->sizes) {
                if (value == size_name(offered.size) ||
                    (value == "auto" && offered.training == SizeTraining::trained)) {
                    engine_.set_size(offered.size);
                }
            }
        });
}

}  // namespace lact::app
