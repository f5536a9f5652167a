// The parameters of the panels that look inside: layer, head, matrices, sides, patches.
#include "app/program/add_parameter.h"
#include "app/program/window_program.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

namespace lact::app {
namespace {

using Json = nlohmann::json;

const std::vector<std::string> matrix_names = {"w0", "w1", "w2"};
const std::vector<std::string> time_names = {"initial", "updated", "change"};

std::size_t position(const std::vector<std::string>& names, const nlohmann::json& value) {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), value.get<std::string>()) -
                                    names.begin());
}

}  // namespace

Result<void> WindowProgram::pin_photo_patch(const std::string& text) {
    if (text.empty()) {
        view_.selection.pinned_input.reset();
        return {};
    }
    int photo = 0;
    PatchAt at;
    int used = 0;
    if (std::sscanf(text.c_str(), "%d:%d,%d%n", &photo, &at.column, &at.row, &used) !=
            3 ||  // NOLINT: checked
        static_cast<std::size_t>(used) != text.size() ||
        photo < 0 || at.column < 0 || at.row < 0) {
        return fail("selection.photo_patch", "\"" + text + "\" is not a patch of a photo",
                    "Give photo:column,row from 0: 12:3,4.");
    }
    const auto inputs = published_.scene ? published_.scene->inputs : std::vector<std::size_t>{};
    const auto found = std::ranges::find(inputs, static_cast<std::size_t>(photo));
    if (found == inputs.end()) {
        return fail("selection.photo_patch", fmt::format("photo {} is not an input view", photo));
    }
    view_.selection.pinned_input = InputPatch{static_cast<std::size_t>(found - inputs.begin()), at};
    return {};
}

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

Result<void> WindowProgram::add_matrix_parameters() {
    const AddParameter add{parameters_};
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
    return {};
}

Result<void> WindowProgram::add_inside_parameters() {
    const AddParameter add{parameters_};
    LACT_CHECK(add(
        "weights.look", "Look", "Fast weights",
        "The matrix itself, its spectrum, all layers, the token rates, or the state photo by photo.",
        always(Choices{{"map", "spectrum", "layers", "rates", "timeline"}}), "map",
        [this] { return Json(view_.weights_look); },
        [this](const Json& value) { view_.weights_look = value.get<std::string>(); }));
    LACT_CHECK(add(
        "weights.views", "Photos so far", "Fast weights", "The state after the first so many input photos.",
        [this] {
            const auto count = published_.scene ? published_.scene->inputs.size() : 1;
            return Domain(WholeNumbers{1, static_cast<long long>(count)});
        },
        1, [this] { return Json(view_.timeline_views); },
        [this](const Json& value) { view_.timeline_views = value.get<std::size_t>(); }));
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
    LACT_CHECK(add(
        "linear.heads", "Heads", "Linear attention",
        "The attention of the chosen layer and head, or of all of them as a contact sheet.",
        always(Choices{{"one", "all"}}), "one", [this] { return Json(view_.all_heads ? "all" : "one"); },
        [this](const Json& value) { view_.all_heads = value == "all"; }));
    LACT_CHECK(add(
        "linear.without", "Without a photo", "Linear attention",
        "What changes in the view without this input photo, by a real set-up without it; -1: nothing is "
        "shown.",
        [this] {
            const auto count = published_.scene ? published_.scene->views.size() : 1;
            return Domain(WholeNumbers{-1, static_cast<long long>(count) - 1});
        },
        -1, [this] { return Json(view_.without_photo ? static_cast<long long>(*view_.without_photo) : -1); },
        [this](const Json& value) {
            view_.without_photo =
                value.get<long long>() < 0 ? std::nullopt : std::optional(value.get<std::size_t>());
        }));
    LACT_CHECK(parameters_.add(
        {"selection.photo_patch", "Pinned patch of a photo", "Linear attention",
         "The patch of an input photo whose key, value and reads are shown, as photo:column,row; empty: the "
         "one under the pointer.",
         always(FreeText{}), "",
         [this] {
             const auto& pinned = view_.selection.pinned_input;
             return Json(pinned && published_.scene && pinned->input < published_.scene->inputs.size()
                             ? fmt::format("{}:{},{}", published_.scene->inputs[pinned->input],
                                           pinned->at.column, pinned->at.row)
                             : std::string());
         },
         [this](const Json& value) { return pin_photo_patch(value.get<std::string>()); }}));
    LACT_CHECK(parameters_.add(
        {"selection.patch", "Pinned patch", "Linear attention",
         "The patch of the view whose attention is shown, as column,row; empty: the one under the pointer.",
         always(FreeText{}), "",
         [this] {
             const auto& pinned = view_.selection.pinned;
             return Json(pinned ? fmt::format("{},{}", pinned->column, pinned->row) : std::string());
         },
         [this](const Json& value) { return pin_patch(value.get<std::string>()); }}));
    return {};
}

}  // namespace lact::app
