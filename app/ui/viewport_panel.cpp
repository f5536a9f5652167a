#include "app/ui/viewport_panel.h"

#include "app/commands/command_table.h"
#include "app/document/camera_motion.h"
#include "app/figures/heat_image.h"
#include "app/platform/assets.h"
#include "app/runtime/jobs.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/photo_grid.h"
#include "app/ui/signed_colour.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"
#include "engine/metrics/metrics.h"
#include "engine/ttt/rule_schema.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <imgui_internal.h>

namespace lact::app {

std::vector<double> brightness_change(const CausalAnswer& answer) {
    std::vector<double> change(answer.with.rgb.size() / 3);
    for (std::size_t i = 0; i < change.size(); ++i) {
        for (std::size_t c = 0; c < 3; ++c) {
            change[i] +=
                (static_cast<double>(answer.without.rgb[3 * i + c]) - answer.with.rgb[3 * i + c]) / 3;
        }
    }
    return change;
}

bool ViewOverlays::resting() const {
    const auto& rested = services_.document->rested;
    const auto& frame = services_.snapshot->frame;
    return rested && frame && *rested == frame->camera;
}

std::string ViewOverlays::draw(PanelContext& context, const gfx::Rect& rect) {
    if (!resting() || !services_.snapshot->scene || !services_.snapshot->weights) {
        return {};
    }
    const PatchGrid grid = patch_grid(*services_.snapshot);
    return selected_input(services_.document->selection, grid) ? draw_reads(rect)
                                                               : draw_causal(context, rect);
}

std::string ViewOverlays::draw_reads(const gfx::Rect& rect) {
    const Document& view = *services_.document;
    const auto& inputs = services_.snapshot->scene->inputs;
    const PatchGrid grid = patch_grid(*services_.snapshot);
    const auto input = selected_input(view.selection, grid);
    if (!input || input->input >= inputs.size()) {
        return {};
    }
    const std::size_t token = grid.token(*input);
    const auto answer = services_.document->queries.ask(
        "view.token", TokenQuery{view.place(), token, *view.rested, view.attention});
    const TokenDetail* detail = answer ? answer->get<TokenDetail>() : nullptr;
    if (detail == nullptr || !services_.document->queries.fresh("view.token") ||
        detail->reads.size() != grid.cells()) {
        return {};
    }
    const auto strongest = std::ranges::max_element(detail->reads, {}, [](double x) { return std::abs(x); });
    paint_signed(*ImGui::GetWindowDrawList(), rect, detail->reads, detail->columns,
                 std::max(1e-12, std::abs(*strongest)), 1);
    const auto at = static_cast<int>(strongest - detail->reads.begin());
    return fmt::format(
        "reads of photo {}, patch {}, {}: strongest {:+.3f} at {}, {} (layer {}, head {}, {} factor, share "
        "of the {})",
        inputs[input->input], input->at.column, input->at.row, *strongest, at % detail->columns,
        at / detail->columns, view.place().layer, view.place().head, to_string(detail->options.factor),
        detail->options.of == ShareOf::centred ? "output minus its mean" : "output");
}

std::string ViewOverlays::draw_causal(PanelContext& context, const gfx::Rect& rect) {
    const Document& view = *services_.document;
    const auto& inputs = services_.snapshot->scene->inputs;
    const auto place = view.without_photo ? std::ranges::find(inputs, *view.without_photo) : inputs.end();
    if (place == inputs.end() || inputs.size() < 2) {
        return {};
    }
    const auto input = static_cast<std::size_t>(place - inputs.begin());
    const auto answer =
        services_.document->queries.ask("view.without", WithoutViewQuery{input, *view.rested});
    const CausalAnswer* causal = answer ? answer->get<CausalAnswer>() : nullptr;
    if (causal == nullptr || !services_.document->queries.fresh("view.without")) {
        return fmt::format("without photo {}: computing...", *place);
    }
    if (painted_ != answer) {
        const Image8 shown = to_image8(causal->with);
        const auto change = brightness_change(*causal);
        if (context.canvas.upload(
                causal_, heat_over_photo(shown, change, shown.height, shown.width, ColourMap::diverging,
                                         largest_magnitude(change)))) {
            painted_ = answer;
        }
    }
    if (causal_) {
        context.canvas.draw_image(*ImGui::GetWindowDrawList(), causal_, rect, filter_of(view.filter));
    }
    return fmt::format(
        "without photo {} (state rebuilt without it): red is brighter, blue darker; mean change {:.3f}, "
        "largest {:.3f}",
        *place, causal->mean_difference, causal->largest_difference);
}

namespace {

constexpr double orbit_speed = 2 * 3.14159265358979;  ///< Radians per drag across the whole image.
constexpr double turn_speed = 1.2;
constexpr double wheel_step = 0.88;  ///< Distance factor per notch.

/// Height of the image in the corner, in pixels.
float corner_side(const PanelContext& context, const gfx::Rect& rect) {
    const float space = std::min(rect.max.y - rect.min.y, rect.max.x - rect.min.x);
    return std::floor(std::min(140 * context.scale, space / 3));
}

/// Width of the lines of a text between the left edge of the view and `end`, in pixels.
float line_width(const PanelContext& context, const gfx::Rect& rect, float end) {
    constexpr float least = 6;  // In text heights.
    return std::max(end - rect.min.x - 16 * context.scale, least * ImGui::GetFontSize());
}

}  // namespace

void ViewportPanel::draw(PanelContext& context) {
    const Snapshot& snapshot = *services_.snapshot;
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const ImVec2 space = ImGui::GetContentRegionAvail();
    if (space.x < 8 || space.y < 8) {
        return;
    }
    if (!snapshot.frame) {
        draw_start_page(context);
        return;
    }
    upload(context);
    ground_truth_psnr_.reset();
    const gfx::Rect area{corner, {corner.x + space.x, corner.y + space.y}};
    const bool comparing = compare_.active();
    const gfx::Rect rect = comparing ? compare_.draw(context, area) : draw_image(context, area);
    overlay_caption_ = comparing || large_ground_truth_ ? std::string() : overlays_.draw(context, rect);
    ImGui::SetNextItemAllowOverlap();  // For the divider of the wipe mode.
    ImGui::InvisibleButton("view", space,
                           ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight |
                               ImGuiButtonFlags_MouseButtonMiddle);
    navigate(ImGui::IsItemHovered() || ImGui::IsItemActive(),
             {rect.max.x - rect.min.x, rect.max.y - rect.min.y}, context);
    const bool hovered = ImGui::IsItemHovered();
    select_patch(rect, hovered);
    draw_selection(context, rect);
    unpin_with_escape();
    const bool labels = services_.document->overlays;
    services_.document->view_size = {static_cast<int>(space.x), static_cast<int>(space.y)};
    top_corner_.reset();
    bottom_corner_.reset();
    draw_path_preview(context, area);
    float caption_top = area.max.y;
    if (!comparing && labels) {
        if (services_.document->image_in_image && !draw_ground_truth(context, area)) {
            draw_photo(context, area);
        }
        draw_notes(context, area);
        caption_top = draw_caption(context, area);
    }
    compare_.draw_over(context, area, hovered);
    if (!comparing) {
        controls_.draw(context, area, hovered || ImGui::IsWindowHovered(), caption_top);
    }
}

/// Escape first stops what runs; without that it removes the pins.
void ViewportPanel::unpin_with_escape() {
    const Selection& selection = services_.document->selection;
    const bool pinned = selection.pinned || selection.pinned_input;
    const bool runs = std::ranges::any_of(services_.snapshot.jobs(), [](const JobStatus& job) {
        return job.state == JobState::running && job.ended_by == EndedBy::anything;
    });
    if (pinned && !runs && !ImGui::GetIO().WantTextInput && !services_.document->popup_open &&
        !services_.document->help_focused && ImGui::IsKeyPressed(ImGuiKey_Escape, false)) {
        services_.dispatch->run(ClearPins{});
    }
}

gfx::Rect ViewportPanel::draw_image(PanelContext& context, const gfx::Rect& area) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const gfx::Rect rect = fit_image(area.min, {area.max.x - area.min.x, area.max.y - area.min.y},
                                     image_.width(), image_.height());
    fill_around(list, area, rect, ImGui::GetColorU32(context.colours.backdrop));
    large_ground_truth_ = draw_large_ground_truth(context, rect);
    if (image_ && !large_ground_truth_) {
        context.canvas.draw_image(list, image_, rect, filter_of(services_.document->filter));
    }
    return rect;
}

void ViewportPanel::upload(PanelContext& context) {
    const auto& frame = services_.snapshot->frame;
    const auto& scene = services_.snapshot->scene;
    if (frame != shown_) {
        if (context.canvas.upload(image_, to_image8(frame->image))) {
            shown_ = frame;
            under_camera_.reset();
            const auto& state = services_.snapshot->state;
            shown_scene_ = scene && state && state->generation == frame->generation ? scene->sequence : 0;
        }
    }
    if (scene && scene->sequence != under_camera_scene_) {  // its views are others, maybe fewer
        under_camera_.reset();
        under_camera_scene_ = scene->sequence;
    }
    if (!under_camera_ && shows_scene()) {
        under_camera_ = photo_under_camera();
    }
}

bool ViewportPanel::shows_scene() const {
    const auto& scene = services_.snapshot->scene;
    return scene && scene->sequence == shown_scene_;
}

std::optional<PhotoUnderCamera> ViewportPanel::photo_under_camera() {
    const Snapshot& snapshot = *services_.snapshot;
    if (!snapshot.frame || !snapshot.scene) {
        return std::nullopt;
    }
    for (const ViewSummary& view : snapshot.scene->views) {
        if (coincide(snapshot.frame->camera, view.camera)) {
            return PhotoUnderCamera{view.index, psnr(snapshot.frame->image, *view.image)};
        }
    }
    return std::nullopt;
}

/// Selects the patch under the pointer. A click pins it; a click on the pinned patch unpins it.
void ViewportPanel::select_patch(const gfx::Rect& rect, bool hovered) {
    Selection& selection = services_.document->selection;
    const PatchGrid grid = patch_grid(*services_.snapshot);
    if (services_.document->flying || grid.cells() == 0) {
        return;
    }
    if (hovered) {
        selection.hovered = patch_under(rect, grid, ImGui::GetIO().MousePos);
    }
    if (ImGui::IsItemActivated()) {
        dragged_ = false;
    }
    dragged_ = dragged_ || ImGui::IsMouseDragging(ImGuiMouseButton_Left) || ImGui::GetIO().KeyShift;
    if (ImGui::IsItemDeactivated() && !dragged_ && selection.hovered &&
        ImGui::IsMouseReleased(ImGuiMouseButton_Left)) {
        selection.pinned = selection.pinned == selection.hovered ? std::nullopt : selection.hovered;
    }
}

void ViewportPanel::draw_selection(PanelContext& context, const gfx::Rect& rect) {
    const PatchGrid grid = patch_grid(*services_.snapshot);
    if (grid.cells() == 0) {
        return;
    }
    const Selection& selection = services_.document->selection;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const auto outline = [&](const PatchAt& at, ImU32 colour, float thickness) {
        const gfx::Rect patch = patch_rect(rect, grid, at);
        list.AddRect(patch.min, patch.max, colour, 0, thickness);
    };
    if (selection.hovered) {
        outline(*selection.hovered, IM_COL32(0, 0, 0, 120), 2 * context.scale);
    }
    if (selection.pinned && grid.contains(*selection.pinned)) {
        outline(*selection.pinned, ImGui::GetColorU32(context.colours.accent), 3 * context.scale);
    }
}

void ViewportPanel::navigate(bool hovered, ImVec2 size, PanelContext& context) {
    Document& view = *services_.document;
    const ImGuiIO& io = ImGui::GetIO();
    const ImVec2 drag = dragged_by();
    const double dx = drag.x / std::max(1.0F, size.x);
    const double dy = drag.y / std::max(1.0F, size.y);
    if (dx != 0 || dy != 0) {
        const bool panning = ImGui::IsMouseDown(ImGuiMouseButton_Middle) ||
                             (ImGui::IsMouseDown(ImGuiMouseButton_Left) && io.KeyShift);
        if (ImGui::IsMouseDown(ImGuiMouseButton_Right) || (view.flying && !panning)) {
            FlyInput turn;
            turn.yaw = dx * turn_speed;
            turn.pitch = -dy * turn_speed;
            view.set_viewpoint(fly(view.viewpoint(), turn, view.fly_speed, 0));
        } else if (panning) {
            view.set_viewpoint(pan(view.viewpoint(), -dx * size.x / size.y, -dy));
        } else {
            view.set_viewpoint(orbit(view.viewpoint(), -dx * orbit_speed, dy * orbit_speed / 2));
        }
    }
    if (hovered && io.MouseWheel != 0) {
        if (view.flying) {
            view.fly_speed = wheel(view.fly_speed, io.MouseWheel);
        } else {
            view.set_viewpoint(dolly(view.viewpoint(), std::pow(wheel_step, io.MouseWheel)));
        }
    }
    if ((hovered || ImGui::IsWindowFocused()) && !io.WantTextInput) {
        own_arrow_keys();
        if (view.flying) {
            fly_with_keys(context);
        }
    }
}

/// As their owner the view keeps these keys from moving the keyboard highlight, unless that is shown: who
/// moves it by keys reaches the buttons of the view with them.
void ViewportPanel::own_arrow_keys() const {
    if (ImGui::GetIO().NavVisible && !services_.document->flying) {
        return;
    }
    for (const ImGuiKey key : {ImGuiKey_LeftArrow, ImGuiKey_RightArrow, ImGuiKey_UpArrow, ImGuiKey_DownArrow,
                               ImGuiKey_PageUp, ImGuiKey_PageDown}) {
        ImGui::SetKeyOwner(key, ImGui::GetItemID());
    }
}

void ViewportPanel::fly_with_keys(PanelContext& context) {
    const ImGuiIO& io = ImGui::GetIO();
    if (io.KeyCtrl || io.KeyAlt) {
        return;  // The keys of commands.
    }
    const FlightDirection direction = flight_direction(context.keys);
    FlyInput input;
    input.forward = direction.forward;
    input.right = direction.right;
    input.up = direction.up;
    input.fast = io.KeyShift;
    if (input.forward != 0 || input.right != 0 || input.up != 0) {
        Document& view = *services_.document;
        view.set_viewpoint(fly(view.viewpoint(), input, view.fly_speed, ImGui::GetIO().DeltaTime));
        context.animate = true;
    }
}

std::string ViewportPanel::caption(const PanelContext& context) const {
    const Frame& frame = *services_.snapshot->frame;
    std::string text =
        large_ground_truth_
            ? "ground truth of the generated scene   T: rendering"
            : fmt::format("rendering {}x{}, {} filtering   {}", frame.camera.width, frame.camera.height,
                          services_.document->filter == Enlargement::nearest ? "nearest" : "bicubic",
                          services_.document->times(frame.milliseconds));
    if (!overlay_caption_.empty()) {
        return overlay_caption_;
    }
    if (services_.document->flying) {
        text += fmt::format("   flying: {}, speed {:.2f}", context.keys.flight_keys(),
                            services_.document->fly_speed.value);
    }
    if (services_.document->ground_truth_large && !large_ground_truth_) {
        text += "   this scene has no ground truth";
    }
    return text;
}

float ViewportPanel::draw_caption(PanelContext& context, const gfx::Rect& rect) {
    const float gap = 8 * context.scale;
    const std::string text = caption(context);
    // Beside the controls, or above them where the view is narrow.
    const float line = ImGui::CalcTextSize(text.c_str()).x + 2 * gap;
    const bool beside = line + ViewControls::width(context) < rect.max.x - rect.min.x;
    const float up = beside ? 0 : ViewControls::height(context);
    const float end = bottom_corner_ ? bottom_corner_->image.min.x : rect.max.x;
    const float wrap = beside ? 0 : line_width(context, rect, end);
    const float height = ImGui::CalcTextSize(text.c_str(), nullptr, false, beside ? -1 : wrap).y;
    const ImVec2 at{rect.min.x + gap, rect.max.y - gap - up - height};
    text_on_image(*ImGui::GetWindowDrawList(), at, white_on_image, text, wrap);
    return at.y;
}

void ViewportPanel::draw_notes(PanelContext& context, const gfx::Rect& rect) {
    const Snapshot& snapshot = *services_.snapshot;
    const float gap = 8 * context.scale;
    const float wrap = line_width(context, rect, top_corner_ ? top_corner_->image.min.x : rect.max.x);
    ImVec2 at{rect.min.x + gap, rect.min.y + gap};
    const auto note = [&](ImU32 colour, const std::string& text) {
        const float right = at.x + ImGui::CalcTextSize(text.c_str(), nullptr, false, wrap).x + gap;
        if (top_corner_ && right > top_corner_->label.min.x) {
            at.y = std::max(at.y, top_corner_->label.max.y + gap);
        }
        at.y += text_on_image(*ImGui::GetWindowDrawList(), at, colour, text, wrap).y + gap;
    };
    if (large_ground_truth_) {
        note(ImGui::GetColorU32(context.colours.accent),
             fmt::format("{} ground truth, not the model", icon::cube));
        return;  // The rest is about the rendering.
    }
    if (snapshot.state && snapshot.state->rule_switched) {
        note(ImGui::GetColorU32(context.colours.warning),
             fmt::format("{} rule {}: switched at inference", icon::warning,
                         rule_label(snapshot.state->rule)));
    }
    if (snapshot.state && snapshot.frame->generation != snapshot.state->generation) {
        note(white_on_image, "rendering of the previous state");
    }
}

void ViewportPanel::draw_photo(PanelContext& context, const gfx::Rect& rect) {
    const Snapshot& snapshot = *services_.snapshot;
    if (!snapshot.scene || snapshot.scene->views.empty()) {
        return;
    }
    const auto& scene = *snapshot.scene;
    std::vector<std::size_t> candidates = scene.held_out();
    if (under_camera_) {
        candidates = {under_camera_->view};
    }
    const auto cameras = scene.cameras(candidates);
    const auto nearest =
        nearest_camera(cameras, snapshot.frame->camera, services_.document->viewpoint().scale);
    if (!nearest) {
        return;
    }
    const std::size_t index = candidates[nearest->index];
    const gfx::Texture& photo = textures_.thumbnail(context.canvas, scene, index);
    if (!photo) {
        return;
    }
    const char* kind = scene.views[index].is_input ? "input" : "held-out";
    draw_corner(context, rect, photo,
                under_camera_ ? fmt::format("{} photo {}: PSNR {:.2f} dB", kind, index, under_camera_->psnr)
                              : fmt::format("nearest {} photo {}: {:.0f}°, {:.2f} away", kind, index,
                                            nearest->angle_degrees, nearest->distance),
                gfx::Filter::bicubic);
}

/// Draws the rendering from the camera of the path; the view keeps its own camera.
void ViewportPanel::draw_path_preview(PanelContext& context, const gfx::Rect& rect) {
    const PathState& path = services_.document->path;
    const auto evaluator = path.preview ? path.evaluator() : std::nullopt;
    if (!evaluator || !services_.snapshot->scene) {
        return;
    }
    const Camera camera = evaluator->at(path.time, services_.snapshot->scene->size);
    const QueriedImage::Shown image = path_preview_.from(context, camera);
    if (image.texture == nullptr) {
        return;
    }
    draw_corner(context, rect, *image.texture, fmt::format("camera path, {:.2f} s", path.time),
                filter_of(services_.document->filter), Corner::bottom);
    if (!image.current && bottom_corner_) {
        write_computing(bottom_corner_->image);
    }
}

void ViewportPanel::draw_corner(PanelContext& context, const gfx::Rect& rect, const gfx::Texture& image,
                                const std::string& label, gfx::Filter filter, Corner corner) {
    const float gap = 8 * context.scale;
    const float side = corner_side(context, rect);
    const float width = side * static_cast<float>(image.width()) / static_cast<float>(image.height());
    const float wrap = line_width(context, rect, rect.max.x);
    const ImVec2 size = ImGui::CalcTextSize(label.c_str(), nullptr, false, wrap);
    const float line = size.y + gap;
    const float top = corner == Corner::top ? rect.min.y + gap
                                            : rect.max.y - gap - side - line - ViewControls::height(context);
    const gfx::Rect place{{rect.max.x - gap - width, top + line}, {rect.max.x - gap, top + line + side}};
    const ImVec2 at{rect.max.x - gap - size.x, top};
    (corner == Corner::top ? top_corner_ : bottom_corner_) =
        CornerImage{place, {at, {at.x + size.x, at.y + size.y}}};
    ImDrawList& list = *ImGui::GetWindowDrawList();
    context.canvas.draw_image(list, image, place, filter);
    list.AddRect(place.min, place.max,
                 ImGui::GetColorU32(corner == Corner::top ? context.colours.muted : context.colours.warning));
    text_on_image(list, at, white_on_image, label, wrap);
}

bool ViewportPanel::draw_large_ground_truth(PanelContext& context, const gfx::Rect& rect) {
    if (!services_.document->ground_truth_large) {
        return false;
    }
    const Document& view = *services_.document;
    const gfx::Texture* ground_truth =
        ground_truth_.image(context.canvas, services_.snapshot->scene.get(), view.viewpoint(),
                            static_cast<int>(rect.max.x - rect.min.x), view.rested.has_value());
    if (ground_truth == nullptr) {
        return false;
    }
    context.canvas.draw_image(*ImGui::GetWindowDrawList(), *ground_truth, rect, gfx::Filter::bicubic);
    return true;
}

void ViewportPanel::measure_against_ground_truth() {
    if (!shows_scene()) {
        return;
    }
    const Frame& frame = *services_.snapshot->frame;
    const auto answer = services_.document->queries.ask("view.ground_truth", GroundTruthQuery{frame.camera});
    const GroundTruthImage* ground_truth = answer ? answer->get<GroundTruthImage>() : nullptr;
    if (ground_truth != nullptr && services_.document->queries.fresh("view.ground_truth")) {
        ground_truth_psnr_ = psnr(frame.image, ground_truth->image);
    }
}

bool ViewportPanel::draw_ground_truth(PanelContext& context, const gfx::Rect& rect) {
    const SceneSummary* scene = services_.snapshot->scene.get();
    if (!LiveGroundTruth::known(scene)) {
        return false;
    }
    measure_against_ground_truth();
    const std::string figure =
        ground_truth_psnr_ ? fmt::format(": PSNR {:.2f} dB", *ground_truth_psnr_) : std::string();
    if (large_ground_truth_) {
        draw_corner(context, rect, image_, "rendering" + figure, filter_of(services_.document->filter));
        return true;
    }
    const auto side = static_cast<int>(corner_side(context, rect));
    const gfx::Texture* ground_truth =
        ground_truth_.image(context.canvas, scene, services_.document->viewpoint(), side, /*resting=*/true);
    if (ground_truth == nullptr) {
        return false;
    }
    draw_corner(context, rect, *ground_truth, "ground truth" + figure, gfx::Filter::bicubic);
    return true;
}

void ViewportPanel::draw_start_page(PanelContext& context) {
    const ImVec2 space = ImGui::GetContentRegionAvail();
    ImGui::SetCursorPos({space.x * 0.2F, space.y * 0.3F});
    ImGui::BeginGroup();
    ImGui::PushTextWrapPos(space.x * 0.95F);
    ImGui::PushFont(context.fonts.bold, ImGui::GetStyle().FontSizeBase * 1.4F);
    ImGui::TextUnformatted("Novel views from photos");
    ImGui::PopFont();
    ImGui::TextColored(context.colours.muted,
                       "Drop a scene folder or a weight file here, or open a bundled scene:");
    const Command* bundled = services_.dispatch->find<OpenBundledScene>();
    if (bundled != nullptr) {
        for (const BundledAsset& scene : bundled_scenes()) {
            const std::string label = fmt::format("{} {}##start", icon::cube, scene.name);
            if (button(context, label.c_str(), scene.about,
                       bundled->disabled_because ? bundled->disabled_because() : "")) {
                services_.dispatch->run(OpenBundledScene{scene.name});
            }
        }
    }
    for (const JobStatus& job : services_.snapshot.jobs()) {
        if (job.state == JobState::running) {
            ImGui::TextColored(context.colours.muted, "%s: %s", job.title.c_str(), job.stage.c_str());
            ImGui::ProgressBar(static_cast<float>(job.fraction), {space.x * 0.5F, 0});
        }
    }
    ImGui::PopTextWrapPos();
    ImGui::EndGroup();
}

PanelData ViewportPanel::data() const {
    const auto& frame = services_.snapshot->frame;
    PanelData data;
    for (std::size_t channel = 0; frame && channel < 3; ++channel) {
        static constexpr std::array<const char*, 3> names = {"red", "green", "blue"};
        std::vector<double> values;
        for (std::size_t i = channel; i < frame->image.rgb.size(); i += 3) {
            values.push_back(frame->image.rgb[i]);
        }
        data.push_back(make_matrix(names.at(channel), frame->camera.width, values));
    }
    return data;
}

}  // namespace lact::app
