#pragma once

#include "app/gfx/colour_map.h"
#include "app/gfx/vulkan/memory.h"

#include <array>
#include <cstdint>
#include <span>

namespace lact::gfx {

/// Push constants of the quad shaders: shaders/draw_constants.glsl.
struct DrawConstants {
    std::array<float, 4> rect{};
    std::array<float, 4> cells{};
    std::array<float, 2> range{};
    std::uint32_t filter = 0;
    float grid = 0;
    std::array<float, 2> pixels{};
};
static_assert(sizeof(DrawConstants) == 56);

/// The pipelines that draw one rectangle with a heat map or an image. Descriptor set 0 holds one sampled
/// image for the fragment shader, with the layout of ImGui's texture sets, so that both share them.
class QuadPipelines {
  public:
    [[nodiscard]] static Result<QuadPipelines> create(const Context& context, VkFormat target);

    [[nodiscard]] VkPipelineLayout layout() const { return layout_.get(); }
    /// `several_cells`: a pixel may cover more than one cell.
    [[nodiscard]] VkPipeline heat_map(ColourMap map, bool several_cells) const {
        return heat_maps_.at(number(map, several_cells)).get();
    }
    [[nodiscard]] VkPipeline image() const { return image_.get(); }

  private:
    static std::size_t number(ColourMap map, bool several_cells) {
        return (map == ColourMap::diverging ? 0U : 2U) + (several_cells ? 1U : 0U);
    }

    Owned<VkDescriptorSetLayout> set_layout_;
    Owned<VkPipelineLayout> layout_;
    std::array<Owned<VkPipeline>, 4> heat_maps_;
    Owned<VkPipeline> image_;
};

/// A shader module; needed until its pipelines are created.
[[nodiscard]] Result<Owned<VkShaderModule>> load_shader(const Context& context,
                                                        std::span<const std::uint32_t> words);

}  // namespace lact::gfx
