#include "engine/train/augment.h"

#include <cmath>
#include <cstddef>

#include <Eigen/Geometry>

namespace lact {

Camera augmented(const Camera& camera, const Augmentation& augmentation) {
    Camera result = camera;
    Eigen::Matrix4d turn = Eigen::Matrix4d::Identity();
    turn.block<3, 3>(0, 0) =
        Eigen::AngleAxisd(augmentation.angle, Eigen::Vector3d::UnitZ()).toRotationMatrix();
    result.c2w = turn * camera.c2w;
    if (augmentation.mirror) {
        // The mirrored pose is left-handed. Negating its x axis makes it right-handed and mirrors the image.
        result.c2w.row(0) *= -1;
        result.c2w.col(0) *= -1;
        result.cx = camera.width - camera.cx;
    }
    return result;
}

void write_augmented(std::span<const std::uint8_t> rgb, int size, const Augmentation& augmentation,
                     std::span<float> out) {
    std::array<float, 256> values{};
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double value = static_cast<double>(i) / 255;
        values[i] = static_cast<float>(augmentation.gamma == 1 ? value : std::pow(value, augmentation.gamma));
    }
    const auto width = static_cast<std::size_t>(size);
    for (std::size_t c = 0; c < 3; ++c) {
        const auto from = static_cast<std::size_t>(augmentation.channels[c]);
        for (std::size_t y = 0; y < width; ++y) {
            const std::uint8_t* row = rgb.data() + y * width * 3 + from;
            float* to = out.data() + (c * width + y) * width;
            for (std::size_t x = 0; x < width; ++x) {
                to[x] = values[row[3 * (augmentation.mirror ? width - 1 - x : x)]];
            }
        }
    }
}

void write_augmented_geometry(std::span<const std::uint8_t> mask, std::span<const float> position, int size,
                              const Augmentation& augmentation, std::span<float> out) {
    const auto sine = static_cast<float>(std::sin(augmentation.angle));
    const auto cosine = static_cast<float>(std::cos(augmentation.angle));
    const float sign = augmentation.mirror ? -1.0F : 1.0F;
    const auto width = static_cast<std::size_t>(size);
    const std::size_t pixels = width * width;
    for (std::size_t y = 0; y < width; ++y) {
        for (std::size_t x = 0; x < width; ++x) {
            const std::size_t from = y * width + (augmentation.mirror ? width - 1 - x : x);
            const std::size_t to = y * width + x;
            const float px = position[3 * from];
            const float py = position[3 * from + 1];
            out[to] = static_cast<float>(mask[from]) / 255;
            out[pixels + to] = sign * (cosine * px - sine * py);
            out[2 * pixels + to] = sine * px + cosine * py;
            out[3 * pixels + to] = position[3 * from + 2];
        }
    }
}

}  // namespace lact
