#include "app/ui/photo_grid.h"

#include "app/ui/signed_colour.h"

#include <algorithm>

namespace lact::app {

const gfx::Texture& ViewTextures::thumbnail(gfx::Canvas& canvas, const SceneSummary& scene,
                                            std::size_t view) {
    if (entries_.size() != scene.views.size()) {
        entries_.resize(scene.views.size());
    }
    Entry& entry = entries_[view];
    if (entry.image != scene.views[view].thumbnail) {
        // After a failed upload the place of the photo stays empty; the canvas logs the error.
        if (!canvas.upload(entry.texture, *scene.views[view].thumbnail)) {
            entry.texture = {};
        }
        entry.image = scene.views[view].thumbnail;
    }
    return entry.texture;
}

namespace {

void outline(ImDrawList& list, const gfx::Rect& rect, ImU32 colour, float thickness) {
    list.AddRect(rect.min, rect.max, colour, 0, thickness);
}

void toggle_pin(const PanelServices& services, const InputPatch& patch) {
    Selection& selection = services.document->selection;
    selection.pinned_input =
        selection.pinned_input == patch ? std::nullopt : std::optional<InputPatch>(patch);
}

}  // namespace

PatchGrid patch_grid(const Snapshot& snapshot) {
    if (!snapshot.scene || !snapshot.weights) {
        return {};
    }
    const int patch = snapshot.weights->config.patch;
    return {snapshot.scene->size.width / patch, snapshot.scene->size.height / patch};
}

std::optional<PatchAt> selected_patch(const Selection& selection, PatchGrid grid) {
    for (const auto& patch : {selection.pinned, selection.hovered}) {
        if (patch && grid.contains(*patch)) {
            return patch;
        }
    }
    return std::nullopt;
}

std::optional<InputPatch> selected_input(const Selection& selection, PatchGrid grid) {
    for (const auto& patch : {selection.hovered_input, selection.pinned_input}) {
        if (patch && grid.contains(patch->at)) {
            return patch;
        }
    }
    return std::nullopt;
}

std::optional<PatchAt> patch_under(const gfx::Rect& rect, PatchGrid grid, ImVec2 point) {
    const float u = (point.x - rect.min.x) / (rect.max.x - rect.min.x);
    const float v = (point.y - rect.min.y) / (rect.max.y - rect.min.y);
    if (!(u >= 0 && u < 1 && v >= 0 && v < 1)) {
        return std::nullopt;
    }
    return PatchAt{static_cast<int>(u * static_cast<float>(grid.columns)),
                   static_cast<int>(v * static_cast<float>(grid.rows))};
}

gfx::Rect patch_rect(const gfx::Rect& rect, PatchGrid grid, PatchAt at) {
    const float width = (rect.max.x - rect.min.x) / static_cast<float>(grid.columns);
    const float height = (rect.max.y - rect.min.y) / static_cast<float>(grid.rows);
    const ImVec2 corner{rect.min.x + static_cast<float>(at.column) * width,
                        rect.min.y + static_cast<float>(at.row) * height};
    return {corner, {corner.x + width, corner.y + height}};
}

void draw_input_photos(PanelContext& context, const PanelServices& services, ViewTextures& textures,
                       int per_line, const std::function<void(std::size_t input, const gfx::Rect&)>& paint,
                       const std::function<void(const InputPatch&)>& describe) {
    const SceneSummary& scene = *services.snapshot->scene;
    const PatchGrid grid = patch_grid(*services.snapshot);
    const float gap = ImGui::GetStyle().ItemSpacing.x / 2;
    const float strip = 3 * context.scale;
    const float side = (ImGui::GetContentRegionAvail().x - gap * static_cast<float>(per_line - 1)) /
                       static_cast<float>(per_line);
    const float height = side * static_cast<float>(grid.rows) / static_cast<float>(grid.columns);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    for (std::size_t i = 0; i < scene.inputs.size(); ++i) {
        if (i % static_cast<std::size_t>(per_line) != 0) {
            ImGui::SameLine(0, gap);
        }
        ImGui::PushID(static_cast<int>(i));
        const ImVec2 corner = ImGui::GetCursorScreenPos();
        const bool pressed =
            ImGui::InvisibleButton("photo", {side, height + strip}, ImGuiButtonFlags_EnableNav);
        const gfx::Rect rect{corner, {corner.x + side, corner.y + height}};
        if (const auto& photo = textures.thumbnail(context.canvas, scene, scene.inputs[i])) {
            context.canvas.draw_image(list, photo, rect, gfx::Filter::bicubic);
        }
        list.AddRectFilled({corner.x, rect.max.y}, {rect.max.x, rect.max.y + strip}, colour_of_view(i + 1));
        paint(i, rect);
        const auto& pinned = services.document->selection.pinned_input;
        if (pinned && pinned->input == i && grid.contains(pinned->at)) {
            outline(list, patch_rect(rect, grid, pinned->at), ImGui::GetColorU32(context.colours.accent),
                    2 * context.scale);
        }
        const auto under =
            ImGui::IsItemHovered() ? patch_under(rect, grid, ImGui::GetIO().MousePos) : std::nullopt;
        if (under) {
            const InputPatch patch{i, *under};
            outline(list, patch_rect(rect, grid, *under), IM_COL32(0, 0, 0, 160), context.scale);
            services.document->selection.next_hovered_input = patch;
            if (ImGui::BeginTooltip()) {
                describe(patch);
                ImGui::EndTooltip();
            }
        }
        if (pressed && (under || !ImGui::IsItemHovered(ImGuiHoveredFlags_NoNavOverride))) {
            // A key points at no patch: it pins the one in the middle.
            toggle_pin(services, {i, under.value_or(PatchAt{grid.columns / 2, grid.rows / 2})});
        }
        ImGui::PopID();
    }
}

}  // namespace lact::app
