#include "app/ui/scene_panel.h"

#include "app/commands/command_table.h"
#include "app/runtime/snapshot.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/signed_colour.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"
#include "engine/core/counted.h"

#include <algorithm>
#include <cfloat>
#include <vector>

#include <fmt/format.h>

namespace lact::app {

namespace {

constexpr float photo_points = 84;

const char* icon_of(RemarkKind kind) {
    switch (kind) {
        case RemarkKind::found_elsewhere:
            return icon::search;
        case RemarkKind::left_out:
            return icon::cross;
        case RemarkKind::corrected:
            return icon::check;
        case RemarkKind::mask:
            return icon::adjust;
        case RemarkKind::unused:
            return icon::folder_open;
        case RemarkKind::duplicate:
            return icon::images;
        case RemarkKind::geometry:
            return icon::cube;
        case RemarkKind::lens:
            return icon::camera;
        case RemarkKind::training:
            break;
    }
    return icon::gauge;
}

/// Whether a remark says that something is lost or renders worse, not only how it was read.
bool is_loss(RemarkKind kind) {
    return kind == RemarkKind::left_out || kind == RemarkKind::geometry || kind == RemarkKind::lens ||
           kind == RemarkKind::training;
}

}  // namespace

void ScenePanel::draw(PanelContext& context) {
    const auto& scene = services_.snapshot->scene;
    if (!scene) {
        ImGui::TextColored(context.colours.muted, "No scene is open.");
        return;
    }
    measure();
    requested_ = requested_inputs(*services_.document, *scene);
    draw_header(context, *scene);
    ImGui::Separator();
    // The remarks are below the photos: one that comes when photos are ticked moves none of them.
    const float remarks = std::min(remarks_height_, 0.5F * ImGui::GetContentRegionAvail().y);
    if (ImGui::BeginChild("photos", {0, -remarks})) {
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
    const float top = ImGui::GetCursorPosY();
    draw_remarks(context, *scene);
    const float height = ImGui::GetCursorPosY() - top;
    if (height != remarks_height_) {
        remarks_height_ = height;
        context.animate = true;
    }
    end_ticking(*scene);
}

void ScenePanel::measure() {
    Document& document = *services_.document;
    const auto& state = services_.snapshot->state;
    if (!state || !document.show_psnr) {
        document.view_figures = {};
        return;
    }
    const auto answer = document.queries.ask("rule.psnr", HeldOutQuery{});
    const auto* held = answer ? answer->get<HeldOutPsnr>() : nullptr;
    const bool fresh = document.queries.fresh("rule.psnr");
    if (!answer || !fresh) {
        document.view_figures = {};  // Values of another state never stand there as current.
    } else if (document.view_figures.generation != state->generation) {
        document.view_figures = {state->generation, {}, answer->problem};
        if (held != nullptr) {
            document.view_figures.views = held->views;
        }
    }
}

void ScenePanel::end_ticking(const SceneSummary& scene) {
    if (!ticking_ || ImGui::IsMouseDown(ImGuiMouseButton_Left)) {
        return;
    }
    const Ticking done = *std::exchange(ticking_, std::nullopt);
    if (done.scene != scene.sequence) {
        return;  // Another scene was opened meanwhile.
    }
    if (done.views.size() == 1) {
        services_.dispatch->run(ToggleInput{done.views.front()});
        return;
    }
    const std::vector<std::size_t> before = requested_inputs(*services_.document, scene);
    std::vector<std::size_t> inputs = before;
    for (const std::size_t view : done.views) {
        const auto at = std::ranges::find(inputs, view);
        if (done.input && at == inputs.end()) {
            inputs.push_back(view);
        } else if (!done.input && at != inputs.end() && inputs.size() > 1) {
            inputs.erase(at);
        }
    }
    if (inputs != before) {
        services_.dispatch->run(SetInputs{std::move(inputs)});
    }
}

bool ScenePanel::is_requested(std::size_t view) const {
    return std::ranges::find(requested_, view) != requested_.end();
}

void ScenePanel::draw_tick(PanelContext& context, const SceneSummary& scene, std::size_t view,
                           const gfx::Rect& photo) {
    const bool is_input = is_requested(view);
    const bool ticked = ticking_ && std::ranges::find(ticking_->views, view) != ticking_->views.end();
    bool input = ticked ? ticking_->input : is_input;
    ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {0, 0});
    const bool toggled = ImGui::Checkbox("##input", &input);
    ImGui::PopStyleVar();
    tip(context,
        "Use this photo as an input view; the state is rebuilt at once. Drag over several photos, or hold "
        "Shift for "
        "all from the last one on.");
    if (ImGui::IsItemActivated() && ImGui::IsMouseDown(ImGuiMouseButton_Left)) {
        ticking_ = Ticking{!is_input, {view}, scene.sequence};
        if (ImGui::GetIO().KeyShift && last_ticked_ && last_ticked_->scene == scene.sequence) {
            const auto [from, to] = std::minmax(last_ticked_->view, view);
            ticking_->views.clear();
            for (std::size_t i = from; i <= to; ++i) {
                ticking_->views.push_back(i);
            }
        }
        last_ticked_ = Ticked{scene.sequence, view};
    } else if (toggled && !ticking_) {
        services_.dispatch->run(ToggleInput{view});  // By the keyboard.
    } else if (ticking_ && !ticked && ImGui::IsMouseHoveringRect(photo.min, photo.max)) {
        ticking_->views.push_back(view);
        last_ticked_ = Ticked{scene.sequence, view};
    }
}

void ScenePanel::draw_psnr(PanelContext& context, std::size_t view, const gfx::Rect& photo) const {
    const auto psnr = services_.document->view_figures.of(view);
    if (!psnr) {
        return;
    }
    const std::string text = fmt::format("{:.1f} dB", *psnr);
    const ImVec2 size = ImGui::CalcTextSize(text.c_str());
    const ImVec2 at{photo.min.x + 3 * context.scale, photo.max.y - size.y - 2 * context.scale};
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddRectFilled({photo.min.x, at.y}, {at.x + size.x + 3 * context.scale, photo.max.y},
                       IM_COL32(0, 0, 0, 150));
    list.AddText(at, IM_COL32(235, 238, 243, 255), text.c_str());
}

void ScenePanel::draw_header(PanelContext& context, const SceneSummary& scene) {
    ImGui::PushFont(context.fonts.bold, 0);
    ImGui::TextUnformatted(scene.name.c_str());
    ImGui::PopFont();
    tip(context, scene.path.string());
    ImGui::SameLine();
    ImGui::TextColored(context.colours.muted, "%s", counted(scene.views.size(), "photo").c_str());
    const std::size_t held_out = scene.views.size() - scene.inputs.size();
    const std::size_t measurable = scene.measured().size();
    ImGui::Text("%s, %zu held out%s", counted(scene.inputs.size(), "input view").c_str(), held_out,
                measurable < held_out ? fmt::format(" ({} outlying)", held_out - measurable).c_str() : "");
    tip(context,
        "Set-up writes the checked photos into the fast weights. The others are held out for evaluation, "
        "but for those with outlying cameras, which do not fit the others. Poses: " +
            scene.normalization + ". " + scene.normalization_reason);
    Flow flow;
    command_button(context, services_, flow, SpreadInputs::id, "8 spread");
    command_button(context, services_, flow, UseAllPhotos::id, "All");
    command_button(context, services_, flow, UseOnePhoto::id, "One");
    bool psnr = services_.document->show_psnr;
    if (flow.checkbox(context, "PSNR", psnr, services_.dispatch->tooltip("scene.psnr"))) {
        services_.dispatch->set("scene.psnr", psnr);
    }
    const std::size_t measured = services_.document->view_figures.views.size();
    const std::string worst = measured > 0 && measured < measurable
                                  ? fmt::format("Worst of the {} measured###worst", measured)
                                  : "Worst###worst";
    command_button(context, services_, flow, NextWorstView::id, worst.c_str());
}

void ScenePanel::draw_remarks(PanelContext& context, const SceneSummary& scene) {
    RemarksView& view = services_.document->remarks;
    const std::vector<SceneRemark> remarks = view.shown(scene);
    if (remarks.empty()) {
        return;
    }
    ImGui::SetNextItemOpen(view.open);
    bool kept = true;
    view.open = ImGui::CollapsingHeader((remarks_title(remarks.size()) + "###remarks").c_str(), &kept);
    tip(context,
        "What was found, corrected or left out when the scene was read. The cross hides this list until "
        "the scene is opened again.");
    if (!kept) {
        services_.dispatch->run(DismissRemarks{});
        return;
    }
    if (!view.open) {
        return;
    }
    const float most = std::max(4 * ImGui::GetTextLineHeightWithSpacing(), 0.3F * ImGui::GetWindowHeight());
    ImGui::SetNextWindowSizeConstraints({0, 0}, {FLT_MAX, most});
    if (ImGui::BeginChild("remarks", {0, 0}, ImGuiChildFlags_AutoResizeY)) {
        int number = 0;
        for (const SceneRemark& remark : remarks) {
            ImGui::PushID(number++);
            draw_remark(context, scene, remark);
            ImGui::PopID();
        }
    }
    ImGui::EndChild();
}

/// A click on a remark about a view goes there.
void ScenePanel::draw_remark(const PanelContext& context, const SceneSummary& scene,
                             const SceneRemark& remark) {
    const float indent = 1.7F * ImGui::GetFontSize();
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const float width = std::max(ImGui::GetContentRegionAvail().x - indent, 4 * ImGui::GetFontSize());
    const ImVec2 size = ImGui::CalcTextSize(remark.text.c_str(), nullptr, false, width);
    if (const auto view = view_of(remark, scene)) {
        if (ImGui::Selectable("##go", false, ImGuiSelectableFlags_AllowOverlap, {0, size.y})) {
            services_.dispatch->run(GoToView{*view});
        }
        tip(context, fmt::format("Move the camera to photo {}.", *view));
    } else {
        ImGui::Dummy({indent + width, size.y});
        tip(context, remark.view);
    }
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddText(corner,
                 ImGui::GetColorU32(is_loss(remark.kind) ? context.colours.warning : context.colours.muted),
                 icon_of(remark.kind));
    list.AddText(ImGui::GetFont(), ImGui::GetFontSize(), {corner.x + indent, corner.y},
                 ImGui::GetColorU32(ImGuiCol_Text), remark.text.c_str(), nullptr, width);
}

void ScenePanel::draw_photo(PanelContext& context, const SceneSummary& scene, std::size_t view, float side) {
    const ViewSummary& summary = scene.views[view];
    const gfx::Texture& photo = textures_.thumbnail(context.canvas, scene, view);
    ImGui::BeginGroup();
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const float shape = photo ? static_cast<float>(photo.height()) / static_cast<float>(photo.width()) : 1;
    const ImVec2 size{side, side * std::clamp(shape, 0.5F, 1.5F)};
    ImGui::SetNextItemAllowOverlap();
    if (ImGui::InvisibleButton("go", size, ImGuiButtonFlags_EnableNav)) {
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
    draw_tick(context, scene, view, {corner, end});
    draw_psnr(context, view, {corner, end});
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
