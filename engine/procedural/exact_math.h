#pragma once

#include <array>
#include <cmath>

namespace lact {

/// Three floats with exact IEEE arithmetic in a fixed order, so that results are bit-identical on every
/// machine.
struct Vec3f {
    float x = 0;
    float y = 0;
    float z = 0;

    [[nodiscard]] float operator[](int axis) const { return axis == 0 ? x : axis == 1 ? y : z; }
    void set(int axis, float value) { (axis == 0 ? x : axis == 1 ? y : z) = value; }
    Vec3f& operator+=(const Vec3f& b) {
        x += b.x;
        y += b.y;
        z += b.z;
        return *this;
    }
};

[[nodiscard]] inline Vec3f operator+(const Vec3f& a, const Vec3f& b) {
    return {a.x + b.x, a.y + b.y, a.z + b.z};
}
[[nodiscard]] inline Vec3f operator-(const Vec3f& a, const Vec3f& b) {
    return {a.x - b.x, a.y - b.y, a.z - b.z};
}
[[nodiscard]] inline Vec3f operator-(const Vec3f& a) {
    return {-a.x, -a.y, -a.z};
}
[[nodiscard]] inline Vec3f operator*(const Vec3f& a, float s) {
    return {a.x * s, a.y * s, a.z * s};
}
/// Component-wise product.
[[nodiscard]] inline Vec3f operator*(const Vec3f& a, const Vec3f& b) {
    return {a.x * b.x, a.y * b.y, a.z * b.z};
}
[[nodiscard]] inline Vec3f operator/(const Vec3f& a, const Vec3f& b) {
    return {a.x / b.x, a.y / b.y, a.z / b.z};
}
[[nodiscard]] inline float dot(const Vec3f& a, const Vec3f& b) {
    return a.x * b.x + a.y * b.y + a.z * b.z;
}
[[nodiscard]] inline Vec3f cross(const Vec3f& a, const Vec3f& b) {
    return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
[[nodiscard]] inline float length(const Vec3f& a) {
    return std::sqrt(dot(a, a));
}
/// The unit vector; +z for a vector that is too short.
[[nodiscard]] inline Vec3f normalized(const Vec3f& a) {
    const float l = length(a);
    return l > 1e-12F ? a * (1 / l) : Vec3f{0, 0, 1};
}
[[nodiscard]] inline Vec3f mix(const Vec3f& a, const Vec3f& b, float m) {
    return a + (b - a) * m;
}
[[nodiscard]] inline float clamp01(float v) {
    return v < 0 ? 0.0F : v > 1 ? 1.0F : v;
}
[[nodiscard]] inline float absolute(float v) {
    return v < 0 ? -v : v;
}
[[nodiscard]] inline float smaller(float a, float b) {
    return a < b ? a : b;
}
[[nodiscard]] inline float larger(float a, float b) {
    return a > b ? a : b;
}
[[nodiscard]] inline float largest(const Vec3f& a) {
    return larger(a.x, larger(a.y, a.z));
}
[[nodiscard]] inline Vec3f absolute(const Vec3f& a) {
    return {absolute(a.x), absolute(a.y), absolute(a.z)};
}
/// The largest integer <= `v`, |v| < 2^31.
[[nodiscard]] inline int floor_to_int(float v) {
    const int i = static_cast<int>(v);
    return static_cast<float>(i) > v ? i - 1 : i;
}

/// A 3 x 3 matrix, stored by rows.
struct Mat3f {
    std::array<Vec3f, 3> row{Vec3f{1, 0, 0}, Vec3f{0, 1, 0}, Vec3f{0, 0, 1}};

    [[nodiscard]] Vec3f column(int i) const { return {row[0][i], row[1][i], row[2][i]}; }
};

[[nodiscard]] inline Vec3f operator*(const Mat3f& m, const Vec3f& v) {
    return {dot(m.row[0], v), dot(m.row[1], v), dot(m.row[2], v)};
}
[[nodiscard]] inline Mat3f transposed(const Mat3f& m) {
    return {{m.column(0), m.column(1), m.column(2)}};
}
[[nodiscard]] inline Mat3f operator*(const Mat3f& a, const Mat3f& b) {
    const Mat3f columns = transposed(b);
    Mat3f out;
    for (std::size_t i = 0; i < 3; ++i) {
        out.row[i] = {dot(a.row[i], columns.row[0]), dot(a.row[i], columns.row[1]),
                      dot(a.row[i], columns.row[2])};
    }
    return out;
}

/// Sine and cosine of an angle in turns (1 = 360 degrees), by polynomials of exactly rounded operations,
/// since results of libm differ between machines. Error below 1e-6.
struct SineCosine {
    float sine = 0;
    float cosine = 1;
};
[[nodiscard]] SineCosine sine_cosine(float turns);

/// 2^x for |x| < 60 by exactly rounded operations. Relative error below 1e-6.
[[nodiscard]] float exp2_exact(float x);

/// Rotation about an axis of the frame (0 x, 1 y, 2 z) by an angle in turns.
[[nodiscard]] Mat3f rotation_about(int axis, float turns);
/// A rotation whose third column is along `direction` (nonzero).
[[nodiscard]] Mat3f rotation_of_z_to(const Vec3f& direction);
/// The rotation of a nonzero quaternion.
[[nodiscard]] Mat3f rotation_of_quaternion(float w, float x, float y, float z);

}  // namespace lact
