// The object class of planes in the `vehicles` family: jets, propeller planes and biplanes.
#include "engine/procedural/exact_math.h"
#include "engine/procedural/object_classes.h"
#include "engine/procedural/vehicle_parts.h"

namespace lact {

namespace {

Outline wing_outline(float front, float chord, float span, float sweep, float taper) {
    const float tip = front - sweep;
    return {{tip, -span, false},       {front, 0, false},
            {tip, span, false},        {tip - chord * taper, span, false},
            {front - chord, 0, false}, {tip - chord * taper, -span, false}};
}

void add_engines(Builder& b, const Paint& paint, float x, float y, float z, bool second_pair) {
    Random& random = b.random();
    const Mat3f along = rotation_about(1, 0.25F);
    const float radius = random.range(0.07F, 0.1F);
    const std::size_t from = b.count();
    b.add_frustum({x, y, z - radius}, {radius, radius, 0.17F}, 0.85F, paint.second, along);
    b.add_frustum({x + 0.165F, y, z - radius}, {radius * 0.8F, radius * 0.8F, 0.02F}, 1, paint.tyre, along);
    if (second_pair) {
        b.add_frustum({x - 0.14F, y * 1.9F, z - radius}, {radius, radius, 0.15F}, 0.85F, paint.second, along);
    }
    b.mirror(from, 1);
}

void add_propeller(Builder& b, const Paint& paint, float x, float radius) {
    Random& random = b.random();
    b.add(ShapeKind::ellipsoid, {x, 0, 0}, {0.1F, 0.07F, 0.07F}, paint.accent);
    const float turned = random.unit();
    const int blades = random.between(1, 2);
    for (int i = 0; i < blades; ++i) {
        b.add(ShapeKind::box, {x + 0.02F, 0, 0}, {0.018F, 0.045F, radius}, paint.trim,
              rotation_about(0, turned + 0.25F * static_cast<float>(i)));
    }
}

std::size_t add_fuselage(Builder& b, const Paint& paint, float radius, float nose) {
    const std::size_t i =
        b.add(ShapeKind::lathe, {0, 0, 0}, {radius, radius, 1}, paint.body, rotation_about(1, 0.25F));
    b.set_outline(i, {{0, -1, false},
                      {0.22F, -0.99F, true},
                      {0.62F, -0.6F, true},
                      {0.98F, -0.12F, true},
                      {1, 0.2F, true},
                      {1, 0.5F, true},
                      {0.92F, 0.7F, true},
                      {nose, 0.9F, true},
                      {nose * 0.5F, 0.985F, true},
                      {0, 1, false}});
    return i;
}

/// Decals on both sides of a fuselage. The z axis of the fuselage is the x axis of the plane, its -x axis
/// the z axis of the plane.
void decal_fuselage(Builder& b, std::size_t fuselage, float x, float z, float half_width, float half_height,
                    const Vec3f& color) {
    const Vec3f size = b.part(fuselage).size;
    for (const float side : {1.0F, -1.0F}) {
        // `right` is up x normal: along the x axis of the plane on its right side, against it on its left.
        b.decal_on(fuselage, DecalKind::rectangle, {0, side, 0}, {-1, 0, 0}, -side * x / size.z, z / size.x,
                   half_width, half_height);
        b.decal_colors(color, color, color);
    }
}

}  // namespace

void build_plane(Builder& b) {
    Random& random = b.random();
    const Paint paint = choose_paint(b);
    const bool jet = random.chance(0.55F);
    const float radius = jet ? random.range(0.13F, 0.18F) : random.range(0.15F, 0.2F);
    const std::size_t fuselage = add_fuselage(b, paint, radius, random.range(0.55F, 0.72F));
    if (random.chance(0.6F)) {
        decal_fuselage(b, fuselage, 0, -radius * 0.25F, 1, radius * 0.22F, paint.second_color);
    }
    const int windows = jet ? random.between(4, 6) : random.between(1, 2);
    for (int i = 0; i < windows; ++i) {
        const float step = jet ? 0.95F / static_cast<float>(windows) : 0.24F;
        decal_fuselage(b, fuselage, 0.5F - step * static_cast<float>(i), radius * 0.3F, step * 0.3F,
                       radius * 0.22F, paint.glass_color);
    }
    b.add(ShapeKind::ellipsoid, {jet ? 0.74F : 0.42F, 0, radius * (jet ? 0.5F : 0.75F)},
          {jet ? 0.14F : 0.2F, radius * 0.72F, radius * 0.6F}, paint.glass);
    const float sweep = jet ? random.range(0.25F, 0.5F) : random.range(0, 0.1F);
    const float chord = random.range(0.32F, 0.44F);
    const float front = random.range(0.2F, 0.35F);
    const float span = random.range(0.8F, 1);
    const bool high = random.chance(jet ? 0.2F : 0.4F);
    const float wing_z = high ? radius * 0.85F : -radius * 0.45F;
    const std::uint32_t wing = random.chance(0.6F) ? paint.second : paint.body;
    add_planform(b, wing_outline(front, chord, span, sweep, random.range(0.4F, 0.8F)), wing_z, 0.03F, wing);
    if (!jet && random.chance(0.4F)) {  // biplane
        const float upper = wing_z + 2.3F * radius;
        add_planform(b, wing_outline(front + 0.05F, chord, span, sweep, 0.8F), upper, 0.03F, wing);
        const std::size_t from = b.count();
        b.add_rod({front - 0.5F * chord, 0.6F * span, wing_z}, {front - 0.5F * chord, 0.6F * span, upper},
                  0.022F, paint.trim);
        b.mirror(from, 1);
    }
    const std::uint32_t tail = random.chance(0.7F) ? paint.second : paint.accent;
    const float fin = random.range(0.3F, 0.42F);
    add_profile(b,
                {{-0.98F, 0, false},
                 {-0.56F, 0, false},
                 {-0.82F, radius * 0.5F + fin, false},
                 {-1.02F, radius * 0.5F + fin, false}},
                0.03F, tail);
    const bool high_tail = jet && random.chance(0.3F);
    add_planform(b, wing_outline(-0.7F, 0.24F, random.range(0.32F, 0.42F), high_tail ? 0.14F : 0.1F, 0.7F),
                 high_tail ? radius * 0.5F + fin : radius * 0.25F, 0.025F, tail);
    if (jet) {
        if (random.chance(0.7F)) {
            add_engines(b, paint, front - 0.12F - 0.35F * sweep, span * 0.36F, wing_z - 0.02F,
                        random.chance(0.3F));
        } else {
            add_engines(b, paint, -0.45F, radius + 0.07F, radius * 0.7F, false);
        }
    } else {
        add_propeller(b, paint, 1.02F, random.range(0.26F, 0.36F));
    }
    if (random.chance(0.75F)) {  // undercarriage
        const float ground = -radius - 0.2F;
        const std::size_t from = b.count();
        b.add_rod({0.02F, 0.2F, -radius * 0.4F}, {0.02F, 0.24F, ground}, 0.022F, paint.trim);
        b.mirror(from, 1);
        const std::size_t wheels = b.count();
        add_wheel_pair(b, paint, 0.02F, 0.26F, 0.085F, 0.04F);
        b.move(wheels, {0, 0, ground - 0.085F});
        const float x = jet ? 0.72F : -0.85F;
        b.add_rod({x, 0, 0}, {x, 0, ground}, 0.02F, paint.trim);
        b.add_frustum({x, 0, ground}, {0.07F, 0.07F, 0.035F}, 1, paint.tyre, rotation_of_z_to(side_axis));
    }
}

}  // namespace lact
