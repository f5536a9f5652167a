#include "app/panels/overview_panel.h"

#include "app/core/actions.h"
#include "app/core/orbit_camera.h"
#include "app/panels/signed_colour.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <Eigen/Geometry>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

constexpr float pick_points = 14;

ImU32 faded(ImVec4 colour, float alpha) {
    colour.w *= alpha;
    return ImGui::GetColorU32(colour);
}

}  // namespace

/// World to screen for the overview's camera.
struct OverviewPanel::Projection {
    Camera camera;
    Eigen::Matrix4d w2c;
    ImVec2 corner;
    ImDrawList* list;

    /// Nothing where the point is behind the eye.
    [[nodiscard]] std::optional<ImVec2> operator()(const Eigen::Vector3d& point) const {
        const Eigen::Vector3d seen = (w2c * point.homogeneous()).head<3>();
        if (seen.z() < 1e-3) {
            return std::nullopt;
        }
        return ImVec2{corner.x + static_cast<float>(camera.cx + camera.fx * seen.x() / seen.z()),
                      corner.y + static_cast<float>(camera.cy + camera.fy * seen.y() / seen.z())};
    }
    [[nodiscard]] double depth(const Eigen::Vector3d& point) const { return (w2c * point.homogeneous()).z(); }
    void line(const Eigen::Vector3d& a, const Eigen::Vector3d& b, ImU32 colour, float width) const {
        const auto from = (*this)(a);
        const auto to = (*this)(b);
        if (from && to) {
            list->AddLine(*from, *to, colour, width);
        }
    }
};

namespace {

/// The eye's camera for a panel: a square view of the scene as large as the panel's smaller side, in its
/// middle.
Camera square_in_the_middle(const Viewpoint& eye, ImVec2 space) {
    const int side = std::max(1, static_cast<int>(std::min(space.x, space.y)));
    Camera camera = eye.camera({side, side});
    camera.cx += (static_cast<double>(space.x) - side) / 2;
    camera.cy += (static_cast<double>(space.y) - side) / 2;
    return camera;
}

/// Eye and the four corners of the picture plane at `depth`, clockwise from the upper left.
std::array<Eigen::Vector3d, 5> frustum_points(const Camera& camera, double depth) {
    const auto corner = [&](double x, double y) {
        const Eigen::Vector4d seen{(x - camera.cx) / camera.fx * depth, (y - camera.cy) / camera.fy * depth,
                                   depth, 1};
        return Eigen::Vector3d((camera.c2w * seen).head<3>());
    };
    const double w = camera.width;
    const double h = camera.height;
    return {camera.position(), corner(0, 0), corner(w, 0), corner(w, h), corner(0, h)};
}

}  // namespace

void OverviewPanel::draw(window::PanelContext& context) {
    const auto& scene = services_.published->scene;
    if (!scene) {
        ImGui::TextColored(context.colours.muted, "No scene is open.");
        return;
    }
    look_at_scene(*scene);
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const ImVec2 space = ImGui::GetContentRegionAvail();
    if (space.x < 8 || space.y < 8) {
        return;
    }
    ImGui::InvisibleButton("overview", space);
    const bool hovered = ImGui::IsItemHovered();
    navigate(space);
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->PushClipRect(corner, {corner.x + space.x, corner.y + space.y}, true);
    const Camera camera = square_in_the_middle(eye_, space);
    const Projection projection{camera, camera.c2w.inverse(), corner, list};
    draw_ground(projection, faded(context.colours.muted, 0.35F));
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
    draw_path(context, projection);
    const auto& frame = services_.published->frame;
    const auto now = frustum_points(frame ? frame->camera : services_.view->viewpoint().camera(scene->size),
                                    frustum_ * 1.4);
    const ImU32 accent = ImGui::GetColorU32(context.colours.accent);
    for (std::size_t i = 1; i <= 4; ++i) {
        projection.line(now[0], now[i], accent, 2 * context.scale);
        projection.line(now[i], now[i % 4 + 1], accent, 2 * context.scale);
    }
    list->PopClipRect();
    if (nearest) {
        window::tip(context, fmt::format("Photo {}, {}. Click: look from its camera.", *nearest,
                                         scene->views[*nearest].is_input ? "an input view" : "held out"));
        if (ImGui::IsItemDeactivated() && !pressed_elsewhere_) {
            services_.run("camera.go_to_view", {{"view", *nearest}});
        }
    }
}

void OverviewPanel::look_at_scene(const SceneSummary& scene) {
    if (scene.sequence == scene_sequence_) {
        return;
    }
    scene_sequence_ = scene.sequence;
    const auto cameras = scene.cameras();
    eye_ = frame_all(cameras);
    frustum_ = eye_.scale * 0.14;
    eye_ = dolly(orbit(eye_, 0.5, 0.25), 1.9);
}

void OverviewPanel::navigate(ImVec2 size) {
    const ImGuiIO& io = ImGui::GetIO();
    if (ImGui::IsItemActivated()) {
        pressed_elsewhere_ = false;
    }
    if (ImGui::IsItemActive() && (io.MouseDelta.x != 0 || io.MouseDelta.y != 0)) {
        // A press that became a drag turns the overview and is no click on a frustum.
        pressed_elsewhere_ = pressed_elsewhere_ || ImGui::IsMouseDragging(ImGuiMouseButton_Left);
        eye_ = orbit(eye_, -6.0 * io.MouseDelta.x / size.x, 3.0 * io.MouseDelta.y / size.y);
    }
    if (ImGui::IsItemHovered() && io.MouseWheel != 0) {
        eye_ = dolly(eye_, std::pow(0.88, io.MouseWheel));
    }
}

void OverviewPanel::draw_path(window::PanelContext& context, const Projection& projection) {
    const PathState& path = services_.view->path;
    const auto evaluator = path.evaluator();
    if (!evaluator) {
        return;
    }
    constexpr int pieces = 160;
    const ImU32 colour = ImGui::GetColorU32(context.colours.warning);
    const auto position = [&](int i) {
        const TrackPose pose = evaluator->at(evaluator->start() + evaluator->duration() * i / pieces);
        return Eigen::Vector3d(pose.c2w.block<3, 1>(0, 3));
    };
    for (int i = 0; i < pieces && evaluator->duration() > 0; ++i) {
        projection.line(position(i), position(i + 1), colour, 1.5F * context.scale);
    }
    for (std::size_t i = 0; i < path.track.keys.size(); ++i) {
        const auto at = projection(path.track.keys[i].pose.c2w.block<3, 1>(0, 3));
        if (at) {
            projection.list->AddCircleFilled(*at, (path.selected == i ? 5.0F : 3.5F) * context.scale, colour);
        }
    }
}

void OverviewPanel::draw_ground(const Projection& projection, ImU32 colour) {
    const Viewpoint& view = services_.view->viewpoint();
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

void OverviewPanel::draw_view(window::PanelContext& context, const Projection& projection,
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
    const window::Texture& photo = textures_.thumbnail(context.canvas, scene, view);
    const ImU32 tint = IM_COL32(255, 255, 255, summary.is_input || hovered ? 255 : 90);
    if (visible && photo) {
        projection.list->AddImageQuad(photo.id(), quad[0], quad[1], quad[2], quad[3], {0, 0}, {1, 0}, {1, 1},
                                      {0, 1}, tint);
    }
    const ImU32 colour = hovered            ? ImGui::GetColorU32(context.colours.accent)
                         : summary.is_input ? colour_of_view(scene.input_place(view))
                                            : faded(context.colours.muted, 0.5F);
    const float width = (summary.is_input ? 1.5F : 1.0F) * context.scale;
    for (std::size_t i = 1; i <= 4; ++i) {
        projection.line(points[0], points[i], colour, width);
        projection.line(points[i], points[i % 4 + 1], colour, width);
    }
}

}  // namespace lact::app
