#include "app/ui/path_gizmo.h"

#include "app/document/viewpoint.h"
#include "app/ui/widgets.h"
#include "engine/scene/camera.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include <Eigen/Geometry>
#include <ImGuizmo.h>
#include <fmt/format.h>

namespace lact::app {

std::optional<ImVec2> OverviewProjection::operator()(const Eigen::Vector3d& point) const {
    const Eigen::Vector3d seen = (w2c * point.homogeneous()).head<3>();
    if (seen.z() < 1e-3) {
        return std::nullopt;
    }
    return ImVec2{corner.x + static_cast<float>(camera.cx + camera.fx * seen.x() / seen.z()),
                  corner.y + static_cast<float>(camera.cy + camera.fy * seen.y() / seen.z())};
}

double OverviewProjection::depth(const Eigen::Vector3d& point) const {
    return (w2c * point.homogeneous()).z();
}

void OverviewProjection::line(const Eigen::Vector3d& a, const Eigen::Vector3d& b, ImU32 colour,
                              float width) const {
    const auto from = (*this)(a);
    const auto to = (*this)(b);
    if (from && to) {
        list->AddLine(*from, *to, colour, width);
    }
}

void OverviewProjection::frustum(const std::array<Eigen::Vector3d, 5>& points, ImU32 colour,
                                 float width) const {
    for (std::size_t i = 1; i <= 4; ++i) {
        line(points[0], points[i], colour, width);
        line(points[i], points[i % 4 + 1], colour, width);
    }
}

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

namespace {

constexpr float pick_radius = 8;

/// World-to-eye matrix in OpenGL convention (x right, y up, view along -z), column-major.
std::array<float, 16> view_matrix(const Camera& eye) {
    const Eigen::Matrix4d view = Eigen::Vector4d(1, -1, -1, 1).asDiagonal() * eye.c2w.inverse();
    std::array<float, 16> result{};
    Eigen::Map<Eigen::Matrix4f>(result.data()) = view.cast<float>();
    return result;
}

/// Projection matrix of the eye over a panel of `size` pixels in OpenGL convention, column-major.
std::array<float, 16> projection_matrix(const Camera& eye, ImVec2 size) {
    constexpr double near_plane = 0.01;
    constexpr double far_plane = 1000;
    Eigen::Matrix4d clip = Eigen::Matrix4d::Zero();
    clip(0, 0) = 2 * eye.fx / static_cast<double>(size.x);
    clip(0, 2) = 1 - 2 * eye.cx / static_cast<double>(size.x);
    clip(1, 1) = 2 * eye.fy / static_cast<double>(size.y);
    clip(1, 2) = 2 * eye.cy / static_cast<double>(size.y) - 1;
    clip(2, 2) = -(far_plane + near_plane) / (far_plane - near_plane);
    clip(2, 3) = -2 * far_plane * near_plane / (far_plane - near_plane);
    clip(3, 2) = -1;
    std::array<float, 16> result{};
    Eigen::Map<Eigen::Matrix4f>(result.data()) = clip.cast<float>();
    return result;
}

}  // namespace

std::optional<std::size_t> PathGizmo::draw(PanelContext& context, const Camera& eye, ImVec2 corner,
                                           ImVec2 size, double frustum) {
    const PathState& path = services_.document->path;
    const auto evaluator = path.evaluator();
    if (!evaluator) {
        takes_mouse_ = false;
        return std::nullopt;
    }
    const OverviewProjection projection{eye, eye.c2w.inverse(), corner, ImGui::GetWindowDrawList()};
    constexpr int pieces = 160;
    const ImU32 colour = ImGui::GetColorU32(context.colours.warning);
    const auto position = [&](int i) {
        const TrackPose pose = evaluator->at(evaluator->start() + evaluator->duration() * i / pieces);
        return Eigen::Vector3d(pose.c2w.block<3, 1>(0, 3));
    };
    for (int i = 0; i < pieces && evaluator->duration() > 0; ++i) {
        projection.line(position(i), position(i + 1), colour, 1.5F * context.scale);
    }
    std::optional<std::size_t> hovered;
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    float nearest = pick_radius * context.scale;
    keys_.clear();
    for (std::size_t i = 0; i < path.track.keys.size(); ++i) {
        const auto at = projection(path.track.keys[i].pose.c2w.block<3, 1>(0, 3));
        keys_.push_back(at);
        if (!at) {
            continue;
        }
        projection.list->AddCircleFilled(*at, (path.selected == i ? 5.0F : 3.5F) * context.scale, colour);
        if (const float distance = std::hypot(mouse.x - at->x, mouse.y - at->y); distance < nearest) {
            nearest = distance;
            hovered = i;
        }
    }
    if (path.preview) {
        projection.frustum(frustum_points(evaluator->at(path.time, services_.snapshot->scene->size), frustum),
                           colour, 2 * context.scale);
    }
    draw_handle(eye, corner, size);
    return takes_mouse_ ? std::nullopt : hovered;
}

void PathGizmo::draw_handle(const Camera& eye, ImVec2 corner, ImVec2 size) {
    const PathState& path = services_.document->path;
    takes_mouse_ = false;
    if (!path.selected || *path.selected >= path.track.keys.size()) {
        return;
    }
    const CameraKey& key = path.track.keys[*path.selected];
    ImGuizmo::BeginFrame();
    ImGuizmo::SetDrawlist(ImGui::GetWindowDrawList());
    ImGuizmo::SetRect(corner.x, corner.y, size.x, size.y);
    ImGuizmo::SetGizmoSizeClipSpace(0.35F);
    ImGuizmo::AllowAxisFlip(false);
    const auto view = view_matrix(eye);
    const auto projection = projection_matrix(eye, size);
    std::array<float, 16> pose{};
    Eigen::Map<Eigen::Matrix4f>(pose.data()) = key.pose.c2w.cast<float>();
    const bool changed = ImGuizmo::Manipulate(
        view.data(), projection.data(), path.turn_handle ? ImGuizmo::ROTATE : ImGuizmo::TRANSLATE,
        path.turn_handle ? ImGuizmo::LOCAL : ImGuizmo::WORLD, pose.data());
    takes_mouse_ = ImGuizmo::IsOver() || ImGuizmo::IsUsing();
    if (changed) {
        SetPathKey set{*path.selected};
        // The handle keeps no rotation exactly, and each of its results is the next one's beginning.
        const Eigen::Matrix4d moved = Eigen::Map<const Eigen::Matrix4f>(pose.data()).cast<double>();
        set.c2w = make_pose(orthonormal(moved.block<3, 3>(0, 0)), moved.block<3, 1>(0, 3));
        services_.dispatch->run(set);
    }
}

}  // namespace lact::app
