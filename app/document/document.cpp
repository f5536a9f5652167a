#include "app/document/document.h"

#include <algorithm>

#include <fmt/format.h>

namespace lact::app {

std::string Document::times(double milliseconds) const {
    return show_times ? fmt::format("{:.0f} ms", milliseconds) : std::string();
}

void Selection::follow_inputs(std::uint64_t scene, const std::vector<std::size_t>& inputs) {
    auto& [known_scene, known] = pinned_among;
    if (pinned_input && (known_scene != scene || known != inputs)) {
        const bool same_scene = known_scene == scene && pinned_input->input < known.size();
        const auto place = same_scene ? std::ranges::find(inputs, known[pinned_input->input]) : inputs.end();
        if (place == inputs.end()) {
            pinned_input.reset();
        } else {
            pinned_input->input = static_cast<std::size_t>(place - inputs.begin());
        }
    }
    pinned_among = {scene, inputs};
}

}  // namespace lact::app
