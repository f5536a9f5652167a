// COLMAP's camera models, by its numbers and names (src/colmap/sensor/models).
#include "engine/scene/camera_fields.h"
#include "engine/scene/colmap_model.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace lact {

struct ColmapLens {
    int id = 0;
    std::string_view name;
    std::size_t focals = 1;  ///< f, or fx and fy; then cx cy and the lens's own parameters.
    LensModel model = LensModel::opencv;
    std::size_t extras = 0;                ///< Number of own parameters,
    std::array<std::size_t, 12> places{};  ///< and where each stands in LensDistortion::k.
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
    const auto* found =
        std::find_if(lenses.begin(), lenses.end(), [&](const ColmapLens& lens) { return lens.name == name; });
    return found == lenses.end() ? nullptr : found;
}

std::size_t parameter_count(const ColmapLens& lens) {
    return lens.focals + 2 + lens.extras;
}

Result<ColmapCamera> colmap_camera(const ColmapLens& lens, std::uint64_t width, std::uint64_t height,
                                   std::span<const double> parameters, const std::string& where) {
    if (parameters.size() != parameter_count(lens)) {
        return fail(where, fmt::format("has {} parameters, {} has {}", parameters.size(), lens.name,
                                       parameter_count(lens)));
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

}  // namespace lact
