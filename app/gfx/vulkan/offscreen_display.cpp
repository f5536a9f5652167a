#include "app/gfx/display.h"
#include "app/gfx/display_support.h"
#include "app/gfx/vulkan/renderer.h"

#include <imgui_impl_vulkan.h>

namespace lact::gfx {

namespace {

/// The usual format of windows; another channel order rounds differently on lavapipe.
constexpr VkFormat format = VK_FORMAT_B8G8R8A8_UNORM;

class OffscreenDisplay final : public Display {
  public:
    static Result<std::unique_ptr<Display>> create(const DisplayOptions& options) {
        auto display = std::make_unique<OffscreenDisplay>();
        display->scale_ = options.scale;
        display->resize(options.width, options.height);
        ContextOptions requested;
        requested.validation = options.validation;
        requested.device = options.device;
        LACT_TRY(display->context_, Context::create(requested));
        LACT_TRY(display->renderer_, Renderer::create(*display->context_, format));
        display->info_.name = "offscreen";
        display->info_.device = static_cast<const char*>(display->context_->properties().deviceName);
        display->info_.software = display->context_->properties().deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU;
        return Result<std::unique_ptr<Display>>(std::move(display));
    }

    [[nodiscard]] const DisplayInfo& info() const override { return info_; }
    [[nodiscard]] Canvas& canvas() override { return renderer_->canvas(); }
    Wake wait(std::optional<double> seconds) override { return waker_.wait(seconds); }
    void wake() override { waker_.wake(); }
    [[nodiscard]] bool should_close() const override { return close_; }
    void set_should_close(bool close) override { close_ = close; }
    [[nodiscard]] float content_scale() const override { return scale_; }
    void resize(int width, int height) override {
        requested_ = {static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height)};
    }
    std::array<int, 2> size() const override {
        return {static_cast<int>(requested_.width), static_cast<int>(requested_.height)};
    }

    Result<bool> begin_frame() override {
        if (image_.extent.width != requested_.width || image_.extent.height != requested_.height) {
            LACT_CHECK(renderer_->finish());
            LACT_TRY(
                GpuImage fresh,
                make_image(*context_, requested_, format,
                           VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT, "screen"));
            const GpuImage old = std::exchange(image_, std::move(fresh));
        }
        ImGuiIO& io = ImGui::GetIO();
        io.DisplaySize = {static_cast<float>(requested_.width), static_cast<float>(requested_.height)};
        io.DeltaTime = 1.0F / 60.0F;
        ImGui_ImplVulkan_NewFrame();
        return true;
    }

    Result<void> end_frame(Image8* capture) override {
        LACT_CHECK(renderer_->wait_for_slot());
        Target target;
        target.image = image_.image.get();
        target.view = image_.view.get();
        target.extent = image_.extent;
        target.format = format;
        return renderer_->draw(target, capture);
    }

    [[nodiscard]] int validation_messages() const override { return context_->validation().count; }
    [[nodiscard]] std::string first_validation_message() const override {
        return context_->validation().first;
    }

  private:
    ImGuiOwner imgui_;
    DisplayInfo info_;
    Waker waker_;
    float scale_ = 1;
    bool close_ = false;
    VkExtent2D requested_{};
    std::unique_ptr<Context> context_;
    GpuImage image_;
    std::unique_ptr<Renderer> renderer_;
};

}  // namespace

Result<std::unique_ptr<Display>> make_offscreen(const DisplayOptions& options) {
    return OffscreenDisplay::create(options);
}

}  // namespace lact::gfx
