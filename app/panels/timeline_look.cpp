#include "app/core/parameters.h"
#include "app/panels/weights_looks.h"
#include "app/window/icons.h"
#include "app/window/widgets.h"

#include <algorithm>

#include <fmt/format.h>

namespace lact::app {

void TimelineLook::play(window::PanelContext& context, const PanelServices& services, std::size_t count) {
    constexpr double pause = 0.8;  // seconds a photo
    if (window::button(context, playing_ ? window::icon::stop : window::icon::play,
                       playing_ ? "Stop." : "Add the photos one after the other.")) {
        playing_ = !playing_;
        next_at_ = ImGui::GetTime() + pause;
    }
    if (!playing_) {
        return;
    }
    context.animate = true;
    // The next photo waits for the picture of the last one.
    if (ImGui::GetTime() >= next_at_ && services.questions->fresh("weights.timeline.picture")) {
        next_at_ = ImGui::GetTime() + pause;
        const auto next = services.view->timeline_views % count + 1;
        (void)services.parameters->set("weights.views", static_cast<long long>(next));
    }
}

void TimelineLook::draw(window::PanelContext& context, const PanelServices& services) {
    const Published& now = *services.published;
    const std::size_t count = now.scene->inputs.size();
    const auto views = std::clamp<std::size_t>(services.view->timeline_views, 1, count);
    int chosen = static_cast<int>(views);
    play(context, services, count);
    ImGui::SameLine();
    ImGui::SetNextItemWidth(-1);
    if (ImGui::SliderInt("##views", &chosen, 1, static_cast<int>(count), "state after %d photos",
                         ImGuiSliderFlags_AlwaysClamp)) {
        (void)services.parameters->set("weights.views", chosen);
    }
    MatrixKey key = services.view->matrix;
    const auto answer =
        services.questions->ask("weights.timeline.matrix", AskAfterViews{key, views, Features::frozen});
    if (const Matrix* matrix = answer ? answer->get<Matrix>() : nullptr) {
        map_.show(std::shared_ptr<const Matrix>(answer, matrix), context);
    }
    const ImVec2 space = ImGui::GetContentRegionAvail();
    const float side = std::min(space.x, (space.y - 3 * ImGui::GetTextLineHeightWithSpacing()) / 2);
    ImGui::TextColored(context.colours.muted, "the view, from a real set-up with %zu of %zu photos", views,
                       count);
    draw_picture(context, services, views, side);
    ImGui::TextColored(context.colours.muted, "layer %d, head %d, at frozen features", key.layer, key.head);
    window::tip(
        context,
        "What the layer would hold after the first photos if its inputs were those of all photos: exact "
        "for layer 0 alone, as deeper layers would see other features.");
    MatrixView::Style style;
    style.range = services.view->locked_range.value_or(map_.largest());
    style.name = fmt::format("layer {}, head {}, after {} photos", key.layer, key.head, views);
    map_.draw(context, "timeline", {side, side}, style);
}

void TimelineLook::draw_picture(window::PanelContext& context, const PanelServices& services,
                                std::size_t views, float side) {
    const auto& camera = services.view->rested;
    if (camera) {
        const auto answer =
            services.questions->ask("weights.timeline.picture", AskPictureAfterViews{*camera, views});
        const Frame* frame = answer ? answer->get<Frame>() : nullptr;
        if (frame != nullptr && answer != shown_ &&
            context.canvas.upload(picture_, to_image8(frame->image))) {
            shown_ = answer;
        }
    }
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    ImGui::Dummy({side, side});
    if (picture_) {
        context.canvas.draw_picture(*ImGui::GetWindowDrawList(), picture_,
                                    {corner, {corner.x + side, corner.y + side}}, services.view->filter);
    }
}

PanelData TimelineLook::data() const {
    if (!map_.shown()) {
        return {};
    }
    const Matrix& matrix = *map_.shown();
    return {make_matrix("matrix", matrix.columns, {matrix.values.begin(), matrix.values.end()})};
}

}  // namespace lact::app
