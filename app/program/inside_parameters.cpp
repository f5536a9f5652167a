// The parameters of the panels that look inside: layer, head, matrices, sides, patches.
#include "app/program/inside_parameters.h"

#include "app/program/add_parameter.h"

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

Result<void> pin_photo_patch(const PanelServices& services, const std::string& text) {
    if (text.empty()) {
        services.view->selection.pinned_input.reset();
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
    const auto inputs =
        services.published->scene ? services.published->scene->inputs : std::vector<std::size_t>{};
    const auto found = std::ranges::find(inputs, static_cast<std::size_t>(photo));
    if (found == inputs.end()) {
        return fail("selection.photo_patch", fmt::format("photo {} is not an input view", photo));
    }
    services.view->selection.pinned_input = InputPatch{static_cast<std::size_t>(found - inputs.begin()), at};
    return {};
}

Result<void> pin_patch(const PanelServices& services, const std::string& text) {
    if (text.empty()) {
        services.view->selection.pinned.reset();
        return {};
    }
    PatchAt at;
    int used = 0;
    if (std::sscanf(text.c_str(), "%d,%d%n", &at.column, &at.row, &used) != 2 ||  // NOLINT: checked
        static_cast<std::size_t>(used) != text.size() || at.column < 0 || at.row < 0) {
        return fail("selection.patch", "\"" + text + "\" is not a patch", "Give column,row from 0: 3,4.");
    }
    services.view->selection.pinned = at;
    return {};
}

}  // namespace

Result<void> add_matrix_parameters(PanelServices services, ParameterTable& parameters) {
    const AddParameter add{parameters};
    const auto last = [services](bool layers) {
        if (!services.published->weights) {
            return 0;
        }
        return (layers ? services.published->weights->config.layers
                       : services.published->weights->config.ttt_heads()) -
               1;
    };
    LACT_CHECK(add(
        "matrix.layer", "Layer", "Fast weights", "Whose fast weights are shown.",
        [last] {
            return Domain(WholeNumbers{0, last(true)});
        },
        0, [services] { return Json(services.view->matrix.layer); },
        [services](const Json& value) { services.view->matrix.layer = value.get<int>(); }));
    LACT_CHECK(add(
        "matrix.head", "Head", "Fast weights", "Whose fast weights are shown.",
        [last] {
            return Domain(WholeNumbers{0, last(false)});
        },
        0, [services] { return Json(services.view->matrix.head); },
        [services](const Json& value) { services.view->matrix.head = value.get<int>(); }));
    LACT_CHECK(add(
        "matrix.which", "Matrix", "Fast weights", "f(x) = (silu(x W0) * (x W2)) W1.",
        always(Choices{matrix_names}), "w1",
        [services] { return Json(matrix_names[static_cast<std::size_t>(services.view->matrix.which)]); },
        [services](const Json& value) {
            services.view->matrix.which = static_cast<FastMatrix>(position(matrix_names, value));
        }));
    LACT_CHECK(add(
        "matrix.when", "Shown", "Fast weights", "Before the update, after it, or the change.",
        always(Choices{time_names}), "updated",
        [services] { return Json(time_names[static_cast<std::size_t>(services.view->matrix.when)]); },
        [services](const Json& value) {
            services.view->matrix.when = static_cast<MatrixTime>(position(time_names, value));
        }));
    return {};
}

Result<void> add_inside_parameters(PanelServices services, ParameterTable& parameters) {
    const AddParameter add{parameters};
    LACT_CHECK(add(
        "weights.look", "Look", "Fast weights",
        "The matrix itself, its spectrum, all layers, the token rates, or the state photo by photo.",
        always(Choices{{"map", "spectrum", "layers", "rates", "timeline"}}), "map",
        [services] { return Json(services.view->weights_look); },
        [services](const Json& value) { services.view->weights_look = value.get<std::string>(); }));
    LACT_CHECK(add(
        "weights.views", "Photos so far", "Fast weights", "The state after the first so many input photos.",
        [services] {
            const auto count = services.published->scene ? services.published->scene->inputs.size() : 1;
            return Domain(WholeNumbers{1, static_cast<long long>(count)});
        },
        1,
        [services] {
            const auto& scene = services.published->scene;
            const std::size_t count = scene ? std::max<std::size_t>(scene->inputs.size(), 1) : 1;
            return Json(std::min(services.view->timeline_views, count));
        },
        [services](const Json& value) { services.view->timeline_views = value.get<std::size_t>(); }));
    LACT_CHECK(add(
        "linear.matrices", "Matrices", "Linear attention",
        "Which matrices of the layer as linear attention are shown: the state beside W1, the state before "
        "and "
        "what the photos add, keys and values, the gradient before and after Muon.",
        always(Choices{{"state", "change", "keys", "muon"}}), "state",
        [services] { return Json(services.view->linear_matrices); },
        [services](const Json& value) { services.view->linear_matrices = value.get<std::string>(); }));
    LACT_CHECK(add(
        "linear.side", "Side of Muon's factor", "Linear attention",
        "With the values or with the keys: both readings are exact, their attention maps differ.",
        always(Choices{{"value", "key"}}), "value",
        [services] { return Json(services.view->side == Side::value ? "value" : "key"); },
        [services](const Json& value) { services.view->side = value == "value" ? Side::value : Side::key; }));
    LACT_CHECK(add(
        "linear.heads", "Heads", "Linear attention",
        "The attention of the chosen layer and head, or of all of them as a contact sheet.",
        always(Choices{{"one", "all"}}), "one",
        [services] { return Json(services.view->all_heads ? "all" : "one"); },
        [services](const Json& value) { services.view->all_heads = value == "all"; }));
    LACT_CHECK(add(
        "linear.without", "Without a photo", "Linear attention",
        "What changes in the view without this input photo, by a real set-up without it; -1: nothing is "
        "shown.",
        [services] {
            const auto count = services.published->scene ? services.published->scene->views.size() : 1;
            return Domain(WholeNumbers{-1, static_cast<long long>(count) - 1});
        },
        -1,
        [services] {
            return Json(services.view->without_photo ? static_cast<long long>(*services.view->without_photo)
                                                     : -1);
        },
        [services](const Json& value) {
            services.view->without_photo =
                value.get<long long>() < 0 ? std::nullopt : std::optional(value.get<std::size_t>());
        }));
    LACT_CHECK(parameters.add(
        {"selection.photo_patch", "Pinned patch of a photo", "Linear attention",
         "The patch of an input photo whose key, value and reads are shown, as photo:column,row; empty: the "
         "one under the pointer.",
         always(FreeText{}), "",
         [services] {
             const auto& pinned = services.view->selection.pinned_input;
             return Json(pinned && services.published->scene &&
                                 pinned->input < services.published->scene->inputs.size()
                             ? fmt::format("{}:{},{}", services.published->scene->inputs[pinned->input],
                                           pinned->at.column, pinned->at.row)
                             : std::string());
         },
         [services](const Json& value) { return pin_photo_patch(services, value.get<std::string>()); }}));
    LACT_CHECK(parameters.add(
        {"selection.patch", "Pinned patch", "Linear attention",
         "The patch of the view whose attention is shown, as column,row; empty: the one under the pointer.",
         always(FreeText{}), "",
         [services] {
             const auto& pinned = services.view->selection.pinned;
             return Json(pinned ? fmt::format("{},{}", pinned->column, pinned->row) : std::string());
         },
         [services](const Json& value) { return pin_patch(services, value.get<std::string>()); }}));
    return {};
}

}  // namespace lact::app
