#include "engine/scene/lens.h"

#include <algorithm>
#include <cmath>

namespace lact {
namespace {

PlanePoint opencv(PlanePoint p, const std::array<double, 12>& k) {
    const double r2 = p.x * p.x + p.y * p.y;
    const double radial =
        (1 + r2 * (k[0] + r2 * (k[1] + r2 * k[4]))) / (1 + r2 * (k[5] + r2 * (k[6] + r2 * k[7])));
    return {p.x * radial + 2 * k[2] * p.x * p.y + k[3] * (r2 + 2 * p.x * p.x),
            p.y * radial + k[2] * (r2 + 2 * p.y * p.y) + 2 * k[3] * p.x * p.y};
}

/// The equidistant projection: as far from the middle as the angle to the axis.
PlanePoint equidistant(PlanePoint p) {
    const double r = std::hypot(p.x, p.y);
    const double scale = r > 1e-12 ? std::atan(r) / r : 1.0;
    return {scale * p.x, scale * p.y};
}

PlanePoint fisheye(PlanePoint p, const std::array<double, 12>& k) {
    const auto [x, y] = equidistant(p);
    const double r2 = x * x + y * y;
    const double radial = 1 + r2 * (k[0] + r2 * (k[1] + r2 * (k[4] + r2 * k[5])));
    return {x * radial + 2 * k[2] * x * y + k[3] * (r2 + 2 * x * x) + k[6] * r2,
            y * radial + 2 * k[3] * x * y + k[2] * (r2 + 2 * y * y) + k[7] * r2};
}

PlanePoint rad_tan_thin_prism(PlanePoint p, const std::array<double, 12>& k) {
    const auto [u, v] = equidistant(p);
    const double theta2 = u * u + v * v;
    double radial = 0;
    for (std::size_t i = 6; i-- > 0;) {
        radial = theta2 * (k[i] + radial);
    }
    const double x = (1 + radial) * u;
    const double y = (1 + radial) * v;
    const double r2 = x * x + y * y;
    return {x + 2 * k[7] * x * y + k[6] * (r2 + 2 * x * x) + r2 * (k[8] + r2 * k[9]),
            y + 2 * k[6] * x * y + k[7] * (r2 + 2 * y * y) + r2 * (k[10] + r2 * k[11])};
}

PlanePoint fov(PlanePoint p, double omega) {
    const double r = std::hypot(p.x, p.y);
    if (std::abs(omega) < 1e-6) {
        return p;
    }
    const double slope = 2 * std::tan(omega / 2);
    const double scale = r > 1e-9 ? std::atan(r * slope) / (r * omega) : slope / omega;
    return {scale * p.x, scale * p.y};
}

/// x_u = x_d / (1 + k r_d²), solved for x_d; NaN beyond the lens's edge.
PlanePoint division(PlanePoint p, double k) {
    const double r2 = p.x * p.x + p.y * p.y;
    const double scale = 2 / (1 + std::sqrt(1 - 4 * k * r2));
    return {scale * p.x, scale * p.y};
}

PlanePoint unified(PlanePoint p, double alpha, double beta) {
    const double rho = std::sqrt(beta * (p.x * p.x + p.y * p.y) + 1);
    const double depth = alpha * rho + 1 - alpha;
    return {p.x / depth, p.y / depth};
}

/// What is left of the lens without the parts that are not symmetric around the axis.
LensDistortion radial_part(LensDistortion lens) {
    switch (lens.model) {
        case LensModel::opencv:
            lens.k[2] = lens.k[3] = 0;
            break;
        case LensModel::fisheye:
            lens.k[2] = lens.k[3] = lens.k[6] = lens.k[7] = 0;
            break;
        case LensModel::rad_tan_thin_prism:
            std::fill(lens.k.begin() + 6, lens.k.end(), 0.0);
            break;
        default:
            break;
    }
    return lens;
}

}  // namespace

PlanePoint distorted(PlanePoint p, const LensDistortion& lens) {
    switch (lens.model) {
        case LensModel::fisheye:
            return fisheye(p, lens.k);
        case LensModel::rad_tan_thin_prism:
            return rad_tan_thin_prism(p, lens.k);
        case LensModel::fov:
            return fov(p, lens.k[0]);
        case LensModel::division:
            return division(p, lens.k[0]);
        case LensModel::unified:
            return unified(p, lens.k[0], lens.k[1]);
        default:
            return opencv(p, lens.k);
    }
}

double fold_radius(const LensDistortion& lens, double largest) {
    constexpr int steps = 2048;  // Finer than pixels of most photos; the fold itself is black or doubled.
    const LensDistortion radial = radial_part(lens);
    double before = 0;
    for (int i = 1; i <= steps; ++i) {
        const double r = largest * i / steps;
        const double here = distorted({r, 0}, radial).x;
        if (!(here > before)) {
            return largest * (i - 1) / steps;
        }
        before = here;
    }
    return largest;
}

bool bends(const LensDistortion& lens, const Camera& camera) {
    if (lens == LensDistortion{}) {
        return false;
    }
    constexpr int steps = 16;
    constexpr double visible = 0.1;
    for (int row = 0; row <= steps; ++row) {
        for (int column = 0; column <= steps; ++column) {
            const PlanePoint p{(static_cast<double>(camera.width) * column / steps - camera.cx) / camera.fx,
                               (static_cast<double>(camera.height) * row / steps - camera.cy) / camera.fy};
            const PlanePoint q = distorted(p, lens);
            const double moved = std::hypot((q.x - p.x) * camera.fx, (q.y - p.y) * camera.fy);
            if (!(moved <= visible)) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace lact
