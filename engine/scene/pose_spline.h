#pragma once

#include <span>
#include <vector>

#include <Eigen/Geometry>

namespace lact {

/// A curve through positions: Catmull-Rom splines with centripetal knots (Catmull and Rom 1974; Yuksel,
/// Schaefer and Keyser, Parameterization and applications of Catmull-Rom curves, CAD 43, 2011), which have
/// neither self-intersections nor cusps within a segment. An open curve has zero curvature at its ends.
class PositionSpline {
  public:
    PositionSpline() = default;
    /// `positions`: at least one; `closed`: the first one follows the last.
    PositionSpline(std::span<const Eigen::Vector3d> positions, bool closed);
    /// With given knots, strictly ascending: one per position and one more if closed.
    PositionSpline(std::span<const Eigen::Vector3d> positions, std::vector<double> knots, bool closed);

    /// The parameter at each position, and again at the end of a closed curve; strictly ascending. Intervals
    /// are the square roots of the distances.
    [[nodiscard]] const std::vector<double>& knots() const { return knots_; }
    [[nodiscard]] Eigen::Vector3d at(double u) const;
    /// The derivative with respect to the parameter.
    [[nodiscard]] Eigen::Vector3d derivative(double u) const;

  private:
    std::vector<Eigen::Vector3d> points_;  ///< One for each knot.
    std::vector<Eigen::Vector3d> tangents_;
    std::vector<double> knots_;
};

/// A curve through rotations: each segment is the cubic Bezier curve on unit quaternions of Kim, Kim and
/// Shin (A general construction scheme for unit quaternion curves with simple high order derivatives,
/// SIGGRAPH 1995). The angular velocity at a key is that of the parabola through the key and its neighbours
/// (Catmull-Rom). The angular velocity is continuous also for uneven knots, unlike that of squad; between
/// two keys it is spherical linear interpolation. Neighbours are joined along the shorter arc.
class RotationSpline {
  public:
    RotationSpline() = default;
    RotationSpline(std::span<const Eigen::Quaterniond> rotations, bool closed);
    RotationSpline(std::span<const Eigen::Quaterniond> rotations, std::vector<double> knots, bool closed);

    /// As in PositionSpline, with the square roots of the angles.
    [[nodiscard]] const std::vector<double>& knots() const { return knots_; }
    /// A unit quaternion.
    [[nodiscard]] Eigen::Quaterniond at(double u) const;

  private:
    std::vector<Eigen::Quaterniond> turns_;  ///< One for each knot.
    std::vector<Eigen::Vector3d>
        velocities_;  ///< Angular velocities in the body frame, with respect to the parameter.
    std::vector<double> knots_;
};

/// The logarithm on SO(3): the rotation vector of a unit quaternion, of length at most pi.
[[nodiscard]] Eigen::Vector3d rotation_vector(const Eigen::Quaterniond& turn);
/// The exponential map of SO(3): the unit quaternion of a rotation vector.
[[nodiscard]] Eigen::Quaterniond exp_so3(const Eigen::Vector3d& rotation_vector);

}  // namespace lact
