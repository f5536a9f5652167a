#include "engine/scene/lens.h"

#include "engine/core/counted.h"
#include "engine/scene/camera_fields.h"
#include "engine/scene/colmap_model.h"
#include "engine/scene/prepare.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include <fmt/format.h>

namespace lact {

namespace {

PlanePoint opencv(PlanePoint p, const std::array<double, 12>& k) {
    const double r2 = p.x * p.x + p.y * p.y;
    const double radial =
        (1 + r2 * (k[0] + r2 * (k[1] + r2 * k[4]))) / (1 + r2 * (k[5] + r2 * (k[6] + r2 * k[7])));
    return {p.x * radial + 2 * k[2] * p.x * p.y + k[3] * (r2 + 2 * p.x * p.x),
            p.y * radial + k[2] * (r2 + 2 * p.y * p.y) + 2 * k[3] * p.x * p.y};
}

/// The equidistant projection: the radius equals the angle to the axis.
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

/// x_u = x_d / (1 + k r_d²), solved for x_d; NaN outside the field of view of the lens.
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

/// The part of the distortion that is symmetric around the axis.
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
    constexpr int steps = 2048;  // Finer than the pixels of most photos; beyond the fold the image is black.
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

// Camera models of COLMAP by number and name (src/colmap/sensor/models).
struct ColmapLens {
    int id = 0;
    std::string_view name;
    std::size_t focals = 1;  ///< 1: f; 2: fx and fy. cx, cy and the parameters of the lens follow.
    LensModel model = LensModel::opencv;
    std::size_t extras = 0;                ///< Number of lens parameters.
    std::array<std::size_t, 12> places{};  ///< Index of each in LensDistortion::k.
};

namespace {

constexpr std::array<std::size_t, 12> in_order{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

constexpr std::array<ColmapLens, 17> lenses{{
    {0, "SIMPLE_PINHOLE", 1, LensModel::opencv, 0, in_order},
    {1, "PINHOLE", 2, LensModel::opencv, 0, in_order},
    {2, "SIMPLE_RADIAL", 1, LensModel::opencv, 1, in_order},
    {3, "RADIAL", 1, LensModel::opencv, 2, in_order},
    {4, "OPENCV", 2, LensModel::opencv, 4, in_order},
    {5, "OPENCV_FISHEYE", 2, LensModel::fisheye, 4, {0, 1, 4, 5}},
    {6, "FULL_OPENCV", 2, LensModel::opencv, 8, in_order},
    {7, "FOV", 2, LensModel::fov, 1, in_order},
    {8, "SIMPLE_RADIAL_FISHEYE", 1, LensModel::fisheye, 1, in_order},
    {9, "RADIAL_FISHEYE", 1, LensModel::fisheye, 2, in_order},
    {10, "THIN_PRISM_FISHEYE", 2, LensModel::fisheye, 8, in_order},
    {11, "RAD_TAN_THIN_PRISM_FISHEYE", 2, LensModel::rad_tan_thin_prism, 12, in_order},
    {12, "SIMPLE_DIVISION", 1, LensModel::division, 1, in_order},
    {13, "DIVISION", 2, LensModel::division, 1, in_order},
    {14, "SIMPLE_FISHEYE", 1, LensModel::fisheye, 0, in_order},
    {15, "FISHEYE", 2, LensModel::fisheye, 0, in_order},
    {16, "EUCM", 2, LensModel::unified, 2, in_order},
}};

Result<void> check_lens(const LensDistortion& lens, std::string_view name, const std::string& where) {
    constexpr double largest = 100;
    for (const double k : lens.k) {
        if (!(std::abs(k) <= largest)) {
            return fail(where, fmt::format("has the lens parameter {} ({}), -{} to {} were expected", k, name,
                                           largest, largest));
        }
    }
    if (lens.model == LensModel::unified && !(lens.k[0] >= 0 && lens.k[0] <= 1 && lens.k[1] > 0)) {
        return fail(where, fmt::format("has alpha {} and beta {}; alpha from 0 to 1 and beta above 0 were "
                                       "expected",
                                       lens.k[0], lens.k[1]));
    }
    return {};
}

}  // namespace

const ColmapLens* colmap_lens(int model_id) {
    const auto* found = std::find_if(lenses.begin(), lenses.end(),
                                     [&](const ColmapLens& lens) { return lens.id == model_id; });
    return found == lenses.end() ? nullptr : found;
}

const ColmapLens* colmap_lens(std::string_view name) {
    const auto upper = [](char letter) { return std::toupper(static_cast<unsigned char>(letter)); };
    const auto* found = std::find_if(lenses.begin(), lenses.end(), [&](const ColmapLens& lens) {
        return std::ranges::equal(lens.name, name, {}, upper, upper);
    });
    return found == lenses.end() ? nullptr : found;
}

std::size_t parameter_count(const ColmapLens& lens) {
    return lens.focals + 2 + lens.extras;
}

Result<ColmapCamera> colmap_camera(const ColmapLens& lens, std::uint64_t width, std::uint64_t height,
                                   std::span<const double> parameters, const std::string& where) {
    if (parameters.size() != parameter_count(lens)) {
        return fail(where, fmt::format("has {}, {} has {}", counted(parameters.size(), "parameter"),
                                       lens.name, parameter_count(lens)));
    }
    if (width < 1 || height < 1 || width > largest_side || height > largest_side) {
        return fail(
            where, fmt::format("is {}x{} pixels, 1 to {} a side were expected", width, height, largest_side));
    }
    ColmapCamera out;
    Camera& camera = out.intrinsics;
    camera.width = static_cast<int>(width);
    camera.height = static_cast<int>(height);
    camera.fx = parameters[0];
    camera.fy = parameters[lens.focals - 1];
    camera.cx = parameters[lens.focals];
    camera.cy = parameters[lens.focals + 1];
    LACT_CHECK(check_intrinsics(camera, where));
    out.lens.model = lens.model;
    for (std::size_t i = 0; i < lens.extras; ++i) {
        out.lens.k[lens.places[i]] = parameters[lens.focals + 2 + i];
    }
    LACT_CHECK(check_lens(out.lens, lens.name, where));
    return out;
}

namespace {

/// The RGBA value at (u, v), in pixels with centres at whole numbers, by bilinear interpolation. Colours are
/// weighted by alpha, so that transparent colours do not bleed. Border pixels are repeated outside the
/// image.
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

LensCover::LensCover(const Camera& camera, const LensDistortion& lens)
    : camera_(camera), lens_(lens), limit_(0) {
    double corner = 0;
    for (const double x : {0.0, static_cast<double>(camera.width)}) {
        for (const double y : {0.0, static_cast<double>(camera.height)}) {
            corner = std::max(corner, std::hypot((x - camera.cx) / camera.fx, (y - camera.cy) / camera.fy));
        }
    }
    limit_ = fold_radius(lens, corner);
}

std::optional<PlanePoint> LensCover::in_photo(double x, double y, double zoom) const {
    const PlanePoint pinhole{(x - camera_.cx) / (camera_.fx * zoom), (y - camera_.cy) / (camera_.fy * zoom)};
    const PlanePoint lens = distorted(pinhole, lens_);
    const double u = lens.x * camera_.fx + camera_.cx;
    const double v = lens.y * camera_.fy + camera_.cy;
    // Also false for NaN and infinity.
    const bool inside = std::hypot(pinhole.x, pinhole.y) <= limit_ && u >= 0 && u < camera_.width && v >= 0 &&
                        v < camera_.height;
    return inside ? std::optional(PlanePoint{u, v}) : std::nullopt;
}

std::optional<double> zoom_inside(const LensCover& cover, const PixelWindow& window) {
    // What lies within the border lies nearer to the axis, where the lens shows more.
    const auto shows_border = [&](double zoom) {
        const auto shows = [&](int x, int y) { return cover.in_photo(x + 0.5, y + 0.5, zoom).has_value(); };
        for (int x = window.left; x < window.right; ++x) {
            if (!shows(x, window.top) || !shows(x, window.bottom - 1)) {
                return false;
            }
        }
        for (int y = window.top; y < window.bottom; ++y) {
            if (!shows(window.left, y) || !shows(window.right - 1, y)) {
                return false;
            }
        }
        return true;
    };
    if (shows_border(1)) {
        return 1;
    }
    if (!shows_border(largest_lens_zoom)) {
        return std::nullopt;
    }
    constexpr int halvings = 20;  // To a millionth, far below a pixel.
    double low = 1;
    double high = largest_lens_zoom;
    for (int i = 0; i < halvings; ++i) {
        const double middle = (low + high) / 2;
        double& bound = shows_border(middle) ? high : low;
        bound = middle;
    }
    return high;
}

Image8 undistort(const Image8& image, const Camera& camera, const LensDistortion& distortion, double zoom) {
    Image8 out{image.width, image.height, 4, {}};
    out.pixels.reserve(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 4);
    const LensCover cover(camera, distortion);
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x) {
            const auto there = cover.in_photo(x + 0.5, y + 0.5, zoom);
            const auto pixel =
                there ? sample(image, there->x - 0.5, there->y - 0.5) : std::array<std::uint8_t, 4>{};
            out.pixels.insert(out.pixels.end(), pixel.begin(), pixel.end());
        }
    }
    return out;
}

}  // namespace lact
