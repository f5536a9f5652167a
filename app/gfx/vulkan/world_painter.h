#pragma once

#include "app/gfx/vulkan/memory.h"
#include "engine/procedural/world_buffer.h"
#include "engine/scene/camera.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

namespace lact::gfx {

/// Push constants of shaders/world.comp.
struct ViewConstants {
    std::array<float, 4> right{};
    std::array<float, 4> down{};
    std::array<float, 4> forward{};
    std::array<float, 4> eye{};
    std::array<float, 4> lens{};  ///< 1 / fx, 1 / fy, cx, cy.
    std::array<std::int32_t, 2> size{};
    std::int32_t resolve = 0;  ///< 0: the corners of pixels; 1: the pixels.
};
static_assert(sizeof(ViewConstants) == 92);

/// Resources of one rendering of a world; they live until the GPU has finished it.
struct WorldDrawing {
    ViewConstants view;
    HostBuffer words;
    std::shared_ptr<GpuImage> corners;
    Owned<VkDescriptorPool> pool;  ///< Holds `set` alone.
    VkDescriptorSet set = VK_NULL_HANDLE;
};

/// Renders generated worlds into images with shaders/world.comp. Creates the pipeline with the first
/// rendering, as most runs of the program need none.
class WorldPainter {
  public:
    explicit WorldPainter(const Context& context) : context_(context) {}

    /// `image`: of the size of the camera, R8G8B8A8, with storage usage.
    [[nodiscard]] Result<WorldDrawing> prepare(const PackedWorld& world, const Camera& camera,
                                               VkImageView image);
    /// Leaves the image in the layout for sampling. `drawn`: it was in that layout before.
    void record(VkCommandBuffer commands, const WorldDrawing& drawing, VkImage image, bool drawn) const;

  private:
    struct Pipeline {
        Owned<VkDescriptorSetLayout> set_layout;
        Owned<VkPipelineLayout> layout;
        Owned<VkPipeline> pipeline;
    };
    [[nodiscard]] Result<void> make_pipeline();
    [[nodiscard]] Result<void> keep_corners(VkExtent2D extent);
    [[nodiscard]] Result<void> describe(WorldDrawing& drawing, VkImageView image) const;

    const Context& context_;
    std::optional<Pipeline> pipeline_;
    std::shared_ptr<GpuImage> corners_;  ///< Of the largest image so far.
};

}  // namespace lact::gfx
