#pragma once

#include "app/gfx/canvas.h"
#include "app/gfx/vulkan/quad_pipelines.h"
#include "app/gfx/vulkan/world_painter.h"

#include <unordered_map>
#include <vector>

namespace lact::gfx {

/// Resources that live until the GPU has finished a frame.
struct Garbage {
    std::vector<HostBuffer> buffers;
    std::vector<GpuImage> images;
    std::vector<WorldDrawing> drawings;
    std::vector<VkDescriptorSet> sets;  ///< From the pool of ImGui; freed by clear().
    void clear();
};

/// Uploads textures through staging buffers and draws rectangles with shaders within ImGui's draw lists.
class VulkanCanvas final : public Canvas {
  public:
    /// Limit of textures at a time, including those of ImGui.
    static constexpr std::uint32_t most_textures = 4096;

    VulkanCanvas(const Context& context, QuadPipelines pipelines);
    VulkanCanvas(const VulkanCanvas&) = delete;
    VulkanCanvas& operator=(const VulkanCanvas&) = delete;
    ~VulkanCanvas() override;

    [[nodiscard]] bool software_rasterizer() const override;

    /// Records the uploads and worlds since the last frame, before any drawing.
    void record_uploads(VkCommandBuffer commands);
    /// After drawing: the resources used or released, to keep until the GPU has run the commands.
    [[nodiscard]] Garbage take_garbage();

  private:
    struct Held {
        GpuImage image;
        VkDescriptorSet set = VK_NULL_HANDLE;
        TextureKind kind = TextureKind::none;
        bool drawn = false;  ///< Has had content, which may be in use.
    };
    struct Upload {
        std::uint64_t slot = 0;
        HostBuffer staging;
    };
    struct Painting {
        std::uint64_t slot = 0;
        WorldDrawing drawing;
    };
    /// Argument of the callback in a draw list.
    struct Call {
        VulkanCanvas* canvas = nullptr;
        Quad quad;
    };

    Result<Made> make(const Texels& texels) override;
    Result<void> replace(std::uint64_t slot, const Texels& texels) override;
    Result<void> paint(std::uint64_t slot, const std::shared_ptr<const PackedWorld>& world,
                       const Camera& camera) override;
    void release(std::uint64_t slot) override;
    void draw(ImDrawList& list, const Quad& quad) override;
    static void on_draw(const ImDrawList* list, const ImDrawCmd* command);
    void record(const Quad& quad, const ImVec4& clip) const;

    const Context& context_;
    QuadPipelines pipelines_;
    WorldPainter painter_;
    std::unordered_map<std::uint64_t, Held> held_;
    std::vector<Upload> uploads_;
    std::vector<Painting> paintings_;
    std::vector<std::uint64_t> released_;  ///< May still be drawn in this frame.
    Garbage garbage_;
    std::uint64_t last_slot_ = 0;
};

}  // namespace lact::gfx
