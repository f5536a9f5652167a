#pragma once

#include "engine/model/safetensors.h"
#include "engine/scene/prepare.h"
#include "engine/session/session.h"
#include "tests/support/golden.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

#include <cmath>
#include <memory>
#include <utility>

#include <gtest/gtest.h>

namespace lact::test {

/// What the views of small models are, in pixels.
inline constexpr Size small_size{24, 16};

/// A model of random weights, through a file of the folder; null where it cannot be loaded (the test fails).
inline std::shared_ptr<const Model> small_model(const TemporaryFolder& folder, Precision precision,
                                                const ModelConfig& config = small_config()) {
    const auto path = folder.path() / "small.safetensors";
    EXPECT_TRUE(write_safetensors(path, random_weights(config)).has_value());
    auto model = Model::load(path, {test_device().str(), precision, 0});
    EXPECT_TRUE(model.has_value()) << model.error().message();
    return model ? *model : nullptr;
}

/// View i of a turn around the origin, with a pattern of its own.
inline PreparedView random_view(int i, Size size) {
    PreparedView result;
    result.index = static_cast<std::size_t>(i);
    result.camera = {size.width, size.height, 30, 30, 12, 8, Eigen::Matrix4d::Identity()};
    const double angle = 0.7 * i;
    result.camera.c2w.block<3, 3>(0, 0) << std::cos(angle), 0, std::sin(angle), 0, 1, 0, -std::sin(angle), 0,
        std::cos(angle);
    result.camera.c2w.block<3, 1>(0, 3) = -2.5 * result.camera.forward();
    ImageF image{size.width, size.height, {}};
    for (int p = 0; p < size.width * size.height * 3; ++p) {
        image.rgb.push_back(0.5F + 0.5F * static_cast<float>(std::sin(0.37 * p * (i + 1))));
    }
    result.image = std::make_shared<const ImageF>(std::move(image));
    return result;
}

}  // namespace lact::test
