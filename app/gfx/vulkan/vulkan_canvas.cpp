#include "app/gfx/vulkan/vulkan_canvas.h"

#include "app/gfx/vulkan/imgui_backend.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <fmt/format.h>
#include <imgui_impl_vulkan.h>

namespace lact::gfx {

void Garbage::clear() {
    for (VkDescriptorSet set : sets) {
        ImGui_ImplVulkan_RemoveTexture(set);
    }
    sets.clear();
    drawings.clear();
    images.clear();
    buffers.clear();
}

VulkanCanvas::VulkanCanvas(const Context& context, QuadPipelines pipelines)
    : context_(context), pipelines_(std::move(pipelines)), painter_(context) {}

VulkanCanvas::~VulkanCanvas() {
    forget_textures();
    for (auto& [slot, held] : held_) {
        garbage_.sets.push_back(held.set);
    }
    garbage_.clear();
}

Result<Canvas::Made> VulkanCanvas::make(const Texels& texels) {
    if (held_.size() + 16 >= most_textures) {
        return fail("Vulkan", fmt::format("{} textures are more than the window supports", held_.size()),
                    "close panels that show many images");
    }
    Held held;
    held.kind = texels.kind;
    const bool image = texels.kind == TextureKind::image;
    VkImageUsageFlags usage = VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
    if (image) {
        usage |= VK_IMAGE_USAGE_STORAGE_BIT;  // Worlds are rendered into it.
    }
    LACT_TRY(held.image,
             make_image(context_,
                        {static_cast<std::uint32_t>(texels.width), static_cast<std::uint32_t>(texels.height)},
                        image ? VK_FORMAT_R8G8B8A8_UNORM : VK_FORMAT_R32_SFLOAT, usage,
                        image ? "image" : "matrix"));
    LACT_TRY(held.set, add_imgui_texture(held.image.view.get()));
    const std::uint64_t slot = ++last_slot_;
    const VkDescriptorSet set = held.set;
    held_.emplace(slot, std::move(held));
    if (!texels.bytes.empty()) {
        if (auto uploaded = replace(slot, texels); !uploaded) {
            release(slot);
            return tl::unexpected<Error>(uploaded.error());
        }
    }
    return Made{slot, image ? reinterpret_cast<ImTextureID>(set) : ImTextureID{0}};
}

Result<void> VulkanCanvas::replace(std::uint64_t slot, const Texels& texels) {
    // A second upload before the next frame replaces the first one, or a rendering.
    std::erase_if(paintings_, [&](const Painting& p) { return p.slot == slot; });
    const auto same =
        std::find_if(uploads_.begin(), uploads_.end(), [&](const Upload& u) { return u.slot == slot; });
    if (same != uploads_.end()) {
        std::memcpy(same->staging.bytes.data(), texels.bytes.data(), texels.bytes.size());
        return {};
    }
    LACT_TRY(HostBuffer staging, make_host_buffer(context_, texels.bytes.size(),
                                                  VK_BUFFER_USAGE_TRANSFER_SRC_BIT, "texture upload"));
    std::memcpy(staging.bytes.data(), texels.bytes.data(), texels.bytes.size());
    uploads_.push_back({slot, std::move(staging)});
    return {};
}

bool VulkanCanvas::software_rasterizer() const {
    return context_.properties().deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU;
}

Result<void> VulkanCanvas::paint(std::uint64_t slot, const std::shared_ptr<const PackedWorld>& world,
                                 const Camera& camera) {
    LACT_TRY(WorldDrawing drawing, painter_.prepare(*world, camera, held_.at(slot).image.view.get()));
    std::erase_if(paintings_, [&](const Painting& p) { return p.slot == slot; });
    std::erase_if(uploads_, [&](const Upload& u) { return u.slot == slot; });
    paintings_.push_back({slot, std::move(drawing)});
    return {};
}

void VulkanCanvas::release(std::uint64_t slot) {
    released_.push_back(slot);
}

void VulkanCanvas::record_uploads(VkCommandBuffer commands) {
    for (Upload& upload : uploads_) {
        Held& held = held_.at(upload.slot);
        VkImage image = held.image.image.get();
        barrier(commands, image, held.drawn ? use_sampled : ImageUse{}, use_copy_to);
        VkBufferImageCopy region{};
        region.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
        region.imageExtent = {held.image.extent.width, held.image.extent.height, 1};
        vkCmdCopyBufferToImage(commands, upload.staging.buffer.get(), image,
                               VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1, &region);
        barrier(commands, image, use_copy_to, use_sampled);
        held.drawn = true;
        garbage_.buffers.push_back(std::move(upload.staging));
    }
    uploads_.clear();
    for (Painting& painting : paintings_) {
        Held& held = held_.at(painting.slot);
        painter_.record(commands, painting.drawing, held.image.image.get(), held.drawn);
        held.drawn = true;
        garbage_.drawings.push_back(std::move(painting.drawing));
    }
    paintings_.clear();
}

Garbage VulkanCanvas::take_garbage() {
    for (const std::uint64_t slot : std::exchange(released_, {})) {
        if (const auto found = held_.find(slot); found != held_.end()) {
            garbage_.sets.push_back(found->second.set);
            garbage_.images.push_back(std::move(found->second.image));
            held_.erase(found);
        }
    }
    return std::exchange(garbage_, {});
}

void VulkanCanvas::draw(ImDrawList& list, const Quad& quad) {
    Call call{this, quad};
    list.AddCallback(&VulkanCanvas::on_draw, &call, sizeof(call));
    list.AddCallback(ImGui::GetPlatformIO().DrawCallback_ResetRenderState, nullptr);
}

void VulkanCanvas::on_draw(const ImDrawList*, const ImDrawCmd* command) {
    Call call;
    std::memcpy(&call, command->UserCallbackData, sizeof(call));
    call.canvas->record(call.quad, command->ClipRect);
}

void VulkanCanvas::record(const Quad& quad, const ImVec4& clip) const {
    const auto found = held_.find(quad.slot);
    if (found == held_.end()) {
        return;  // Released after its use in this frame.
    }
    const ImDrawData& data = *ImGui::GetDrawData();
    const ImVec2 scale = data.FramebufferScale;
    const float width = data.DisplaySize.x * scale.x;
    const float height = data.DisplaySize.y * scale.y;
    const float left = std::clamp((clip.x - data.DisplayPos.x) * scale.x, 0.0F, width);
    const float top = std::clamp((clip.y - data.DisplayPos.y) * scale.y, 0.0F, height);
    const float right = std::clamp((clip.z - data.DisplayPos.x) * scale.x, 0.0F, width);
    const float bottom = std::clamp((clip.w - data.DisplayPos.y) * scale.y, 0.0F, height);
    if (right <= left || bottom <= top) {
        return;
    }
    const VkRect2D scissor{{static_cast<std::int32_t>(left), static_cast<std::int32_t>(top)},
                           {static_cast<std::uint32_t>(right) - static_cast<std::uint32_t>(left),
                            static_cast<std::uint32_t>(bottom) - static_cast<std::uint32_t>(top)}};
    const float wide = quad.rect.max.x - quad.rect.min.x;
    const float high = quad.rect.max.y - quad.rect.min.y;
    DrawConstants constants;
    constants.rect = {(quad.rect.min.x - data.DisplayPos.x) / data.DisplaySize.x * 2 - 1,
                      (quad.rect.min.y - data.DisplayPos.y) / data.DisplaySize.y * 2 - 1,
                      wide / data.DisplaySize.x * 2, high / data.DisplaySize.y * 2};
    constants.cells = {quad.part.x, quad.part.y, quad.part.width, quad.part.height};
    constants.pixels = {wide * scale.x / quad.part.width, high * scale.y / quad.part.height};
    const bool heat = quad.kind == TextureKind::matrix;
    if (heat) {
        constants.range = {quad.style.low, quad.style.high};
        constants.grid = quad.style.grid;
    } else {
        constants.filter = quad.filter == Filter::nearest ? 0 : 1;
    }
    VkCommandBuffer commands = ImGui_ImplVulkan_GetRenderState()->CommandBuffer;
    const bool several = constants.pixels[0] < 1 || constants.pixels[1] < 1;
    vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_GRAPHICS,
                      heat ? pipelines_.heat_map(quad.style.map, several) : pipelines_.image());
    vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, pipelines_.layout(), 0, 1,
                            &found->second.set, 0, nullptr);
    vkCmdPushConstants(commands, pipelines_.layout(),
                       VK_SHADER_STAGE_VERTEX_BIT | VK_SHADER_STAGE_FRAGMENT_BIT, 0, sizeof(constants),
                       &constants);
    vkCmdSetScissor(commands, 0, 1, &scissor);
    vkCmdDraw(commands, 4, 1, 0, 0);
}

}  // namespace lact::gfx
