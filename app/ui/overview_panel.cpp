#include "app/ui/overview_panel.h"

#include "app/commands/command_table.h"
#include "app/document/camera_motion.h"
#include "app/runtime/snapshot.h"
#include "app/ui/path_gizmo.h"
#include "app/ui/signed_colour.h"
#include "app/ui/widgets.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <Eigen/Geometry>
#include <fmt/format.h>

namespace lact::app {

namespace {

constexpr float pick_points = 14;

ImU32 with_alpha(ImVec4 colour, float alpha) {
    colour.w *= alpha;
    return ImGui::GetColorU32(colour);
}

/// The overview's camera for a panel: a centred square with the panel's smaller side.
Camera centred_square(const Viewpoint& eye, ImVec2 space) {
    const int side = std::max(1, static_cast<int>(std::min(space.x, space.y)));
    Camera camera = eye.camera({side, side});
    camera.cx += (static_cast<double>(space.x) - side) / 2;
    camera.cy += (static_cast<double>(space.y) - side) / 2;
    return camera;
}

}  // namespace

void OverviewPanel::draw(PanelContext& context) {
    const auto& scene = services_.snapshot->scene;
    if (!scene) {
        ImGui::TextColored(context.colours.muted, "No scene is open.");
        return;
    }
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const ImVec2 space = ImGui::GetContentRegionAvail();
    if (space.x < 8 || space.y < 8) {
        return;
    }
    frame_scene(*scene, space);
    frame_path(space);
    const bool handle = path_.takes_mouse();
    if (handle) {
        ImGui::Dummy(space);  // A button would take the mouse from the handle.
    } else {
        ImGui::InvisibleButton("overview", space);
    }
    const bool hovered = !handle && ImGui::IsItemHovered();
    navigate(space);
    const bool clicked = !handle && ImGui::IsItemDeactivated() && !pressed_elsewhere_;
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->PushClipRect(corner, {corner.x + space.x, corner.y + space.y}, true);
    const Camera camera = centred_square(eye_, space);
    const OverviewProjection projection{camera, camera.c2w.inverse(), corner, list};
    draw_ground(projection, with_alpha(context.colours.muted, 0.35F));
    std::vector<std::size_t> order(scene->views.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return projection.depth(scene->views[a].camera.position()) >
               projection.depth(scene->views[b].camera.position());
    });
    std::optional<std::size_t> nearest;
    float nearest_distance = pick_points * context.scale;
    for (const std::size_t view : order) {
        const auto points = frustum_points(scene->views[view].camera, frustum_);
        const auto at = projection((points[1] + points[3]) / 2);
        if (hovered && at) {
            const ImVec2 mouse = ImGui::GetIO().MousePos;
            const float distance = std::hypot(mouse.x - at->x, mouse.y - at->y);
            if (distance <= nearest_distance) {
                nearest_distance = distance;
                nearest = view;
            }
        }
    }
    for (const std::size_t view : order) {
        draw_view(context, projection, *scene, view, nearest == view);
    }
    const auto key = path_.draw(context, camera, corner, space, frustum_ * 1.2);
    const Camera* shown = shown_camera(*services_.snapshot);
    const auto now = frustum_points(
        shown != nullptr ? *shown : services_.document->viewpoint().camera(scene->size), frustum_ * 1.4);
    const ImU32 accent = ImGui::GetColorU32(context.colours.accent);
    projection.frustum(now, accent, 2 * context.scale);
    list->PopClipRect();
    if (key && hovered) {
        tip(context, fmt::format("Key {} of the camera path. Click: move the camera to it.", *key + 1));
        if (clicked) {
            services_.dispatch->run(GoToPathKey{*key});
        }
    } else if (nearest) {
        tip(context, fmt::format("Photo {}, {}. Click: move the camera to its pose.", *nearest,
                                 scene->views[*nearest].is_input ? "input view" : "held out"));
        if (clicked) {
            services_.dispatch->run(GoToView{*nearest});
        }
    }
}

void OverviewPanel::frame_scene(const SceneSummary& scene, ImVec2 space) {
    if (scene.sequence == scene_sequence_) {
        return;
    }
    scene_sequence_ = scene.sequence;
    const auto cameras = scene.cameras();
    eye_ = frame_all(cameras);
    frustum_ = eye_.scale * 0.14;
    eye_ = dolly(orbit(eye_, 0.5, 0.25), 1.6);
    std::vector<Eigen::Vector3d> points;
    for (const Camera& camera : cameras) {
        const auto corners = frustum_points(camera, frustum_);
        points.insert(points.end(), corners.begin(), corners.end());
    }
    step_back_for(points, space, 0.02F);
}

/// Makes the whole path visible after its number of keys changes.
void OverviewPanel::frame_path(ImVec2 space) {
    const auto& keys = services_.document->path.track.keys;
    if (keys.size() == framed_keys_) {
        return;
    }
    framed_keys_ = keys.size();
    std::vector<Eigen::Vector3d> points;
    points.reserve(keys.size());
    for (const CameraKey& key : keys) {
        points.emplace_back(key.pose.c2w.block<3, 1>(0, 3));
    }
    constexpr float margin = 0.1F;  // The path between the keys and the handle extend beyond the keys.
    step_back_for(points, space, margin);
}

void OverviewPanel::step_back_for(const std::vector<Eigen::Vector3d>& points, ImVec2 space, float margin) {
    const auto inside = [&] {
        const Camera camera = centred_square(eye_, space);
        const OverviewProjection projection{camera, camera.c2w.inverse(), {0, 0}, nullptr};
        return std::ranges::all_of(points, [&](const Eigen::Vector3d& point) {
            const auto at = projection(point);
            return at && at->x > margin * space.x && at->x < (1 - margin) * space.x &&
                   at->y > margin * space.y && at->y < (1 - margin) * space.y;
        });
    };
    constexpr int most_steps = 40;
    for (int i = 0; i < most_steps && !inside(); ++i) {
        eye_ = dolly(eye_, 1.06);
    }
}

void OverviewPanel::navigate(ImVec2 size) {
    const ImGuiIO& io = ImGui::GetIO();
    if (ImGui::IsItemActivated()) {
        pressed_elsewhere_ = false;
    }
    if (const ImVec2 drag = dragged_by(); drag.x != 0 || drag.y != 0) {
        // A press that becomes a drag orbits the overview and is no click on a frustum.
        pressed_elsewhere_ = pressed_elsewhere_ || ImGui::IsMouseDragging(ImGuiMouseButton_Left);
        eye_ = orbit(eye_, -6.0 * drag.x / size.x, 3.0 * drag.y / size.y);
    }
    if (ImGui::IsItemHovered() && io.MouseWheel != 0) {
        eye_ = dolly(eye_, std::pow(0.88, io.MouseWheel));
    }
}

void OverviewPanel::draw_ground(const OverviewProjection& projection, ImU32 colour) {
    const Viewpoint& view = services_.document->viewpoint();
    Eigen::Vector3d side = view.up.unitOrthogonal();
    const Eigen::Vector3d ahead = view.up.cross(side);
    const double reach = view.scale * 0.8;
    constexpr int lines = 4;
    for (int i = -lines; i <= lines; ++i) {
        const double offset = reach * i / lines;
        projection.line(view.center + side * offset - ahead * reach,
                        view.center + side * offset + ahead * reach, colour, 1);
        projection.line(view.center + ahead * offset - side * reach,
                        view.center + ahead * offset + side * reach, colour, 1);
    }
}

void OverviewPanel::draw_view(PanelContext& context, const OverviewProjection& projection,
                              const SceneSummary& scene, std::size_t view, bool hovered) {
    const ViewSummary& summary = scene.views[view];
    const auto points = frustum_points(summary.camera, frustum_);
    std::array<ImVec2, 4> quad;
    bool visible = true;
    for (std::size_t i = 0; i < 4; ++i) {
        const auto at = projection(points[i + 1]);
        visible = visible && at.has_value();
        quad[i] = at.value_or(ImVec2{});
    }
    const gfx::Texture& photo = textures_.thumbnail(context.canvas, scene, view);
    const ImU32 tint = IM_COL32(255, 255, 255, summary.is_input || hovered ? 255 : 90);
    if (visible && photo) {
        projection.list->AddImageQuad(photo.id(), quad[0], quad[1], quad[2], quad[3], {0, 0}, {1, 0}, {1, 1},
                                      {0, 1}, tint);
    }
    const ImU32 colour = hovered            ? ImGui::GetColorU32(context.colours.accent)
                         : summary.is_input ? colour_of_view(scene.input_place(view))
                                            : with_alpha(context.colours.muted, 0.5F);
    const float width = (summary.is_input ? 1.5F : 1.0F) * context.scale;
    projection.frustum(points, colour, width);
}

}  // namespace lact::app
