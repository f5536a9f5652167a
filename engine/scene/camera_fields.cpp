#include "engine/scene/camera_fields.h"

#include "engine/core/file_kind.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <system_error>

#include <Eigen/LU>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

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

/// Checks what all transforms share: finite numbers, the last row, and the size of the translation.
Result<void> check_affine(const Eigen::Matrix4d& pose, const std::string& where) {
    const Eigen::Vector3d position = pose.block<3, 1>(0, 3);
    if (!((pose.row(3) - Eigen::RowVector4d(0, 0, 0, 1)).cwiseAbs().maxCoeff() < 1e-4)) {
        return fail(where, fmt::format("has the last row {} {} {} {}, 0 0 0 1 was expected", pose(3, 0),
                                       pose(3, 1), pose(3, 2), pose(3, 3)));
    }
    if (!(position.cwiseAbs().maxCoeff() <= largest_coordinate)) {
        return fail(where, fmt::format("has the position {} {} {}, farther than {:g}", position[0],
                                       position[1], position[2], largest_coordinate));
    }
    if (!pose.allFinite()) {
        return fail(where, "holds a number that is not finite");
    }
    return {};
}

/// The largest deviation of the axes from being orthogonal and of length 1; not a number for such axes.
double rigid_error(const Eigen::Matrix3d& axes) {
    const Eigen::Matrix3d error = axes.transpose() * axes - Eigen::Matrix3d::Identity();
    // maxCoeff() may pass over numbers that are not finite.
    return error.allFinite() ? error.cwiseAbs().maxCoeff() : std::numeric_limits<double>::quiet_NaN();
}

Result<void> check_rotation(const Eigen::Matrix3d& rotation, const std::string& where) {
    const double error = rigid_error(rotation);
    if (!(error < rigid_tolerance)) {
        return fail(where,
                    fmt::format("is not a rigid pose: the axes deviate from orthonormal by {:.3g}", error),
                    "Sheared cameras cannot be used; write rotation and position only.");
    }
    if (rotation.determinant() < 0) {
        return fail(where, "is not a rigid pose: it is a reflection (determinant -1)",
                    "Check the axis convention that the poses were exported with.");
    }
    return {};
}

/// 4 rows, or the first 3, of 4 numbers.
Result<Eigen::Matrix4d> read_matrix(const JsonField& field) {
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
    return pose;
}

}  // namespace

Result<int> read_side(const JsonField& field) {
    LACT_TRY(const double number, field.number());
    constexpr double rounding = 1e-6;  // Of a product that is whole.
    const double nearest = std::round(number);
    const double side = std::abs(number - nearest) <= rounding ? nearest : std::floor(number);
    if (side < 1 || side > largest_side) {
        return field.bad(fmt::format("is {}, 1 to {} pixels were expected", number, largest_side));
    }
    return static_cast<int>(side);
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
    LACT_TRY(Eigen::Matrix4d pose, read_matrix(field));
    LACT_CHECK(check_affine(pose, field.where()));
    LACT_CHECK(check_rotation(pose.block<3, 3>(0, 0), field.where()));
    return pose;
}

nlohmann::json pose_rows(const Eigen::Matrix4d& pose) {
    nlohmann::json rows = nlohmann::json::array();
    for (Eigen::Index row = 0; row < 4; ++row) {
        rows.push_back({pose(row, 0), pose(row, 1), pose(row, 2), pose(row, 3)});
    }
    return rows;
}

bool is_rigid(const Eigen::Matrix3d& axes) {
    return rigid_error(axes) < rigid_tolerance && axes.determinant() > 0;
}

Result<RigidPose> rigid_pose(const Eigen::Matrix4d& transform, PoseKind kind, const std::string& where) {
    LACT_CHECK(check_affine(transform, where));
    RigidPose pose;
    pose.c2w = kind == PoseKind::camera_to_world ? transform : transform.inverse();
    if (rigid_error(transform.block<3, 3>(0, 0)) < rigid_tolerance) {
        LACT_CHECK(check_rotation(transform.block<3, 3>(0, 0), where));
        return pose;
    }
    // The columns of a camera-to-world transform are the axes of the camera: what scales the camera, evenly
    // or not, leaves them orthogonal.
    Eigen::Matrix3d axes = pose.c2w.block<3, 3>(0, 0);
    const Eigen::Vector3d lengths = axes.colwise().norm().transpose();
    if (!lengths.allFinite() || !(lengths.minCoeff() > 0)) {
        return fail(where, "is not a rigid pose: an axis has no length");
    }
    axes = axes * lengths.cwiseInverse().asDiagonal();
    LACT_CHECK(check_rotation(axes, where));
    pose.c2w.block<3, 3>(0, 0) = axes;
    LACT_CHECK(check_affine(pose.c2w, where));
    pose.rescaled = true;
    return pose;
}

Result<RigidPose> read_rigid_pose(const JsonField& field, PoseKind kind) {
    LACT_TRY(const Eigen::Matrix4d transform, read_matrix(field));
    return rigid_pose(transform, kind, field.where());
}

CameraAxes camera_axes(const JsonField& top) {
    if (const auto stated = top.find_set("from_na"); stated && stated->value() == true) {
        return CameraAxes::opencv;
    }
    const auto stated = top.find_set("from_mitsuba");
    const bool mitsuba = stated ? stated->value() == true : top.find("normal_mts_args").has_value();
    return mitsuba ? CameraAxes::mitsuba : CameraAxes::opengl;
}

std::filesystem::path resolve(const std::filesystem::path& folder, const std::string& text) {
    return folder / text;
}

bool is_file(const std::filesystem::path& path) {
    std::error_code code;
    return std::filesystem::is_regular_file(path, code);
}

bool has_json_extension(const std::filesystem::path& path) {
    return lower_extension(path) == ".json";
}

}  // namespace lact
