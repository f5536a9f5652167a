#include "app/panels/viewport_panel.h"

#include "app/cli/assets.h"
#include "app/core/actions.h"
#include "app/core/jobs.h"
#include "app/core/orbit_camera.h"
#include "app/panels/photo_grid.h"
#include "app/panels/picture_layout.h"
#include "app/window/icons.h"
#include "app/window/widgets.h"
#include "engine/metrics/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

constexpr double orbit_speed = 2 * 3.14159265358979;  ///< Radians for a drag across the whole picture.
constexpr double look_speed = 1.2;
constexpr double wheel_step = 0.88;  ///< Distance factor of one notch.

/// Height of the picture in the corner.
float corner_side(const window::PanelContext& context, const window::Rect& rect) {
    return std::floor(std::min(140 * context.scale, (rect.max.y - rect.min.y) / 3));
}

}  // namespace

void ViewportPanel::draw(window::PanelContext& context) {
    const Published& published = *services_.published;
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const ImVec2 space = ImGui::GetContentRegionAvail();
    if (space.x < 8 || space.y < 8) {
        return;
    }
    if (!published.frame) {
        draw_start_page(context);
        return;
    }
    upload(context);
    truth_psnr_.reset();
    const window::Rect area{corner, {corner.x + space.x, corner.y + space.y}};
    const bool comparing = compare_.active();
    const window::Rect rect = comparing ? compare_.draw(context, area) : draw_picture(context, area);
    overlay_words_ = comparing || large_truth_ ? std::string() : overlays_.draw(context, rect);
    ImGui::SetNextItemAllowOverlap();  // by the divider of a wipe
    ImGui::InvisibleButton("picture", space,
                           ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight |
                               ImGuiButtonFlags_MouseButtonMiddle);
    navigate(ImGui::IsItemHovered() || ImGui::IsItemActive(),
             {rect.max.x - rect.min.x, rect.max.y - rect.min.y}, context);
    const bool hovered = ImGui::IsItemHovered();
    select_patch(rect, hovered);
    draw_selection(context, rect);
    if (!comparing) {
        draw_caption(context, area);
        if (services_.view->picture_in_picture && !draw_truth(context, area)) {
            draw_photo(context, area);
        }
    }
    draw_path_preview(context, area);
    compare_.draw_over(context, area, hovered);
}

window::Rect ViewportPanel::draw_picture(window::PanelContext& context, const window::Rect& area) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const window::Rect rect = fit_picture(area.min, {area.max.x - area.min.x, area.max.y - area.min.y},
                                          picture_.width(), picture_.height());
    fill_around(list, area, rect, ImGui::GetColorU32(context.colours.backdrop));
    large_truth_ = draw_large_truth(context, rect);
    if (picture_ && !large_truth_) {
        context.canvas.draw_picture(list, picture_, rect, services_.view->filter);
    }
    return rect;
}

void ViewportPanel::upload(window::PanelContext& context) {
    const auto& frame = services_.published->frame;
    if (frame != shown_) {
        if (context.canvas.upload(picture_, to_image8(frame->image))) {
            shown_ = frame;
            under_camera_.reset();
        }
    }
    if (!under_camera_ && services_.published->scene) {
        under_camera_ = photo_under_camera();
    }
}

std::optional<PhotoUnderCamera> ViewportPanel::photo_under_camera() {
    const Published& published = *services_.published;
    if (!published.frame || !published.scene) {
        return std::nullopt;
    }
    for (const ViewSummary& view : published.scene->views) {
        if (sits_on(published.frame->camera, view.camera)) {
            return PhotoUnderCamera{view.index, psnr(published.frame->image, *view.picture)};
        }
    }
    return std::nullopt;
}

/// The patch under the pointer; a click pins it, a click on the pinned one lets it go.
void ViewportPanel::select_patch(const window::Rect& rect, bool hovered) {
    Selection& selection = services_.view->selection;
    const PatchGrid grid = patch_grid(*services_.published);
    if (services_.view->flying || grid.cells() == 0) {
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

void ViewportPanel::draw_selection(window::PanelContext& context, const window::Rect& rect) {
    const PatchGrid grid = patch_grid(*services_.published);
    if (grid.cells() == 0) {
        return;
    }
    const Selection& selection = services_.view->selection;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const auto outline = [&](const PatchAt& at, ImU32 colour, float thickness) {
        const window::Rect patch = patch_rect(rect, grid, at);
        list.AddRect(patch.min, patch.max, colour, 0, thickness);
    };
    if (selection.hovered) {
        outline(*selection.hovered, IM_COL32(0, 0, 0, 120), 2 * context.scale);
    }
    if (selection.pinned) {
        outline(*selection.pinned, ImGui::GetColorU32(context.colours.accent), 3 * context.scale);
    }
}

void ViewportPanel::navigate(bool hovered, ImVec2 size, window::PanelContext& context) {
    ViewState& view = *services_.view;
    const ImGuiIO& io = ImGui::GetIO();
    const bool dragging = ImGui::IsItemActive();
    const double dx = io.MouseDelta.x / std::max(1.0F, size.x);
    const double dy = io.MouseDelta.y / std::max(1.0F, size.y);
    if (dragging && (dx != 0 || dy != 0)) {
        const bool panning = ImGui::IsMouseDown(ImGuiMouseButton_Middle) ||
                             (ImGui::IsMouseDown(ImGuiMouseButton_Left) && io.KeyShift);
        if (ImGui::IsMouseDown(ImGuiMouseButton_Right) || (view.flying && !panning)) {
            FlyInput look;
            look.yaw = dx * look_speed;
            look.pitch = -dy * look_speed;
            view.set_viewpoint(fly(view.viewpoint(), look, view.fly_speed, 0));
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
    if (view.flying && (hovered || ImGui::IsWindowFocused()) && !io.WantTextInput) {
        fly_with_keys(context);
    }
}

void ViewportPanel::fly_with_keys(window::PanelContext& context) {
    const auto held = [](ImGuiKey plus, ImGuiKey minus) {
        return (ImGui::IsKeyDown(plus) ? 1.0 : 0.0) - (ImGui::IsKeyDown(minus) ? 1.0 : 0.0);
    };
    FlyInput input;
    input.forward = held(ImGuiKey_W, ImGuiKey_S);
    input.right = held(ImGuiKey_D, ImGuiKey_A);
    input.up = held(ImGuiKey_E, ImGuiKey_Q);
    input.fast = ImGui::GetIO().KeyShift;
    if (input.forward != 0 || input.right != 0 || input.up != 0) {
        ViewState& view = *services_.view;
        view.set_viewpoint(fly(view.viewpoint(), input, view.fly_speed, ImGui::GetIO().DeltaTime));
        context.animate = true;
    }
}

std::string ViewportPanel::caption() const {
    const Frame& frame = *services_.published->frame;
    std::string text =
        large_truth_ ? "what the generated scene truly looks like   T: the model's picture"
                     : fmt::format("model {}x{}, shown with {} filtering   {}", frame.camera.width,
                                   frame.camera.height,
                                   services_.view->filter == window::Filter::nearest ? "nearest" : "bicubic",
                                   services_.view->times(frame.milliseconds));
    if (!overlay_words_.empty()) {
        return overlay_words_;
    }
    if (services_.view->flying) {
        text += fmt::format("   flying: W A S D Q E, speed {:.2f}", services_.view->fly_speed.value);
    }
    if (services_.view->truth_large && !large_truth_) {
        text += "   no ground truth of this scene";
    }
    return text;
}

void ViewportPanel::draw_caption(window::PanelContext& context, const window::Rect& rect) {
    const Published& published = *services_.published;
    const float gap = 8 * context.scale;
    const ImU32 white = IM_COL32(235, 238, 243, 255);
    const ImVec2 top{rect.min.x + gap, rect.min.y + gap};
    ImDrawList& list = *ImGui::GetWindowDrawList();
    text_on_picture(list, {rect.min.x + gap, rect.max.y - gap - ImGui::GetTextLineHeight()}, white,
                    caption());
    if (large_truth_) {
        text_on_picture(list, top, ImGui::GetColorU32(context.colours.accent),
                        fmt::format("{} ground truth, not the model", window::icon::cube));
        return;  // The rest is about the model's picture.
    }
    if (published.state && published.state->rule_switched) {
        text_on_picture(list, top, ImGui::GetColorU32(context.colours.warning),
                        fmt::format("{} rule {}: switched at inference", window::icon::warning,
                                    published.state->rule_text));
    }
    if (published.state && published.frame->generation != published.state->generation) {
        text_on_picture(list, {rect.min.x + gap, rect.min.y + 4 * gap}, white, "picture of the state before");
    }
}

void ViewportPanel::draw_photo(window::PanelContext& context, const window::Rect& rect) {
    const Published& published = *services_.published;
    if (!published.scene || published.scene->views.empty()) {
        return;
    }
    const auto& scene = *published.scene;
    std::vector<std::size_t> candidates = scene.held_out();
    if (under_camera_) {
        candidates = {under_camera_->view};
    }
    const auto cameras = scene.cameras(candidates);
    const auto nearest = nearest_camera(cameras, published.frame->camera, services_.view->viewpoint().scale);
    if (!nearest) {
        return;
    }
    const std::size_t index = candidates[nearest->index];
    const window::Texture& photo = textures_.thumbnail(context.canvas, scene, index);
    if (!photo) {
        return;
    }
    const char* kind = scene.views[index].is_input ? "input" : "held-out";
    draw_corner(context, rect, photo,
                under_camera_ ? fmt::format("{} photo {}: PSNR {:.2f} dB", kind, index, under_camera_->psnr)
                              : fmt::format("nearest {} photo {}, {:.0f} deg away", kind, index,
                                            nearest->angle_degrees),
                window::Filter::bicubic);
}

/// What the path's camera sees while the view stays.
void ViewportPanel::draw_path_preview(window::PanelContext& context, const window::Rect& rect) {
    const PathState& path = services_.view->path;
    const auto evaluator = path.preview ? path.evaluator() : std::nullopt;
    if (!evaluator || !services_.published->scene) {
        return;
    }
    const Camera camera = evaluator->at(path.time, services_.published->scene->size);
    if (const window::Texture* picture = path_preview_.from(context.canvas, camera)) {
        draw_corner(context, rect, *picture, fmt::format("camera path, {:.2f} s", path.time),
                    services_.view->filter, Corner::bottom);
    }
}

void ViewportPanel::draw_corner(window::PanelContext& context, const window::Rect& rect,
                                const window::Texture& picture, const std::string& label,
                                window::Filter filter, Corner corner) {
    const float gap = 8 * context.scale;
    const float side = corner_side(context, rect);
    const float width = side * static_cast<float>(picture.width()) / static_cast<float>(picture.height());
    const float line = ImGui::GetTextLineHeight() + gap;
    const float top = corner == Corner::top ? rect.min.y + gap : rect.max.y - gap - side - line;
    const window::Rect place{{rect.max.x - gap - width, top + line}, {rect.max.x - gap, top + line + side}};
    ImDrawList& list = *ImGui::GetWindowDrawList();
    context.canvas.draw_picture(list, picture, place, filter);
    list.AddRect(place.min, place.max,
                 ImGui::GetColorU32(corner == Corner::top ? context.colours.muted : context.colours.warning));
    const ImVec2 size = ImGui::CalcTextSize(label.c_str());
    text_on_picture(list, {rect.max.x - gap - size.x, top}, white_on_picture, label);
}

bool ViewportPanel::draw_large_truth(window::PanelContext& context, const window::Rect& rect) {
    if (!services_.view->truth_large) {
        return false;
    }
    const ViewState& view = *services_.view;
    const window::Texture* truth =
        truth_.picture(context.canvas, services_.published->scene.get(), view.viewpoint(),
                       static_cast<int>(rect.max.x - rect.min.x), view.rested.has_value());
    if (truth == nullptr) {
        return false;
    }
    context.canvas.draw_picture(*ImGui::GetWindowDrawList(), *truth, rect, window::Filter::bicubic);
    return true;
}

void ViewportPanel::measure_against_truth() {
    const Frame& frame = *services_.published->frame;
    const auto answer = services_.questions->ask("view.truth", AskTruth{frame.camera});
    const Truth* truth = answer ? answer->get<Truth>() : nullptr;
    if (truth != nullptr && services_.questions->fresh("view.truth")) {
        truth_psnr_ = psnr(frame.image, truth->picture);
    }
}

bool ViewportPanel::draw_truth(window::PanelContext& context, const window::Rect& rect) {
    const SceneSummary* scene = services_.published->scene.get();
    if (!LiveTruth::known(scene)) {
        return false;
    }
    measure_against_truth();
    const std::string figure = truth_psnr_ ? fmt::format(": PSNR {:.2f} dB", *truth_psnr_) : std::string();
    if (large_truth_) {
        draw_corner(context, rect, picture_, "the model's picture" + figure, services_.view->filter);
        return true;
    }
    const auto side = static_cast<int>(corner_side(context, rect));
    const window::Texture* truth =
        truth_.picture(context.canvas, scene, services_.view->viewpoint(), side, /*resting=*/true);
    if (truth == nullptr) {
        return false;
    }
    draw_corner(context, rect, *truth, "ground truth" + figure, window::Filter::bicubic);
    return true;
}

void ViewportPanel::draw_start_page(window::PanelContext& context) {
    const ImVec2 space = ImGui::GetContentRegionAvail();
    ImGui::SetCursorPos({space.x * 0.2F, space.y * 0.3F});
    ImGui::BeginGroup();
    ImGui::PushFont(context.fonts.bold, ImGui::GetFontSize() * 1.4F);
    ImGui::TextUnformatted("Novel views from photos");
    ImGui::PopFont();
    ImGui::TextColored(context.colours.muted, "Drop a scene folder or a weight file here, or");
    const Action* bundled = services_.actions->find("scene.open_bundled");
    if (bundled != nullptr) {
        for (const BundledAsset& scene : bundled_scenes()) {
            const std::string label = fmt::format("{} {}##start", window::icon::cube, scene.name);
            if (window::button(context, label.c_str(), scene.about,
                               bundled->disabled_because ? bundled->disabled_because() : "")) {
                services_.run("scene.open_bundled", {{"name", scene.name}});
            }
        }
    }
    for (const JobStatus& job : services_.jobs->snapshot()) {
        if (job.state == JobState::running) {
            ImGui::TextColored(context.colours.muted, "%s: %s", job.title.c_str(), job.stage.c_str());
            ImGui::ProgressBar(static_cast<float>(job.fraction), {space.x * 0.5F, 0});
        }
    }
    ImGui::EndGroup();
}

PanelData ViewportPanel::data() const {
    const auto& frame = services_.published->frame;
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
