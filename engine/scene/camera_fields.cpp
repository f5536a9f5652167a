#include "engine/scene/camera_fields.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <system_error>

#include <Eigen/LU>
#include <fmt/format.h>

namespace lact {
namespace {

constexpr double largest_coordinate =
    1e9;  ///< Limit of a coordinate of a camera position; double precision is too coarse beyond.
constexpr double rigid_tolerance = 1e-2;

/// The number in the field, if it is in [low, high].
Result<double> in_range(const JsonField& field, double low, double high, std::string_view expected) {
    LACT_TRY(const double number, field.number());
    if (number < low || number > high) {
        return field.bad(fmt::format("is {}, {} was expected", number, expected),
                         "The intrinsics are in pixels of an image of the stated size.");
    }
    return number;
}

Result<void> check_rigid(const JsonField& field, const Eigen::Matrix4d& pose) {
    const Eigen::Matrix3d rotation = pose.block<3, 3>(0, 0);
    const Eigen::Vector3d position = pose.block<3, 1>(0, 3);
    if (!((pose.row(3) - Eigen::RowVector4d(0, 0, 0, 1)).cwiseAbs().maxCoeff() < 1e-4)) {
        return field.bad(fmt::format("has the last row {} {} {} {}, 0 0 0 1 was expected", pose(3, 0),
                                     pose(3, 1), pose(3, 2), pose(3, 3)));
    }
    if (!(position.cwiseAbs().maxCoeff() <= largest_coordinate)) {
        return field.bad(fmt::format("has the position {} {} {}, farther than {:g}", position[0], position[1],
                                     position[2], largest_coordinate));
    }
    const double error =
        (rotation.transpose() * rotation - Eigen::Matrix3d::Identity()).cwiseAbs().maxCoeff();
    if (!(error < rigid_tolerance)) {
        return field.bad(
            fmt::format("is not a rigid pose: the axes deviate from orthonormal by {:.3g}", error),
            "Scaled or sheared cameras cannot be used; write rotation and position only.");
    }
    if (rotation.determinant() < 0) {
        return field.bad("is not a rigid pose: it is a reflection (determinant -1)",
                         "Check the axis convention that the poses were exported with.");
    }
    return {};
}

}  // namespace

Result<int> read_side(const JsonField& field) {
    LACT_TRY(const double number, field.number());
    if (number < 1 || number > largest_side || number != std::floor(number)) {
        return field.bad(
            fmt::format("is {}, a whole number of pixels from 1 to {} was expected", number, largest_side));
    }
    return static_cast<int>(number);
}

Result<double> read_focal_length(const JsonField& field, int side) {
    return in_range(field, 0.01 * side, 1000.0 * side,
                    fmt::format("a focal length between {} and {} pixels", 0.01 * side, 1000.0 * side));
}

Result<double> read_principal_point(const JsonField& field, int side) {
    return in_range(field, -10.0 * side, 11.0 * side,
                    fmt::format("a principal point between {} and {} pixels", -10.0 * side, 11.0 * side));
}

Result<void> check_intrinsics(const Camera& camera, const std::string& where) {
    const double side = std::max(camera.width, camera.height);
    for (const double focal : {camera.fx, camera.fy}) {
        if (!(focal >= 0.01 * side && focal <= 1000 * side)) {
            return fail(where, fmt::format("has the focal length {}, {} to {} pixels were expected", focal,
                                           0.01 * side, 1000 * side));
        }
    }
    for (const double center : {camera.cx, camera.cy}) {
        if (!(center >= -10 * side && center <= 11 * side)) {
            return fail(where, fmt::format("has the principal point {} {}, {} to {} pixels were expected",
                                           camera.cx, camera.cy, -10 * side, 11 * side));
        }
    }
    return {};
}

Result<void> check_position(const Eigen::Matrix4d& c2w, const std::string& where) {
    const Eigen::Vector3d position = c2w.block<3, 1>(0, 3);
    if (!(position.cwiseAbs().maxCoeff() <= largest_coordinate) || !c2w.allFinite()) {
        return fail(where, fmt::format("has the position {} {} {}, numbers up to {:g} were expected",
                                       position[0], position[1], position[2], largest_coordinate));
    }
    return {};
}

Result<Eigen::Matrix4d> read_pose(const JsonField& field) {
    const auto& rows = field.value();
    if (!rows.is_array() || (rows.size() != 3 && rows.size() != 4)) {
        return field.bad(fmt::format("is {}, 4 rows of 4 numbers were expected", field.shown()));
    }
    Eigen::Matrix4d pose = Eigen::Matrix4d::Identity();
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const JsonField row = field.element(r);
        if (!row.value().is_array() || row.value().size() != 4) {
            return row.bad(fmt::format("is {}, 4 numbers were expected", row.shown()));
        }
        for (std::size_t c = 0; c < 4; ++c) {
            LACT_TRY(const double number, row.element(c).number());
            pose(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c)) = number;
        }
    }
    LACT_CHECK(check_rigid(field, pose));
    return pose;
}

std::filesystem::path resolve(const std::filesystem::path& folder, const std::string& text) {
    return folder / text;
}

bool is_file(const std::filesystem::path& path) {
    std::error_code code;
    return std::filesystem::is_regular_file(path, code);
}

bool has_json_extension(const std::filesystem::path& path) {
    std::string extension = path.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return extension == ".json";
}

}  // namespace lact
