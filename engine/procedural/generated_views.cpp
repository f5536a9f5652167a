#include "engine/procedural/generated_views.h"

#include "engine/procedural/draw.h"
#include "engine/procedural/view_generator.h"

namespace lact {
namespace {

GeneratedViews draw_views(const ViewGenerator& generator, int views, int size) {
    const std::size_t pixels = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
    const auto count = static_cast<std::size_t>(views);
    const bool masked = generator.world().kind == WorldKind::object;
    GeneratedViews out;
    out.size = size;
    out.rgb.resize(count * pixels * 3);
    out.mask.resize(masked ? count * pixels : 0);
    for (int i = 0; i < views; ++i) {
        const auto at = static_cast<std::size_t>(i);
        out.cameras.push_back(generator.camera(i));
        generator.draw(i, std::span(out.rgb).subspan(at * pixels * 3, pixels * 3),
                       masked ? std::span(out.mask).subspan(at * pixels, pixels) : std::span<std::uint8_t>());
    }
    return out;
}

}  // namespace

GeneratedViews generate_views(const WorldFamily& family, std::uint64_t seed, int views, int size) {
    return draw_views(ViewGenerator(family, seed, size), views, size);
}

GeneratedViews generate_views_with_positions(const WorldFamily& family, std::uint64_t seed, int views,
                                             int size) {
    const ViewGenerator generator(family, seed, size);
    GeneratedViews out = draw_views(generator, views, size);
    const std::size_t values = 3 * static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
    out.position.resize(out.cameras.size() * values);
    for (std::size_t i = 0; i < out.cameras.size(); ++i) {
        draw_positions(generator.world(), out.cameras[i], size,
                       std::span(out.position).subspan(i * values, values));
    }
    return out;
}

}  // namespace lact
