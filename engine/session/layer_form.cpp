#include "engine/session/layer_form.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace lact {
namespace {

constexpr std::array<std::pair<LayerForm, std::string_view>, 4> form_names{
    {{LayerForm::ttt, "ttt"},
     {LayerForm::linear, "linear"},
     {LayerForm::unchanged, "unchanged"},
     {LayerForm::fixed_features, "fixed-features"}}};

}  // namespace

std::string_view to_string(LayerForm form) {
    return std::ranges::find(form_names, form, &std::pair<LayerForm, std::string_view>::first)->second;
}

Result<LayerForm> parse_layer_form(std::string_view text) {
    const auto* const found =
        std::ranges::find(form_names, text, &std::pair<LayerForm, std::string_view>::second);
    if (found == form_names.end()) {
        return fail("form", fmt::format("'{}' is not known", text),
                    "Forms of a layer are ttt, linear, unchanged and fixed-features.");
    }
    return found->first;
}

}  // namespace lact
