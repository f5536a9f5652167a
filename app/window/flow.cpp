#include "app/window/flow.h"

#include "app/window/widgets.h"

#include <utility>

namespace lact::window {

void Flow::next(float width) {
    if (std::exchange(first_, false)) {
        return;
    }
    // The cursor stands at the begin of a new line already: the content ends as far from there as is free.
    const float end = ImGui::GetCursorScreenPos().x + ImGui::GetContentRegionAvail().x;
    const float gap = gap_ >= 0 ? gap_ : ImGui::GetStyle().ItemSpacing.x;
    if (ImGui::GetItemRectMax().x + gap + width <= end) {
        ImGui::SameLine(0, gap);
    }
}

float Flow::width_with_mark(const char* label) {
    return ImGui::GetFrameHeight() + ImGui::GetStyle().ItemInnerSpacing.x +
           ImGui::CalcTextSize(label, nullptr, true).x;
}

bool Flow::radio(const PanelContext& context, const char* label, bool on, std::string_view words) {
    next(width_with_mark(label));
    const bool pressed = ImGui::RadioButton(label, on);
    tip(context, words);
    return pressed;
}

bool Flow::checkbox(const PanelContext& context, const char* label, bool& on, std::string_view words) {
    next(width_with_mark(label));
    const bool pressed = ImGui::Checkbox(label, &on);
    tip(context, words);
    return pressed;
}

bool Flow::button(const PanelContext& context, const char* label, std::string_view words,
                  std::string_view why_not) {
    next(ImGui::CalcTextSize(label, nullptr, true).x + (2 * ImGui::GetStyle().FramePadding.x));
    return window::button(context, label, words, why_not);
}

}  // namespace lact::window
