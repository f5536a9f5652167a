#pragma once

#include "engine/core/error.h"
#include "engine/scene/image.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace lact {

struct VitttExampleOptions {
    int positions_across = 24;  ///< 4 to 48; as many down as the picture's shape asks for.
    bool rotary = false;        ///< Rotary positions in the GLU, as the hierarchical models have them.
    std::uint64_t seed = 1;
    friend bool operator==(const VitttExampleOptions&, const VitttExampleOptions&) = default;
};

/// What one position's output is made of, in both modules. Signed shares, one for each position, row after
/// row; with that of the initial weights they sum to one.
struct VitttAttention {
    std::vector<double> glu;
    std::vector<double> conv;
    double glu_initial = 0;
    double conv_initial = 0;
};

/// A picture through ViTTT's two modules with seeded random projections (queries and keys share one, so that
/// like attends to like): the mathematics of the modules, not a trained network. A position is a square of
/// 8 x 8 pixels.
class VitttExample {
  public:
    static constexpr int position_pixels = 8;

    /// The picture is cut to whole positions after being made smaller (or larger). Errors: no picture,
    /// options out of range.
    [[nodiscard]] static Result<VitttExample> of(const Image8& rgb, const VitttExampleOptions& options);
    VitttExample(VitttExample&&) noexcept;
    VitttExample& operator=(VitttExample&&) noexcept;
    ~VitttExample();

    [[nodiscard]] const VitttExampleOptions& options() const;
    [[nodiscard]] int rows() const;
    [[nodiscard]] int columns() const;
    [[nodiscard]] const Image8& image() const;  ///< RGB, what the modules saw.
    /// Outputs as colours: their first three principal components, one pixel a position.
    [[nodiscard]] const Image8& glu_image() const;
    [[nodiscard]] const Image8& conv_image() const;
    /// Largest difference between each module and its linear-attention twin, of the largest output (fp32).
    [[nodiscard]] double glu_difference() const;
    [[nodiscard]] double conv_difference() const;

    /// Errors: a position that is not in the picture.
    [[nodiscard]] Result<VitttAttention> attention(int column, int row) const;

  private:
    struct Parts;
    explicit VitttExample(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

/// The RGB picture of a file, without alpha. Errors: those of load_image().
[[nodiscard]] Result<Image8> load_rgb(const std::filesystem::path& path);
/// A generated scene that is always there: the picture to begin with.
[[nodiscard]] Image8 generated_image();

}  // namespace lact
