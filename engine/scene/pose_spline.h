#pragma once

#include <span>
#include <vector>

#include <Eigen/Geometry>

namespace lact {

/// A curve through positions: Catmull-Rom splines with centripetal knots (Catmull and Rom 1974; Yuksel,
/// Schaefer and Keyser, Parameterization and applications of Catmull-Rom curves, CAD 43, 2011), which neither
/// cross themselves nor form cusps within a segment. An open curve has no curvature at its ends.
class PositionSpline {
  public:
    PositionSpline() = default;
    /// At least one position; `closed`: after the last one comes the first again.
    PositionSpline(std::span<const Eigen::Vector3d> positions, bool closed);
    /// The same with knots of one's own, strictly ascending, one for each position and one more if closed.
    PositionSpline(std::span<const Eigen::Vector3d> positions, std::vector<double> knots, bool closed);

    /// The curve's parameter at each position, and once more at the end of a closed curve; strictly
    /// ascending. Between positions it grows with the square root of their distance.
    [[nodiscard]] const std::vector<double>& knots() const { return knots_; }
    [[nodiscard]] Eigen::Vector3d at(double u) const;
    /// By the parameter.
    [[nodiscard]] Eigen::Vector3d derivative(double u) const;

  private:
    std::vector<Eigen::Vector3d> points_;  ///< One for each knot.
    std::vector<Eigen::Vector3d> tangents_;
    std::vector<double> knots_;
};

/// A curve through rotations: each segment is the cubic Bezier curve on unit quaternions of Kim, Kim and Shin
/// (A general construction scheme for unit quaternion curves with simple high order derivatives, SIGGRAPH
/// 1995), its angular velocities at the keys those of the parabola through a key and its neighbours
/// (Catmull-Rom). Continuous angular velocity for unevenly spaced knots, which squad has not; between two
/// keys it is spherical interpolation. Neighbours are joined the shorter way round.
class RotationSpline {
  public:
    RotationSpline() = default;
    RotationSpline(std::span<const Eigen::Quaterniond> rotations, bool closed);
    RotationSpline(std::span<const Eigen::Quaterniond> rotations, std::vector<double> knots, bool closed);

    /// As in PositionSpline, by the square root of the angle.
    [[nodiscard]] const std::vector<double>& knots() const { return knots_; }
    /// A unit quaternion.
    [[nodiscard]] Eigen::Quaterniond at(double u) const;

  private:
    std::vector<Eigen::Quaterniond> turns_;    ///< One for each knot.
    std::vector<Eigen::Vector3d> velocities_;  ///< Angular, in the turning frame, by the parameter.
    std::vector<double> knots_;
};

/// The rotation vector of `turn` (a unit quaternion), at most half a turn long.
[[nodiscard]] Eigen::Vector3d rotation_vector(const Eigen::Quaterniond& turn);
/// Its inverse.
[[nodiscard]] Eigen::Quaterniond exp_so3(const Eigen::Vector3d& rotation_vector);

}  // namespace lact
