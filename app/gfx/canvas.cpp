#include "app/gfx/canvas.h"

#include "engine/procedural/world_buffer.h"
#include "engine/scene/camera.h"

#include <cstring>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace lact::gfx {

Texture::~Texture() {
    Canvas::free(*this);
}

void Texture::swap(Texture& other) noexcept {
    std::swap(canvas_, other.canvas_);
    std::swap(slot_, other.slot_);
    std::swap(id_, other.id_);
    std::swap(kind_, other.kind_);
    std::swap(width_, other.width_);
    std::swap(height_, other.height_);
}

Canvas::Canvas() : self_(std::make_shared<Canvas*>(this)) {}
Canvas::~Canvas() = default;

void Canvas::free(Texture& texture) {
    if (const auto canvas = texture.canvas_.lock(); canvas && texture.kind_ != TextureKind::none) {
        (*canvas)->release(texture.slot_);
        --(*canvas)->alive_;
    }
    texture.kind_ = TextureKind::none;
}

bool Canvas::fits(const Texture& texture, TextureKind kind, int width, int height) const {
    return texture.kind_ == kind && texture.width_ == width && texture.height_ == height &&
           texture.canvas_.lock() == self_;
}

Result<Texture> Canvas::make_texture(const Texels& texels) {
    LACT_TRY(const Made made, make(texels));
    Texture fresh;
    fresh.canvas_ = self_;
    fresh.slot_ = made.slot;
    fresh.id_ = made.id;
    fresh.kind_ = texels.kind;
    fresh.width_ = texels.width;
    fresh.height_ = texels.height;
    ++alive_;
    return fresh;
}

Result<void> Canvas::put(Texture& texture, const Texels& texels) {
    if (fits(texture, texels.kind, texels.width, texels.height)) {
        return replace(texture.slot_, texels);
    }
    LACT_TRY(texture, make_texture(texels));
    return {};
}

Result<void> Canvas::draw_world(Texture& texture, const std::shared_ptr<const PackedWorld>& world,
                                const Camera& camera) {
    if (!world || camera.width <= 0 || camera.height <= 0) {
        return fail("generated world", fmt::format("{} at {} × {} pixels", world ? "a world" : "no world",
                                                   camera.width, camera.height));
    }
    if (fits(texture, TextureKind::image, camera.width, camera.height)) {
        return paint(texture.slot_, world, camera);
    }
    LACT_TRY(Texture fresh, make_texture({TextureKind::image, camera.width, camera.height, {}}));
    LACT_CHECK(paint(fresh.slot_, world, camera));
    texture = std::move(fresh);
    return {};
}

Result<void> Canvas::upload(Texture& texture, const Image8& image) {
    const auto count = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
    const bool channels = image.channels == 3 || image.channels == 4;
    if (image.width <= 0 || image.height <= 0 || !channels ||
        image.pixels.size() != count * static_cast<std::size_t>(image.channels)) {
        return fail("image", fmt::format("{} bytes for {} × {} pixels of {} channels", image.pixels.size(),
                                         image.width, image.height, image.channels));
    }
    const std::uint8_t* pixels = image.pixels.data();
    std::vector<std::uint8_t> rgba;
    if (image.channels == 3) {
        rgba.resize(count * 4);
        for (std::size_t i = 0; i < count; ++i) {
            std::memcpy(&rgba[i * 4], &image.pixels[i * 3], 3);
            rgba[i * 4 + 3] = 255;
        }
        pixels = rgba.data();
    }
    return put(texture,
               {TextureKind::image, image.width, image.height, std::as_bytes(std::span(pixels, count * 4))});
}

Result<void> Canvas::upload(Texture& texture, std::span<const float> values, int rows, int columns) {
    if (rows <= 0 || columns <= 0 ||
        values.size() != static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns)) {
        return fail("matrix", fmt::format("{} values for {} × {} cells", values.size(), rows, columns));
    }
    return put(texture, {TextureKind::matrix, columns, rows, std::as_bytes(values)});
}

namespace {
/// The part with its defaults resolved.
Part whole(const Texture& texture, Part part) {
    if (part.width <= 0) {
        part.width = static_cast<float>(texture.width()) - part.x;
    }
    if (part.height <= 0) {
        part.height = static_cast<float>(texture.height()) - part.y;
    }
    return part;
}
bool is_empty(const Rect& rect) {
    return rect.max.x <= rect.min.x || rect.max.y <= rect.min.y;
}
}  // namespace

void Canvas::draw_image(ImDrawList& list, const Texture& image, const Rect& rect, Filter filter,
                        const Part& part) {
    if (image.kind_ == TextureKind::image && image.canvas_.lock() == self_ && !is_empty(rect)) {
        draw(list, {image.slot_, image.kind_, rect, whole(image, part), {}, filter});
    }
}

void Canvas::draw_heat_map(ImDrawList& list, const Texture& matrix, const Rect& rect,
                           const HeatMapStyle& style, const Part& part) {
    if (matrix.kind_ == TextureKind::matrix && matrix.canvas_.lock() == self_ && !is_empty(rect)) {
        draw(list, {matrix.slot_, matrix.kind_, rect, whole(matrix, part), style, Filter::nearest});
    }
}

}  // namespace lact::gfx
