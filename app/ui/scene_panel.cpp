#include "app/ui/scene_panel.h"

#include "app/commands/command_table.h"
#include "app/runtime/snapshot.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/signed_colour.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"

#include <algorithm>

#include <fmt/format.h>

namespace lact::app {

namespace {

constexpr float photo_points = 84;

}  // namespace

void ScenePanel::draw(PanelContext& context) {
    const auto& scene = services_.snapshot->scene;
    if (!scene) {
        ImGui::TextColored(context.colours.muted, "No scene is open.");
        return;
    }
    draw_header(context, *scene);
    ImGui::Separator();
    if (ImGui::BeginChild("photos")) {
        const float gap = ImGui::GetStyle().ItemSpacing.x;
        const float width = ImGui::GetContentRegionAvail().x;
        const int columns =
            std::max(1, static_cast<int>((width + gap) / (photo_points * context.scale + gap)));
        const float side = (width - gap * static_cast<float>(columns - 1)) / static_cast<float>(columns);
        for (std::size_t i = 0; i < scene->views.size(); ++i) {
            if (i % static_cast<std::size_t>(columns) != 0) {
                ImGui::SameLine();
            }
            ImGui::PushID(static_cast<int>(i));
            draw_photo(context, *scene, i, side);
            ImGui::PopID();
        }
    }
    ImGui::EndChild();
}

void ScenePanel::draw_header(PanelContext& context, const SceneSummary& scene) {
    ImGui::PushFont(context.fonts.bold, 0);
    ImGui::TextUnformatted(scene.name.c_str());
    ImGui::PopFont();
    tip(context, scene.path.string());
    ImGui::SameLine();
    ImGui::TextColored(context.colours.muted, "%zu photos", scene.views.size());
    ImGui::Text("%zu input views, %zu held out", scene.inputs.size(),
                scene.views.size() - scene.inputs.size());
    tip(context,
        "Set-up writes the checked photos into the fast weights. The others are held out for evaluation. "
        "Poses: " +
            scene.normalization + ". " + scene.normalization_reason);
    for (const SceneRemark& remark : scene.remarks) {
        ImGui::PushTextWrapPos(0);
        ImGui::TextColored(context.colours.warning, "%s %s", icon::warning, remark.text.c_str());
        ImGui::PopTextWrapPos();
    }
    Flow flow;
    command_button(context, services_, flow, SpreadInputs::id, "8 spread");
    command_button(context, services_, flow, UseAllPhotos::id, "All");
    command_button(context, services_, flow, UseOnePhoto::id, "One");
}

void ScenePanel::draw_photo(PanelContext& context, const SceneSummary& scene, std::size_t view, float side) {
    const ViewSummary& summary = scene.views[view];
    const gfx::Texture& photo = textures_.thumbnail(context.canvas, scene, view);
    ImGui::BeginGroup();
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const float shape = photo ? static_cast<float>(photo.height()) / static_cast<float>(photo.width()) : 1;
    const ImVec2 size{side, side * std::clamp(shape, 0.5F, 1.5F)};
    ImGui::SetNextItemAllowOverlap();
    if (ImGui::InvisibleButton("go", size)) {
        services_.dispatch->run(GoToView{view});
    }
    const bool hovered = ImGui::IsItemHovered();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImVec2 end{corner.x + size.x, corner.y + size.y};
    if (photo) {
        context.canvas.draw_image(list, photo, {corner, end}, gfx::Filter::bicubic);
    }
    if (!summary.is_input) {
        list.AddRectFilled(corner, end, IM_COL32(0, 0, 0, hovered ? 40 : 110));
    } else if (const std::size_t place = scene.input_place(view); place > 0) {
        list.AddRectFilled({corner.x, end.y - 3 * context.scale}, end, colour_of_view(place));
    }
    const Camera* shown = shown_camera(*services_.snapshot);
    const bool here = shown != nullptr && coincide(*shown, summary.camera);
    if (here || hovered) {
        list.AddRect(corner, end, ImGui::GetColorU32(here ? context.colours.accent : context.colours.muted),
                     0, 2 * context.scale);
    }
    tip(context, fmt::format("Photo {} ({}), {}. Click: move the camera to its pose.", view, summary.name,
                             summary.is_input ? "input view" : "held out"));
    ImGui::SetCursorScreenPos({corner.x + 3 * context.scale, corner.y + 3 * context.scale});
    bool input = summary.is_input;
    ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {0, 0});
    if (ImGui::Checkbox("##input", &input)) {
        services_.dispatch->run(ToggleInput{view});
    }
    ImGui::PopStyleVar();
    tip(context, "Use this photo as an input view. The state is rebuilt at once.");
    const std::string number = std::to_string(view);
    const ImVec2 text = ImGui::CalcTextSize(number.c_str());
    const ImVec2 at{end.x - text.x - 4 * context.scale, end.y - text.y - 2 * context.scale};
    list.AddRectFilled({at.x - 2, at.y}, {end.x, end.y}, IM_COL32(0, 0, 0, 150));
    list.AddText(at, IM_COL32(235, 238, 243, 255), number.c_str());
    ImGui::SetCursorScreenPos(corner);
    ImGui::Dummy(size);
    ImGui::EndGroup();
}

PanelData ScenePanel::data() const {
    const auto& scene = services_.snapshot->scene;
    if (!scene) {
        return {};
    }
    std::vector<std::string> columns = {"view", "input", "fx", "fy", "cx", "cy"};
    for (int i = 0; i < 16; ++i) {
        columns.push_back(fmt::format("c2w_{}{}", i / 4, i % 4));
    }
    std::vector<double> values;
    for (const ViewSummary& view : scene->views) {
        values.insert(values.end(), {static_cast<double>(view.index), view.is_input ? 1.0 : 0.0,
                                     view.camera.fx, view.camera.fy, view.camera.cx, view.camera.cy});
        for (int i = 0; i < 16; ++i) {
            values.push_back(view.camera.c2w(i / 4, i % 4));
        }
    }
    return {make_table("cameras", columns, values)};
}

}  // namespace lact::app
