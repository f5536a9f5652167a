#include "engine/procedural/exact_math.h"

namespace lact {
namespace {

constexpr double two_pi = 6.283185307179586;

/// Taylor polynomials for |x| <= pi / 4.
double small_sine(double x) {
    const double s = x * x;
    return x * (1 + s * (-1.0 / 6 + s * (1.0 / 120 + s * (-1.0 / 5040 + s * (1.0 / 362880)))));
}
double small_cosine(double x) {
    const double s = x * x;
    return 1 + s * (-1.0 / 2 + s * (1.0 / 24 + s * (-1.0 / 720 + s * (1.0 / 40320))));
}

}  // namespace

SineCosine sine_cosine(float turns) {
    const double t = static_cast<double>(turns) - floor_to_int(turns);  // [0, 1)
    const int eighth = static_cast<int>(t * 8);
    const int quarter = (eighth + 1) / 2;  // nearest multiple of a quarter turn, 0 to 4
    const double x = (t - 0.25 * quarter) * two_pi;
    const double s = small_sine(x);
    const double c = small_cosine(x);
    switch (quarter % 4) {
        case 0:
            return {static_cast<float>(s), static_cast<float>(c)};
        case 1:
            return {static_cast<float>(c), static_cast<float>(-s)};
        case 2:
            return {static_cast<float>(-s), static_cast<float>(-c)};
        default:
            return {static_cast<float>(-c), static_cast<float>(s)};
    }
}

float exp2_exact(float x) {
    const int whole = floor_to_int(x);
    const double f = (static_cast<double>(x) - whole) * 0.6931471805599453;
    double power =
        1 +
        f * (1 + f * (1.0 / 2 +
                      f * (1.0 / 6 +
                           f * (1.0 / 24 +
                                f * (1.0 / 120 + f * (1.0 / 720 + f * (1.0 / 5040 + f * (1.0 / 40320))))))));
    for (int i = 0; i < whole; ++i) {
        power *= 2;
    }
    for (int i = whole; i < 0; ++i) {
        power *= 0.5;
    }
    return static_cast<float>(power);
}

Mat3f rotation_about(int axis, float turns) {
    const auto [s, c] = sine_cosine(turns);
    switch (axis) {
        case 0:
            return {{Vec3f{1, 0, 0}, Vec3f{0, c, -s}, Vec3f{0, s, c}}};
        case 1:
            return {{Vec3f{c, 0, s}, Vec3f{0, 1, 0}, Vec3f{-s, 0, c}}};
        default:
            return {{Vec3f{c, -s, 0}, Vec3f{s, c, 0}, Vec3f{0, 0, 1}}};
    }
}

Mat3f rotation_of_z_to(const Vec3f& direction) {
    const Vec3f z = normalized(direction);
    const Vec3f helper = absolute(z.y) < 0.9F ? Vec3f{0, 1, 0} : Vec3f{1, 0, 0};
    const Vec3f x = normalized(cross(helper, z));
    const Vec3f y = cross(z, x);
    return transposed(Mat3f{{x, y, z}});
}

Mat3f rotation_of_quaternion(float w, float x, float y, float z) {
    const float n = 1 / std::sqrt(w * w + x * x + y * y + z * z);
    w *= n;
    x *= n;
    y *= n;
    z *= n;
    return {{Vec3f{1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)},
             Vec3f{2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)},
             Vec3f{2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)}}};
}

}  // namespace lact
