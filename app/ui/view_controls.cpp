#include "app/ui/view_controls.h"

#include "app/commands/command_table.h"
#include "app/commands/parameter_table.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace lact::app {

namespace {

/// An axis of the scene as the camera sees it.
struct SeenAxis {
    const char* name;  ///< Argument of camera.from_axis: "x", "-x".
    ImVec2 end;        ///< In image directions, length at most 1.
    double depth = 0;  ///< Along the viewing direction.
    ImU32 colour = 0;
    bool positive = true;
};

std::array<SeenAxis, 6> seen_axes(const Eigen::Matrix4d& c2w) {
    constexpr std::array<ImU32, 3> colours = {IM_COL32(214, 93, 86, 255), IM_COL32(106, 170, 84, 255),
                                              IM_COL32(86, 140, 214, 255)};
    constexpr std::array<std::array<const char*, 2>, 3> names = {{{"x", "-x"}, {"y", "-y"}, {"z", "-z"}}};
    std::array<SeenAxis, 6> axes;
    for (int axis = 0; axis < 3; ++axis) {
        for (int sign = 0; sign < 2; ++sign) {
            const double factor = sign == 0 ? 1 : -1;
            const auto i = static_cast<std::size_t>(axis);
            axes.at(2 * i + static_cast<std::size_t>(sign)) = {
                names.at(i).at(static_cast<std::size_t>(sign)),
                {static_cast<float>(factor * c2w(axis, 0)), static_cast<float>(factor * c2w(axis, 1))},
                factor * c2w(axis, 2),
                colours.at(i),
                sign == 0};
        }
    }
    // What is farther is drawn first.
    std::ranges::sort(axes, [](const SeenAxis& a, const SeenAxis& b) { return a.depth > b.depth; });
    return axes;
}

}  // namespace

float ViewControls::height(const PanelContext& context) {
    return ImGui::GetFrameHeight() + 8 * context.scale;
}

namespace {

/// The buttons from left to right, after the field of view and before the switch of the labels.
struct Control {
    const char* id;
    const char* glyph;
};
constexpr std::array<Control, 3> controls = {
    {{ResetCamera::id, icon::home}, {FrameScene::id, icon::expand}, {LevelCamera::id, icon::level}}};

float control_gap(const PanelContext& context) {
    return 4 * context.scale;
}
float control_side() {
    return ImGui::GetFrameHeight() * 1.15F;
}
float slider_width(const PanelContext& context) {
    return 92 * context.scale;
}

}  // namespace

float ViewControls::width(const PanelContext& context) {
    return static_cast<float>(controls.size() + 1) * (control_side() + control_gap(context)) +
           slider_width(context) + 2 * control_gap(context);
}

void ViewControls::draw(PanelContext& context, const gfx::Rect& area, bool hovered, float caption_top) {
    const bool shown = services_.document->overlays;
    // Without labels the switch that brings them back appears under the pointer; never in a recording.
    if (!shown && (!hovered || !services_.document->show_times)) {
        return;
    }
    ImGui::PushID("controls");
    const ImVec2 before = ImGui::GetCursorPos();
    if (shown) {
        draw_gizmo(context, area, caption_top);
    }
    draw_buttons(context, area);
    ImGui::SetCursorPos(before);
    ImGui::Dummy({0, 0});
    ImGui::PopID();
}

void ViewControls::draw_buttons(PanelContext& context, const gfx::Rect& area) {
    const bool shown = services_.document->overlays;
    const float gap = control_gap(context);
    const float side = control_side();
    const float width = shown ? ViewControls::width(context) - gap : side + gap;
    if (width > area.max.x - area.min.x) {
        return;  // The view is too narrow.
    }
    ImGui::SetCursorScreenPos({area.max.x - width - gap, area.max.y - height(context)});
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {gap, gap});
    ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {0, ImGui::GetStyle().FramePadding.y});
    if (shown) {
        draw_field_of_view(context, slider_width(context));
        ImGui::SameLine();
        for (const Control& control : controls) {
            const Command* command = services_.dispatch->commands().find(control.id);
            const std::string key = context.keys.map(command->chord).shown;
            if (button(context, control.glyph,
                       command->title + (key.empty() ? "" : " (" + key + ")") + ". " + command->tooltip,
                       command->why_not(), {side, 0})) {
                services_.dispatch->run(control.id);
            }
            ImGui::SameLine();
        }
    }
    if (button(context, shown ? icon::eye : icon::eye_off,
               shown ? "Hide captions, the photo in the corner and these buttons."
                     : "Show captions, the photo in the corner and the buttons.",
               {}, {side, 0})) {
        services_.dispatch->set("viewport.overlays", !shown);
    }
    ImGui::PopStyleVar(2);
}

void ViewControls::draw_field_of_view(PanelContext& context, float width) {
    const auto value = services_.dispatch->parameters().get("camera.fov");
    if (!value) {
        return;
    }
    float degrees = value->get<float>();
    ImGui::SetNextItemWidth(width);
    if (ImGui::SliderFloat("##fov", &degrees, 10, 120, "fov %.0f°", ImGuiSliderFlags_AlwaysClamp)) {
        services_.dispatch->set("camera.fov", degrees);
    }
    tip(context, services_.dispatch->tooltip("camera.fov"));
}

void ViewControls::draw_gizmo(PanelContext& context, const gfx::Rect& area, float caption_top) {
    const float radius = 24 * context.scale;
    const float gap = 8 * context.scale;
    if (area.max.y - area.min.y < 8 * radius || area.max.x - area.min.x < 8 * radius) {
        return;
    }
    const float outer = radius * 1.35F;
    const ImVec2 centre{
        area.min.x + gap + radius * 1.2F,
        std::min(area.max.y - 2 * height(context) - radius * 1.2F, caption_top - outer) - gap};
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddCircleFilled(centre, outer, IM_COL32(20, 22, 26, 60));
    for (const SeenAxis& axis : seen_axes(services_.document->viewpoint().c2w)) {
        const ImVec2 end{centre.x + radius * axis.end.x, centre.y + radius * axis.end.y};
        const float knob = (axis.positive ? 7.0F : 4.0F) * context.scale;
        ImGui::SetCursorScreenPos({end.x - knob, end.y - knob});
        if (ImGui::InvisibleButton(axis.name, {2 * knob, 2 * knob}, ImGuiButtonFlags_EnableNav)) {
            services_.dispatch->run(ViewFromAxis{axis.name});
        }
        const bool hovered = ImGui::IsItemHovered();
        tip(context, fmt::format("Look at the centre from {}.", axis.name));
        if (axis.positive) {
            list.AddLine(centre, end, axis.colour, 2 * context.scale);
            list.AddCircleFilled(end, knob, axis.colour);
            const ImVec2 size = ImGui::CalcTextSize(axis.name);
            list.AddText({end.x - size.x / 2, end.y - size.y / 2}, IM_COL32(15, 16, 18, 255), axis.name);
        } else {
            list.AddCircleFilled(end, knob, (axis.colour & ~IM_COL32_A_MASK) | (120U << IM_COL32_A_SHIFT));
        }
        if (hovered) {
            list.AddCircle(end, knob + context.scale, IM_COL32_WHITE);
        }
    }
}

}  // namespace lact::app
