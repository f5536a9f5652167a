#pragma once

#include "engine/core/error.h"
#include "engine/scene/image.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace lact {

/// Options of a ViTTT example.
struct VitttExampleOptions {
    int positions_across = 24;  ///< 4 to 48; the aspect ratio of the image gives the rows.
    bool rotary = false;        ///< Rotary embedding in the GLU, as in the hierarchical models.
    std::uint64_t seed = 1;
    friend bool operator==(const VitttExampleOptions&, const VitttExampleOptions&) = default;
};

/// Signed shares of all positions in the output of one position, for both modules, in row-major order. With
/// the share of the initial weights they sum to 1.
struct VitttAttention {
    std::vector<double> glu;
    std::vector<double> conv;
    double glu_initial = 0;
    double conv_initial = 0;
};

/// An image through ViTTT's two modules with seeded random projections. Queries and keys share a projection,
/// so similar patches attend to each other (q = k; in trained modules the two differ), and values are scaled
/// by `value_scale`. It shows the mathematics of the modules, not a trained network. A position is a square
/// of 8 x 8 pixels.
class VitttExample {
  public:
    static constexpr int position_pixels = 8;
    /// Scales the values so that the updates are as large as the initial weights.
    static constexpr double value_scale = 6;

    /// Resizes the image and crops it to whole positions, then runs both modules. Errors: not an RGB image,
    /// options out of range, an exception of Torch.
    [[nodiscard]] static Result<VitttExample> of(const Image8& rgb, const VitttExampleOptions& options);
    VitttExample(VitttExample&&) noexcept;
    VitttExample& operator=(VitttExample&&) noexcept;
    ~VitttExample();

    [[nodiscard]] const VitttExampleOptions& options() const;
    [[nodiscard]] int rows() const;
    [[nodiscard]] int columns() const;
    [[nodiscard]] const Image8& image() const;  ///< RGB, the input of the modules.
    /// Outputs as colours: their first three principal components, one pixel for each position.
    [[nodiscard]] const Image8& glu_image() const;
    [[nodiscard]] const Image8& conv_image() const;
    /// Largest difference between each module and its linear-attention form, relative to the largest output
    /// (fp32); 0 where all outputs of both are 0.
    [[nodiscard]] double glu_difference() const;
    [[nodiscard]] double conv_difference() const;

    /// Shares of all positions in the output of one. Errors: a position outside of the grid.
    [[nodiscard]] Result<VitttAttention> attention(int column, int row) const;

  private:
    struct Parts;
    explicit VitttExample(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

/// The RGB image of a file, without alpha. Errors: those of load_image().
[[nodiscard]] Result<Image8> load_rgb(const std::filesystem::path& path);
/// A rendering of a generated scene, the default image. 192 x 192 pixels.
[[nodiscard]] Image8 generated_image();

}  // namespace lact
