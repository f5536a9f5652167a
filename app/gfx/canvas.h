#pragma once

#include "app/gfx/colour_map.h"
#include "engine/core/error.h"
#include "engine/scene/image.h"

#include <cstdint>
#include <memory>
#include <span>

#include <imgui.h>

namespace lact {
struct Camera;
struct PackedWorld;
}  // namespace lact

namespace lact::gfx {

class Canvas;

enum class TextureKind { none, image, matrix };

/// A texture of a canvas; freed when it goes out of scope (at the latest with its canvas, which it may
/// outlive). Empty until the first Canvas::upload into it.
class Texture {
  public:
    Texture() = default;
    Texture(Texture&& other) noexcept { swap(other); }
    Texture& operator=(Texture&& other) noexcept {
        Texture taken(std::move(other));
        swap(taken);
        return *this;
    }
    Texture(const Texture&) = delete;
    Texture& operator=(const Texture&) = delete;
    ~Texture();

    explicit operator bool() const { return kind_ != TextureKind::none; }
    [[nodiscard]] TextureKind kind() const { return kind_; }
    [[nodiscard]] int width() const { return width_; }    ///< Of a matrix: columns.
    [[nodiscard]] int height() const { return height_; }  ///< Of a matrix: rows.
    /// For ImGui::Image and ImDrawList::AddImage (linear filtering); 0 when empty and for a matrix.
    [[nodiscard]] ImTextureID id() const { return id_; }

  private:
    friend class Canvas;
    void swap(Texture& other) noexcept;

    std::weak_ptr<Canvas*> canvas_;  ///< Empty once the canvas is gone.
    std::uint64_t slot_ = 0;
    ImTextureID id_ = 0;
    TextureKind kind_ = TextureKind::none;
    int width_ = 0;
    int height_ = 0;
};

/// A rectangle of ImGui's screen coordinates.
struct Rect {
    ImVec2 min;
    ImVec2 max;
};

/// Which part of a texture, in texels: all of it by default.
struct Part {
    float x = 0;
    float y = 0;
    float width = 0;  ///< 0: to the right end; likewise for height.
    float height = 0;
};

enum class Filter { nearest, bicubic };

/// How a matrix becomes colours.
struct HeatMapStyle {
    ColourMap map = ColourMap::diverging;
    float low = -1;  ///< Value of the first colour; low != high.
    float high = 1;  ///< Value of the last colour.
    float grid = 1;  ///< Opacity of the cell grid, 0 … 1. Lines fade in as cells become large enough.
};

/// What a panel draws pictures and matrices with, beside ImGui's own drawing. To be used on the thread of the
/// window, between begin and end of a frame; uploads also between frames.
class Canvas {
  public:
    Canvas();
    Canvas(const Canvas&) = delete;
    Canvas& operator=(const Canvas&) = delete;
    virtual ~Canvas();

    /// Puts a picture (RGB or RGBA) into a texture, which is made or remade when empty or of another size or
    /// kind. The pixels are copied before this returns. Errors: sizes that do not fit the pixels, larger than
    /// the device allows, out of GPU memory; the texture then keeps what it had.
    [[nodiscard]] Result<void> upload(Texture& texture, const Image8& image);
    /// The same for a matrix: value (row, column) at row * columns + column.
    [[nodiscard]] Result<void> upload(Texture& texture, std::span<const float> values, int rows, int columns);

    /// Draws a generated world (engine/procedural/world_buffer.h) as the camera sees it into a texture of the
    /// camera's size, with the frame's own commands: nothing waits. The same samples as draw_world() takes
    /// (engine/procedural/draw.h). The texture is made or remade as with upload(). Errors: no world, no
    /// pixels, larger than the device allows, out of GPU memory; the texture then keeps what it had.
    [[nodiscard]] Result<void> draw_world(Texture& texture, const std::shared_ptr<const PackedWorld>& world,
                                          const Camera& camera);
    /// The GPU is emulated: what the processor can draw itself it draws many times faster.
    [[nodiscard]] virtual bool software_rasterizer() const { return false; }

    /// Draws (part of) a picture into a rectangle, clipped like everything of that draw list.
    void draw_image(ImDrawList& list, const Texture& image, const Rect& rect, Filter filter,
                    const Part& part = {});
    /// Draws (part of) a matrix as colours. Where a pixel covers several cells, their mean is shown; a value
    /// that is not finite is magenta.
    void draw_heat_map(ImDrawList& list, const Texture& matrix, const Rect& rect, const HeatMapStyle& style,
                       const Part& part = {});
    /// Textures that are alive.
    [[nodiscard]] int textures() const { return alive_; }

  protected:
    /// One upload: exactly one of the two is set; `pixels` are RGBA. No bytes: room for a picture that
    /// paint() will draw.
    struct Texels {
        TextureKind kind = TextureKind::none;
        int width = 0;
        int height = 0;
        std::span<const std::byte> bytes;
    };
    struct Made {
        std::uint64_t slot = 0;
        ImTextureID id = 0;
    };
    /// A rectangle drawn by one of our shaders.
    struct Quad {
        std::uint64_t slot = 0;
        TextureKind kind = TextureKind::none;
        Rect rect;
        Part part;
        HeatMapStyle style;
        Filter filter = Filter::nearest;
    };
    virtual Result<Made> make(const Texels& texels) = 0;
    virtual Result<void> replace(std::uint64_t slot, const Texels& texels) = 0;
    virtual Result<void> paint(std::uint64_t slot, const std::shared_ptr<const PackedWorld>& world,
                               const Camera& camera) = 0;
    virtual void release(std::uint64_t slot) = 0;
    virtual void draw(ImDrawList& list, const Quad& quad) = 0;
    /// To be called first by destructors of implementations: textures that live longer free nothing.
    void forget_textures() { self_.reset(); }

  private:
    friend class Texture;
    Result<void> put(Texture& texture, const Texels& texels);
    Result<Texture> make_texture(const Texels& texels);
    [[nodiscard]] bool fits(const Texture& texture, TextureKind kind, int width, int height) const;
    static void free(Texture& texture);

    std::shared_ptr<Canvas*> self_;
    int alive_ = 0;
};

}  // namespace lact::gfx
