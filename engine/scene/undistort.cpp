#include "engine/scene/lens.h"
#include "engine/scene/prepare.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace lact {
namespace {

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

Image8 undistort(const Image8& image, const Camera& camera, const LensDistortion& distortion) {
    Image8 out{image.width, image.height, 4, {}};
    out.pixels.reserve(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 4);
    double corner = 0;
    for (const double x : {0.0, static_cast<double>(image.width)}) {
        for (const double y : {0.0, static_cast<double>(image.height)}) {
            corner = std::max(corner, std::hypot((x - camera.cx) / camera.fx, (y - camera.cy) / camera.fy));
        }
    }
    const double limit = fold_radius(distortion, corner);
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x) {
            const PlanePoint pinhole{(x + 0.5 - camera.cx) / camera.fx, (y + 0.5 - camera.cy) / camera.fy};
            const PlanePoint lens = distorted(pinhole, distortion);
            const double u = lens.x * camera.fx + camera.cx;
            const double v = lens.y * camera.fy + camera.cy;
            // Written so that NaN and infinity are outside.
            const bool inside = std::hypot(pinhole.x, pinhole.y) <= limit && u >= 0 && u < image.width &&
                                v >= 0 && v < image.height;
            const auto pixel = inside ? sample(image, u - 0.5, v - 0.5) : std::array<std::uint8_t, 4>{};
            out.pixels.insert(out.pixels.end(), pixel.begin(), pixel.end());
        }
    }
    return out;
}

}  // namespace lact
