#include "engine/scene/prepare.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace lact {
namespace {

/// A position on the image plane in units of the focal length.
struct Point {
    double x = 0;
    double y = 0;
};

/// OpenCV's model: where the lens puts what a pinhole would see at `p`.
Point distorted(Point p, const std::array<double, 4>& k) {
    const auto [k1, k2, p1, p2] = k;
    const double r2 = p.x * p.x + p.y * p.y;
    const double radial = 1 + r2 * (k1 + r2 * k2);
    return {p.x * radial + 2 * p1 * p.x * p.y + p2 * (r2 + 2 * p.x * p.x),
            p.y * radial + p1 * (r2 + 2 * p.y * p.y) + 2 * p2 * p.x * p.y};
}

/// Beyond this squared radius the radial polynomial r (1 + k1 r² + k2 r⁴) falls again and would show the
/// photo a second time: the smallest positive root of its derivative 1 + 3 k1 s + 5 k2 s² in s = r².
double monotonic_limit(double k1, double k2) {
    constexpr double none = std::numeric_limits<double>::infinity();
    const double a = 5 * k2;
    const double b = 3 * k1;
    if (a == 0) {
        return b < 0 ? -1 / b : none;
    }
    const double discriminant = b * b - 4 * a;
    if (discriminant < 0) {
        return none;
    }
    // The product of the roots is 1 / a; this form does not cancel.
    const double q = -0.5 * (b + std::copysign(std::sqrt(discriminant), b));
    double limit = none;
    for (const double root : {q / a, q != 0 ? 1 / q : none}) {
        if (root > 0) {
            limit = std::min(limit, root);
        }
    }
    return limit;
}

/// The RGBA value at (u, v), in pixels with centres at whole numbers, by bilinear interpolation; colours are
/// weighted by alpha so that hidden colours do not bleed. At the border the outermost pixels are continued.
std::array<std::uint8_t, 4> sample(const Image8& image, double u, double v) {
    const double left = std::floor(u);
    const double top = std::floor(v);
    std::array<double, 3> colour{};
    double alpha_sum = 0;
    for (int corner = 0; corner < 4; ++corner) {
        const int dx = corner & 1;
        const int dy = corner >> 1;
        const double weight = (dx == 1 ? u - left : 1 - (u - left)) * (dy == 1 ? v - top : 1 - (v - top));
        const int x = std::clamp(static_cast<int>(left) + dx, 0, image.width - 1);
        const int y = std::clamp(static_cast<int>(top) + dy, 0, image.height - 1);
        const auto at = (static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) +
                         static_cast<std::size_t>(x)) *
                        static_cast<std::size_t>(image.channels);
        const double alpha = weight * (image.channels == 4 ? image.pixels[at + 3] : 255);
        alpha_sum += alpha;
        for (std::size_t c = 0; c < 3; ++c) {
            colour[c] += alpha * image.pixels[at + c];
        }
    }
    std::array<std::uint8_t, 4> out{};
    for (std::size_t c = 0; c < 3 && alpha_sum > 0; ++c) {
        out[c] = static_cast<std::uint8_t>(std::clamp(std::lround(colour[c] / alpha_sum), 0L, 255L));
    }
    out[3] = static_cast<std::uint8_t>(std::clamp(std::lround(alpha_sum), 0L, 255L));
    return out;
}

}  // namespace

Image8 undistort(const Image8& image, const Camera& camera, const std::array<double, 4>& distortion) {
    Image8 out{image.width, image.height, 4, {}};
    out.pixels.reserve(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 4);
    const double limit = monotonic_limit(distortion[0], distortion[1]);
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x) {
            const Point pinhole{(x + 0.5 - camera.cx) / camera.fx, (y + 0.5 - camera.cy) / camera.fy};
            const Point lens = distorted(pinhole, distortion);
            const double u = lens.x * camera.fx + camera.cx;
            const double v = lens.y * camera.fy + camera.cy;
            // Written so that NaN and infinity are outside.
            const bool inside = pinhole.x * pinhole.x + pinhole.y * pinhole.y < limit && u >= 0 &&
                                u < image.width && v >= 0 && v < image.height;
            const auto pixel = inside ? sample(image, u - 0.5, v - 0.5) : std::array<std::uint8_t, 4>{};
            out.pixels.insert(out.pixels.end(), pixel.begin(), pixel.end());
        }
    }
    return out;
}

}  // namespace lact
