#include "app/gfx/display.h"
#include "app/gfx/display_support.h"

namespace lact::gfx {

namespace {

/// Uses numbers as textures and draws nothing.
class NullCanvas final : public Canvas {
  public:
    NullCanvas() = default;
    NullCanvas(const NullCanvas&) = delete;
    NullCanvas& operator=(const NullCanvas&) = delete;
    ~NullCanvas() override { forget_textures(); }

  private:
    Result<Made> make(const Texels& texels) override {
        ++last_;
        return Made{last_, texels.kind == TextureKind::image ? static_cast<ImTextureID>(last_) : 0};
    }
    Result<void> replace(std::uint64_t, const Texels&) override { return {}; }
    Result<void> paint(std::uint64_t, const std::shared_ptr<const PackedWorld>&, const Camera&) override {
        return {};
    }
    void release(std::uint64_t) override {}
    void draw(ImDrawList& list, const Quad& quad) override {
        list.AddRectFilled(quad.rect.min, quad.rect.max, IM_COL32(128, 128, 128, 255));
    }

    std::uint64_t last_ = 1;  // 1 is the font atlas.
};

class NullDisplay final : public Display {
  public:
    explicit NullDisplay(const DisplayOptions& options) : keyboard_(options.keyboard), scale_(options.scale) {
        ImGuiIO& io = ImGui::GetIO();
        io.BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset | ImGuiBackendFlags_RendererHasTextures |
                           ImGuiBackendFlags_HasMouseCursors;
        info_.name = "null";
        resize(options.width, options.height);
    }
    NullDisplay(const NullDisplay&) = delete;
    NullDisplay& operator=(const NullDisplay&) = delete;
    ~NullDisplay() override {
        for (ImTextureData* texture : ImGui::GetPlatformIO().Textures) {
            texture->SetTexID(ImTextureID_Invalid);
            texture->SetStatus(ImTextureStatus_Destroyed);
        }
    }

    [[nodiscard]] const DisplayInfo& info() const override { return info_; }
    [[nodiscard]] Canvas& canvas() override { return canvas_; }
    [[nodiscard]] const Keyboard& keyboard() const override {
        return keyboard_ ? *keyboard_ : Display::keyboard();
    }
    Wake wait(std::optional<double> seconds) override { return waker_.wait(seconds); }
    void wake() override { waker_.wake(); }
    [[nodiscard]] bool should_close() const override { return close_; }
    void set_should_close(bool close) override { close_ = close; }
    [[nodiscard]] float content_scale() const override { return scale_; }
    void resize(int width, int height) override {
        width_ = width;
        height_ = height;
    }
    std::array<int, 2> size() const override { return {width_, height_}; }
    Result<bool> begin_frame() override {
        ImGui::GetIO().DisplaySize = {static_cast<float>(width_), static_cast<float>(height_)};
        ImGui::GetIO().DeltaTime = 1.0F / 60.0F;
        return true;
    }
    Result<void> end_frame(Image8* capture) override {
        if (capture != nullptr) {
            return fail("screenshot", "the null display has no pixels", "use the offscreen display");
        }
        // The null back end of ImGui never confirms an update or a destruction of the font atlas.
        for (ImTextureData* texture : ImGui::GetPlatformIO().Textures) {
            if (texture->Status == ImTextureStatus_WantDestroy) {
                texture->SetTexID(ImTextureID_Invalid);
                texture->SetStatus(ImTextureStatus_Destroyed);
            } else if (texture->Status != ImTextureStatus_OK &&
                       texture->Status != ImTextureStatus_Destroyed) {
                texture->SetTexID(1);
                texture->SetStatus(ImTextureStatus_OK);
            }
        }
        return {};
    }

  private:
    ImGuiOwner imgui_;
    DisplayInfo info_;
    NullCanvas canvas_;
    Waker waker_;
    std::shared_ptr<const Keyboard> keyboard_;
    float scale_;
    int width_ = 0;
    int height_ = 0;
    bool close_ = false;
};

}  // namespace

std::unique_ptr<Display> make_null(const DisplayOptions& options) {
    return std::make_unique<NullDisplay>(options);
}

}  // namespace lact::gfx
