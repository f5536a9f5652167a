#pragma once

#include "app/ui/shell.h"

#include <memory>
#include <vector>

namespace lact::app::test {

/// Images and matrices of known content.
[[nodiscard]] Image8 ramp_image(int width, int height);
[[nodiscard]] std::vector<float> wave_matrix(int rows, int columns);

/// A full window: one panel a slot and more, with typical content; counts how often each is drawn.
struct Sample {
    gfx::Texture image;
    gfx::Texture matrix;
    std::vector<int> drawn = std::vector<int>(6);
    float slider = 0.5F;
    bool tick = true;
};
void add_sample_panels(Shell& shell, const std::shared_ptr<Sample>& sample);

}  // namespace lact::app::test
