#include "engine/procedural/vehicle_parts.h"

#include "engine/procedural/exact_math.h"

#include <utility>

namespace lact {

namespace {

Vec3f saturated(Random& random, float hue) {
    const float saturation = random.range(0.68F, 0.95F);
    return color_of_hsv(hue, saturation, random.range(0.6F, 0.95F));
}

Vec3f neutral(Random& random) {
    const float u = random.unit();
    const float value = u < 0.4F   ? random.range(0.86F, 0.95F)
                        : u < 0.7F ? random.range(0.5F, 0.7F)
                                   : random.range(0.13F, 0.25F);
    return {value, value, value};
}

}  // namespace

Paint choose_paint(Builder& b) {
    Random& random = b.random();
    const float hue = random.unit();
    Paint paint;
    const bool grey_body = random.chance(0.15F);
    const float body_grey = random.chance(0.5F) ? random.range(0.55F, 0.75F) : random.range(0.15F, 0.28F);
    const Vec3f body = grey_body ? Vec3f{body_grey, body_grey, body_grey} : saturated(random, hue);
    const float other_hue = hue + random.range(0.25F, 0.75F);
    paint.second_color = !grey_body && random.chance(0.45F) ? neutral(random) : saturated(random, other_hue);
    paint.accent_color = saturated(random, hue + random.range(0.3F, 0.7F));
    paint.glass_color = random.chance(0.65F) ? Vec3f{0.2F, 0.28F, 0.36F} : Vec3f{0.58F, 0.76F, 0.9F};
    paint.body = b.plain(body);
    paint.second = b.plain(paint.second_color);
    paint.accent = b.plain(paint.accent_color);
    paint.glass = b.plain(paint.glass_color);
    const float tyre = random.range(0.08F, 0.16F);
    paint.tyre = b.plain({tyre, tyre, tyre});
    const float rim = random.range(0.7F, 0.92F);
    paint.rim = random.chance(0.75F) ? b.plain({rim, rim, rim}) : b.plain(paint.accent_color);
    const float trim = random.range(0.2F, 0.5F);
    paint.trim = b.plain({trim, trim, trim});
    paint.lamp = b.plain({0.98F, 0.92F, 0.55F});
    paint.tail_lamp = b.plain({0.85F, 0.1F, 0.1F});
    return paint;
}

std::size_t add_profile(Builder& b, Outline outline, float half_width, std::uint32_t material) {
    Vec3f low{1e9F, 0, 1e9F};
    Vec3f high{-1e9F, 0, -1e9F};
    for (const OutlinePoint& point : outline) {
        low = {smaller(low.x, point.x), 0, smaller(low.z, point.y)};
        high = {larger(high.x, point.x), 0, larger(high.z, point.y)};
    }
    const Vec3f center = (low + high) * 0.5F;
    const Vec3f half = (high - low) * 0.5F;
    for (OutlinePoint& point : outline) {
        point.x = (point.x - center.x) / half.x;
        point.y = (point.y - center.z) / half.z;
    }
    const std::size_t i =
        b.add(ShapeKind::extrusion, center, {half.x, half.z, half_width}, material, rotation_about(0, 0.25F));
    b.set_outline(i, outline);
    return i;
}

std::size_t add_planform(Builder& b, Outline outline, float z, float half_height, std::uint32_t material) {
    const std::size_t i = add_profile(b, std::move(outline), half_height, material);
    Part& part = b.part(i);
    part.rotation = {};
    part.center = {part.center.x, part.center.z, z};
    return i;
}

void decal_sides(Builder& b, std::size_t profile, DecalKind kind, float x, float z, float half_width,
                 float half_height, const Vec3f& color) {
    const Part part = b.part(profile);
    for (const float side : {1.0F, -1.0F}) {
        b.decal_on(profile, kind, {0, 0, side}, side_axis, side * (x - part.center.x) / part.size.x,
                   (z - part.center.z) / part.size.y, half_width, half_height);
        b.decal_colors(color, color, color);
    }
}

void decal_end(Builder& b, std::size_t profile, float end, float z, float half_width, float half_height,
               const Vec3f& color) {
    const Part part = b.part(profile);
    b.decal_on(profile, DecalKind::rectangle, {end, 0, 0}, side_axis, 0, (z - part.center.z) / part.size.y,
               half_width, half_height);
    b.decal_colors(color, color, color);
}

void add_pane(Builder& b, float x0, float z0, float x1, float z1, float half_width, std::uint32_t material) {
    const Vec3f along{x1 - x0, 0, z1 - z0};
    const Vec3f center{0.5F * (x0 + x1), 0, 0.5F * (z0 + z1)};
    b.add(ShapeKind::box, center, {0.02F, half_width, 0.5F * length(along)}, material,
          Mat3f{{Vec3f{along.z, 0, along.x} * (1 / length(along)), Vec3f{0, 1, 0},
                 Vec3f{-along.x, 0, along.z} * (1 / length(along))}});
}

void add_wheel_pair(Builder& b, const Paint& paint, float x, float y, float radius, float half_width) {
    const std::size_t from = b.count();
    const Mat3f across = rotation_of_z_to(side_axis);
    b.add_frustum({x, y, radius}, {radius, radius, half_width}, 1, paint.tyre, across);
    b.add_frustum({x, y, radius}, {radius * 0.58F, radius * 0.58F, half_width * 1.18F}, 1, paint.rim, across);
    b.mirror(from, 1);
}

void add_pair(Builder& b, ShapeKind shape, const Vec3f& center, const Vec3f& size, std::uint32_t material) {
    const std::size_t from = b.count();
    b.add(shape, center, size, material);
    b.mirror(from, 1);
}

void add_lamps(Builder& b, const Paint& paint, float front, float back, float y, float front_z,
               float back_z) {
    const ShapeKind shape = b.random().chance(0.5F) ? ShapeKind::ellipsoid : ShapeKind::box;
    const float size = b.random().range(0.05F, 0.075F);
    add_pair(b, shape, {front, y, front_z}, {0.035F, size, size}, paint.lamp);
    add_pair(b, ShapeKind::box, {back, y, back_z}, {0.025F, size, size}, paint.tail_lamp);
}

void add_beacon(Builder& b, const Paint& paint, float x, float z, float half_width) {
    if (b.random().chance(0.5F)) {
        const std::uint32_t blue = b.plain({0.15F, 0.3F, 0.95F});
        b.add(ShapeKind::box, {x, half_width * 0.5F, z + 0.045F}, {0.06F, half_width * 0.5F, 0.045F}, blue);
        b.add(ShapeKind::box, {x, -half_width * 0.5F, z + 0.045F}, {0.06F, half_width * 0.5F, 0.045F},
              paint.tail_lamp);
    } else {
        b.add(ShapeKind::box, {x, 0, z + 0.05F}, {0.06F, half_width * 0.7F, 0.05F}, paint.lamp);
    }
}

}  // namespace lact
