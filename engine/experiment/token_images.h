#pragma once

#include "engine/scene/image.h"
#include "engine/scene/prepare.h"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace lact {

/// A contact image: the input photos in the first row, and below them rows of maps over their patches, in the
/// signed colour map (ColourMap::diverging). Patches are at most `patch` pixels, so that the photos keep
/// their size, and fewer where the image would be wider than 1280 pixels.
class TokenSheet {
  public:
    /// `photos` are not empty and of one size. Rows that were not added yet are grey.
    TokenSheet(std::span<const PreparedView> photos, int patch, std::size_t rows);

    /// Adds a row of maps: one value for each token, by photo, then in row-major order of its patches. The
    /// largest |value| of the row gets the full colour; zero is the middle of the map.
    void add_row(const std::vector<double>& values);
    [[nodiscard]] const ImageF& image() const { return image_; }

  private:
    /// Fills one patch of photo `photo` in a row.
    void fill(std::size_t row, std::size_t photo, int column, int patch_row, const std::array<float, 3>& rgb);

    std::size_t photos_ = 0;
    int columns_ = 0;  ///< Patches across a photo.
    int rows_ = 0;     ///< Patches down a photo.
    int scale_ = 1;    ///< Pixels of a patch.
    std::size_t next_row_ = 1;
    ImageF image_;
};

/// Column and row of the patch in the centre of what is not white in an image: of those patches that are not
/// white throughout, the one nearest to the mean position of pixels that are not white. The central patch
/// where all pixels are white.
[[nodiscard]] std::array<int, 2> central_patch(const ImageF& image, int patch);

}  // namespace lact
