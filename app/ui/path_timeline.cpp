#include "app/ui/path_timeline.h"

#include "app/commands/parameter_table.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/widgets.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

float PathTimeline::Scale::x(double time) const {
    return left + width * static_cast<float>(seconds > 0 ? (time - start) / seconds : 0);
}

double PathTimeline::Scale::time(float at) const {
    return start + std::clamp(static_cast<double>((at - left) / width), 0.0, 1.0) * seconds;
}

double PathTimeline::Scale::time_beyond(float at) const {
    return start + static_cast<double>((at - left) / width) * seconds;
}

void PathTimeline::draw_key(PanelContext& context, const Scale& scale, float middle, std::size_t index,
                            double time) {
    PathState& path = services_.document->path;
    const float reach = 6 * context.scale;
    const float x = scale.x(time);
    key_places_.push_back({x, middle});
    ImGui::SetCursorScreenPos({x - reach, middle - reach});
    ImGui::PushID(static_cast<int>(index));
    ImGui::SetNextItemAllowOverlap();
    const bool pressed = ImGui::InvisibleButton("key", {2 * reach, 2 * reach}, ImGuiButtonFlags_EnableNav);
    const bool dragged = ImGui::IsItemActive() && ImGui::IsMouseDragging(ImGuiMouseButton_Left);
    if (dragged && !path.track.constant_speed) {
        dragging_ = true;
        // A drag beyond the ends makes the path longer.
        const double requested = std::round(scale.time_beyond(ImGui::GetIO().MousePos.x) * 20) / 20;
        auto changed = path.track;
        changed.keys[index].time = requested;
        if (check_track(changed)) {  // Keys stay in order.
            path.track = std::move(changed);
        }
    } else if (pressed && !was_dragging_) {
        services_.dispatch->run(GoToPathKey{index});
    }
    const CameraKey& key = path.track.keys[index];
    tip(context,
        fmt::format("Key {} of {}: {:.2f} s, field of view {:.0f}°, {}. Click: move the camera to "
                    "it. {}",
                    index + 1, path.track.keys.size(), time, key.pose.fov_y, to_string(key.easing),
                    path.track.constant_speed ? "At constant speed its time follows from its position."
                                              : "Drag: change its time."));
    const bool chosen = path.selected == index;
    const ImU32 colour = ImGui::GetColorU32(
        chosen || ImGui::IsItemHovered() ? context.colours.accent : ImGui::GetStyleColorVec4(ImGuiCol_Text));
    ImGui::GetWindowDrawList()->AddQuadFilled({x, middle - reach}, {x + reach, middle}, {x, middle + reach},
                                              {x - reach, middle}, colour);
    ImGui::PopID();
}

/// Shows the rendering at the time under the pointer in a tooltip.
void PathTimeline::show_hovered(PanelContext& context, const TrackEvaluator& evaluator, double time) {
    if (ImGui::IsItemActive() || !ImGui::BeginItemTooltip()) {
        return;
    }
    const auto& scene = services_.snapshot->scene;
    if (scene && services_.snapshot->state) {
        const QueriedImage::Shown image = hovered_.from(context, evaluator.at(time, scene->size));
        const float height = 110 * context.scale;
        const float width =
            height * static_cast<float>(scene->size.width) / static_cast<float>(scene->size.height);
        if (image.texture != nullptr) {
            ImGui::Image(image.texture->id(), {width, height});
        } else {
            ImGui::Dummy({width, height});
        }
        if (!image.current) {
            write_computing({ImGui::GetItemRectMin(), ImGui::GetItemRectMax()});
        }
    }
    ImGui::Text("%.2f s. Drag: move the camera along the path.", time);
    ImGui::EndTooltip();
}

void PathTimeline::draw(PanelContext& context) {
    const PanelServices& services = services_;
    const PathState& path = services.document->path;
    const auto evaluator = path.evaluator();
    if (!evaluator) {
        return;
    }
    const float height = 30 * context.scale;
    const float margin = 8 * context.scale;
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x;
    was_dragging_ = std::exchange(dragging_, false);
    const bool held = was_dragging_ && ImGui::IsMouseDown(ImGuiMouseButton_Left);
    if (!held) {
        scale_ = {corner.x + margin, width - 2 * margin, evaluator->start(), evaluator->duration()};
    }
    const Scale& scale = scale_;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddRectFilled(corner, {corner.x + width, corner.y + height}, ImGui::GetColorU32(ImGuiCol_FrameBg),
                       4 * context.scale);
    ImGui::SetNextItemAllowOverlap();
    ImGui::InvisibleButton("timeline", {width, height});
    if (ImGui::IsItemActive() && scale.seconds > 0) {
        services.dispatch->set("path.time", scale.time(ImGui::GetIO().MousePos.x));
    }
    show_hovered(context, *evaluator, scale.time(ImGui::GetIO().MousePos.x));
    const ImVec2 after = ImGui::GetCursorScreenPos();
    const float middle = corner.y + height / 2;
    list.AddLine({scale.left, middle}, {scale.left + scale.width, middle},
                 ImGui::GetColorU32(context.colours.muted), context.scale);
    const auto times = evaluator->key_times();
    key_places_.clear();
    for (std::size_t i = 0; i < path.track.keys.size() && i < times.size(); ++i) {
        draw_key(context, scale, middle, i, times[i]);
    }
    double shown = path.time;
    if (evaluator->closed() && scale.seconds > 0) {
        shown = scale.start +
                std::fmod(std::fmod(path.time - scale.start, scale.seconds) + scale.seconds, scale.seconds);
    }
    const float x = scale.x(std::clamp(shown, scale.start, scale.start + scale.seconds));
    list.AddLine({x, corner.y}, {x, corner.y + height}, ImGui::GetColorU32(context.colours.accent),
                 2 * context.scale);
    ImGui::SetCursorScreenPos(after);
    ImGui::Dummy({0, 0});
}

}  // namespace lact::app
