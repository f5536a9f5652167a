#include "app/panels/overview_projection.h"

#include <cstddef>

#include <Eigen/Geometry>

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

}  // namespace lact::app
