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

/// A part of a texture, in texels; by default all of it.
struct Part {
    float x = 0;
    float y = 0;
    float width = 0;  ///< 0: to the right edge; likewise for height.
    float height = 0;
};

enum class Filter { nearest, bicubic };

/// Colour mapping of a matrix.
struct HeatMapStyle {
    ColourMap map = ColourMap::diverging;
    float low = -1;  ///< Value of the first colour; low != high.
    float high = 1;  ///< Value of the last colour.
    float grid = 1;  ///< Opacity of the cell grid, 0 … 1. Lines fade in as cells become large enough.
};

/// Draws images and matrices for panels, beside ImGui's own drawing. Use it on the thread of the window,
/// between the begin and the end of a frame; uploads also between frames.
class Canvas {
  public:
    Canvas();
    Canvas(const Canvas&) = delete;
    Canvas& operator=(const Canvas&) = delete;
    virtual ~Canvas();

    /// Uploads an image (RGB or RGBA) to a texture, which is recreated when empty or of another size or kind.
    /// Copies the pixels before it returns. Errors, after which the texture is unchanged: sizes that do not
    /// fit the pixels, larger than the device allows, out of GPU memory.
    [[nodiscard]] Result<void> upload(Texture& texture, const Image8& image);
    /// Uploads a matrix: value (row, column) at row * columns + column.
    [[nodiscard]] Result<void> upload(Texture& texture, std::span<const float> values, int rows, int columns);

    /// Renders a generated world (engine/procedural/world_buffer.h) from a camera into a texture of the
    /// camera's size, with the commands of the frame and without waiting. Takes the same samples as
    /// draw_world() (engine/procedural/draw.h). Recreates the texture like upload(). Errors, after which the
    /// texture is unchanged: no world, no pixels, larger than the device allows, out of GPU memory.
    [[nodiscard]] Result<void> draw_world(Texture& texture, const std::shared_ptr<const PackedWorld>& world,
                                          const Camera& camera);
    /// Whether a software rasterizer emulates the GPU. Code for the CPU is then many times faster.
    [[nodiscard]] virtual bool software_rasterizer() const { return false; }

    /// Draws (part of) an image into a rectangle, with the clipping of the draw list.
    void draw_image(ImDrawList& list, const Texture& image, const Rect& rect, Filter filter,
                    const Part& part = {});
    /// Draws (part of) a matrix as a heat map. A pixel that covers several cells shows their mean; values
    /// that are not finite are magenta.
    void draw_heat_map(ImDrawList& list, const Texture& matrix, const Rect& rect, const HeatMapStyle& style,
                       const Part& part = {});
    /// Number of live textures.
    [[nodiscard]] int textures() const { return alive_; }

  protected:
    /// The content of an upload: RGBA pixels or floats. Without bytes: space for an image that paint() draws.
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
    /// A rectangle drawn by a shader.
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
    /// Call first in destructors of implementations: textures that outlive them then free nothing.
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
