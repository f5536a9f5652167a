// The object classes of the `vehicles` family: cars, vans and buses, trucks, tractors. Plain paint
// in two contrasting colours, windows on every side and visible wheels keep small images readable. x is
// forward, y left, z up; the ground is z = 0.
#include "engine/procedural/exact_math.h"
#include "engine/procedural/object_classes.h"
#include "engine/procedural/vehicle_parts.h"

namespace lact {
namespace {

struct CarShape {
    float glass_back;  ///< Back end of the windows at their base; the roof likewise.
    float glass_front;
    float roof_back;
    float roof_front;
    float roof_height;  ///< Above the belt line.
    float bonnet_drop;  ///< From the belt line to the front of the bonnet.
    float boot_drop;
    bool bed;  ///< Has the bed of a pickup.
};

CarShape car_shape(Random& random) {
    const float u = random.unit();
    const float front = random.range(0.34F, 0.52F);
    const float rake = random.range(0.18F, 0.32F);
    const float drop = random.range(0.03F, 0.1F);
    if (u < 0.28F) {  // saloon
        const float back = random.range(-0.68F, -0.52F);
        return {back, front, back + rake, front - rake, random.range(0.24F, 0.3F), drop, 0.04F, false};
    }
    if (u < 0.5F) {  // hatchback
        const float back = random.range(-0.95F, -0.85F);
        return {back, front, back + 0.14F, front - rake, random.range(0.26F, 0.34F), drop, 0.02F, false};
    }
    if (u < 0.68F) {  // off-roader
        return {-0.95F, front, -0.91F, front - 0.12F, random.range(0.3F, 0.38F), 0.03F, 0.01F, false};
    }
    if (u < 0.82F) {  // coupe
        return {-0.85F, front - 0.1F, -0.25F, front - 0.4F, random.range(0.19F, 0.24F), 0.1F, 0.03F, false};
    }
    const float back = random.range(-0.2F, 0);
    return {back, front + 0.05F, back + 0.04F, front - 0.15F, random.range(0.28F, 0.34F), 0.03F, 0, true};
}

/// Adds glass, roof and pillars above the belt line.
void add_cabin(Builder& b, const Paint& paint, const CarShape& shape, float belt, float half_width) {
    Random& random = b.random();
    const float roof = belt + shape.roof_height;
    add_profile(b,
                {{shape.glass_back, belt - 0.01F, false},
                 {shape.glass_front, belt - 0.01F, false},
                 {shape.roof_front, roof, false},
                 {shape.roof_back, roof, false}},
                half_width, paint.glass);
    const std::uint32_t top = random.chance(0.5F) ? paint.second : paint.body;
    b.add(ShapeKind::box, {0.5F * (shape.roof_back + shape.roof_front), 0, roof + 0.02F},
          {0.5F * (shape.roof_front - shape.roof_back) + 0.03F, half_width + 0.015F, 0.03F}, top);
    const std::size_t from = b.count();
    b.add_rod({shape.glass_front, half_width, belt}, {shape.roof_front, half_width, roof}, 0.026F, top, true);
    b.add_rod({shape.glass_back, half_width, belt}, {shape.roof_back, half_width, roof}, 0.03F, top, true);
    if (!shape.bed) {
        const float at = random.range(0.4F, 0.55F);
        const float low = shape.glass_back + at * (shape.glass_front - shape.glass_back);
        const float high = shape.roof_back + at * (shape.roof_front - shape.roof_back);
        b.add_rod({low, half_width, belt}, {high, half_width, roof}, 0.028F, top, true);
    }
    b.mirror(from, 1);
}

void add_car_extras(Builder& b, const Paint& paint, const CarShape& shape, float belt, float half_width) {
    Random& random = b.random();
    const float roof = belt + shape.roof_height + 0.05F;
    const float middle = 0.5F * (shape.roof_back + shape.roof_front);
    const float u = random.unit();
    if (shape.bed) {
        const float end = shape.glass_back - 0.04F;
        const float center = 0.5F * (end - 0.96F);
        add_pair(b, ShapeKind::box, {center, half_width, belt + 0.05F}, {0.5F * (end + 0.96F), 0.035F, 0.06F},
                 paint.body);
        b.add(ShapeKind::box, {-0.94F, 0, belt + 0.05F}, {0.035F, half_width, 0.06F}, paint.body);
        b.add(ShapeKind::box, {center, 0, belt + 0.005F}, {0.5F * (end + 0.9F), half_width, 0.015F},
              paint.trim);
        if (random.chance(0.6F)) {
            const ShapeKind load = random.chance(0.5F) ? ShapeKind::box : ShapeKind::ellipsoid;
            b.add(load, {center, 0, belt + 0.12F},
                  {random.range(0.15F, 0.28F), half_width * 0.7F, random.range(0.1F, 0.2F)}, paint.second);
        }
    } else if (u < 0.16F) {
        add_beacon(b, paint, middle, roof, half_width * 0.7F);
    } else if (u < 0.36F) {
        b.add(ShapeKind::box, {middle, 0, roof + 0.07F},
              {random.range(0.2F, 0.3F), half_width * 0.75F, random.range(0.05F, 0.09F)}, paint.accent);
    } else if (u < 0.5F) {
        b.add(ShapeKind::box, {-0.93F, 0, belt + 0.14F}, {0.07F, half_width * 1.05F, 0.025F}, paint.second);
        add_pair(b, ShapeKind::box, {-0.93F, half_width * 0.7F, belt + 0.06F}, {0.04F, 0.025F, 0.08F},
                 paint.second);
    }
}

}  // namespace

void build_car(Builder& b) {
    Random& random = b.random();
    const Paint paint = choose_paint(b);
    const CarShape shape = car_shape(random);
    const float radius = random.range(0.17F, 0.23F);
    const float half_width = random.range(0.38F, 0.46F);
    const float low = radius * random.range(0.6F, 0.85F);
    const float belt = low + random.range(0.24F, 0.32F);
    const float bonnet = belt - shape.bonnet_drop;
    const std::size_t body = add_profile(b,
                                         {{-0.96F, low, false},
                                          {0.96F, low, false},
                                          {1, low + 0.1F, false},
                                          {0.97F, bonnet - 0.02F, false},
                                          {0.9F, bonnet, false},
                                          {shape.glass_front, belt, false},
                                          {shape.glass_back, belt, false},
                                          {-0.95F, belt - shape.boot_drop, false},
                                          {-1, low + 0.12F, false}},
                                         half_width, paint.body);
    const float axle = random.range(0.56F, 0.64F);
    const float stripe = random.unit();
    if (stripe < 0.35F) {
        decal_sides(b, body, DecalKind::rectangle, 0, low + 0.45F * (belt - low), 1.1F, 0.05F,
                    paint.second_color);
    } else if (stripe < 0.5F) {
        decal_sides(b, body, DecalKind::disc, 0, 0.5F * (low + belt), 0.13F, 0.13F, paint.second_color);
    } else if (stripe < 0.62F) {
        decal_sides(b, body, DecalKind::rectangle, 0, low, 1.1F, 0.4F * (belt - low), paint.second_color);
    }
    const Vec3f dark{0.1F, 0.1F, 0.11F};
    for (const float x : {axle, -axle}) {
        decal_sides(b, body, DecalKind::disc, x, radius, radius * 1.22F, radius * 1.22F, dark);
    }
    decal_end(b, body, 1, low + 0.16F, half_width * 0.4F, 0.045F, dark);
    add_cabin(b, paint, shape, belt, half_width * 0.88F);
    for (const float x : {axle, -axle}) {
        add_wheel_pair(b, paint, x, half_width - 0.03F, radius, 0.085F);
    }
    add_lamps(b, paint, 0.975F, -0.975F, half_width * 0.72F, bonnet - 0.09F, belt - 0.1F);
    if (random.chance(0.6F)) {
        b.add(ShapeKind::box, {0.98F, 0, low + 0.03F}, {0.05F, half_width * 0.97F, 0.04F}, paint.trim);
        b.add(ShapeKind::box, {-0.98F, 0, low + 0.03F}, {0.05F, half_width * 0.97F, 0.04F}, paint.trim);
    }
    add_car_extras(b, paint, shape, belt, half_width * 0.88F);
}

void build_van(Builder& b) {
    Random& random = b.random();
    const Paint paint = choose_paint(b);
    const bool bus = random.chance(0.4F);
    const float radius = random.range(0.14F, 0.19F);
    const float half_width = random.range(0.34F, 0.42F);
    const float low = radius * random.range(0.6F, 0.85F);
    const float roof = low + (bus ? random.range(0.58F, 0.75F) : random.range(0.6F, 0.8F));
    const float slope = bus ? random.range(0.03F, 0.1F) : random.range(0.15F, 0.42F);
    const float belt = low + (roof - low) * random.range(0.42F, 0.52F);
    const std::size_t body = add_profile(b,
                                         {{-0.98F, low, false},
                                          {0.97F, low, false},
                                          {1, low + 0.08F, false},
                                          {0.98F, belt - 0.04F, false},
                                          {0.98F - slope, roof - 0.03F, false},
                                          {0.9F - slope, roof, false},
                                          {-0.95F, roof, false},
                                          {-1, roof - 0.05F, false}},
                                         half_width, paint.body);
    if (random.chance(0.6F)) {
        decal_sides(b, body, DecalKind::rectangle, 0, low, 1.1F, (belt - low) * random.range(0.4F, 0.95F),
                    paint.second_color);
    }
    const float window_z = belt + 0.45F * (roof - belt);
    const float window_half = 0.34F * (roof - belt);
    const float door = 0.9F - slope - 0.08F;
    decal_sides(b, body, DecalKind::rectangle, door - 0.1F, window_z, 0.15F, window_half, paint.glass_color);
    if (bus || random.chance(0.35F)) {
        const int windows = bus ? random.between(3, 5) : random.between(1, 2);
        const float from = -0.88F;
        const float step = (door - 0.32F - from) / static_cast<float>(windows);
        for (int i = 0; i < windows; ++i) {
            const float x = from + step * (static_cast<float>(i) + 0.5F);
            decal_sides(b, body, DecalKind::rectangle, x, window_z, step * 0.4F, window_half,
                        paint.glass_color);
        }
    } else {
        static constexpr std::array logos{DecalKind::disc,     DecalKind::star,  DecalKind::cross,
                                          DecalKind::triangle, DecalKind::heart, DecalKind::rectangle};
        const DecalKind logo = logos[static_cast<std::size_t>(random.below(6))];
        const float half = random.range(0.16F, 0.24F);
        decal_sides(b, body, logo, random.range(-0.5F, -0.2F), 0.5F * (low + roof) + 0.05F, half, half,
                    paint.accent_color);
    }
    const Vec3f dark{0.1F, 0.1F, 0.11F};
    const float axle = random.range(0.55F, 0.66F);
    for (const float x : {axle, -axle}) {
        decal_sides(b, body, DecalKind::disc, x, radius, radius * 1.2F, radius * 1.2F, dark);
    }
    decal_end(b, body, -1, window_z, half_width * 0.75F, window_half, paint.glass_color);
    decal_end(b, body, 1, low + 0.12F, half_width * 0.5F, 0.05F, dark);
    add_pane(b, 0.98F - 0.05F * slope, belt, 0.98F - 0.95F * slope, roof - 0.05F, half_width * 0.88F,
             paint.glass);
    for (const float x : {axle, -axle}) {
        add_wheel_pair(b, paint, x, half_width - 0.03F, radius, 0.08F);
    }
    add_lamps(b, paint, 0.99F, -0.985F, half_width * 0.75F, low + 0.15F, low + 0.18F);
    const float u = random.unit();
    if (u < 0.25F) {
        add_beacon(b, paint, 0.6F - slope, roof, half_width * 0.6F);
    } else if (u < 0.55F) {
        const float x = random.range(-0.5F, 0);
        b.add(ShapeKind::box, {x, 0, roof + 0.05F}, {random.range(0.2F, 0.4F), half_width * 0.7F, 0.06F},
              paint.second);
    }
}

namespace {

/// Adds the cab of a truck from x = `back` to the front at 1; returns the height of its roof.
float add_cab(Builder& b, const Paint& paint, float back, float low, float half_width) {
    Random& random = b.random();
    const float roof = low + random.range(0.55F, 0.75F);
    const float belt = low + 0.5F * (roof - low);
    const bool bonnet = random.chance(0.4F);
    const float face = bonnet ? back + 0.55F * (1 - back) : 1.0F;
    const float slope = random.range(0.03F, 0.12F);
    Outline outline{{back, low, false}, {1, low, false}};
    if (bonnet) {
        outline.push_back({1, belt - 0.04F, false});
        outline.push_back({face, belt, false});
    } else {
        outline.push_back({1, belt, false});
    }
    outline.push_back({face - slope, roof, false});
    outline.push_back({back, roof, false});
    const std::size_t cab = add_profile(b, outline, half_width, paint.body);
    const float middle = 0.5F * (back + face - slope);
    decal_sides(b, cab, DecalKind::rectangle, middle, belt + 0.48F * (roof - belt), 0.32F * (face - back),
                0.36F * (roof - belt), paint.glass_color);
    if (random.chance(0.4F)) {
        decal_sides(b, cab, DecalKind::rectangle, middle, belt - 0.08F, 1, 0.035F, paint.second_color);
    }
    decal_end(b, cab, 1, low + 0.13F, half_width * 0.6F, 0.06F, {0.12F, 0.12F, 0.13F});
    add_pane(b, face - 0.1F * slope, belt + 0.03F, face - 0.9F * slope, roof - 0.05F, half_width * 0.86F,
             paint.glass);
    add_pair(b, ShapeKind::ellipsoid, {1, half_width * 0.75F, low + 0.12F}, {0.04F, 0.06F, 0.06F},
             paint.lamp);
    if (random.chance(0.35F)) {
        add_beacon(b, paint, middle, roof, half_width * 0.6F);
    }
    if (random.chance(0.35F)) {
        const std::size_t from = b.count();
        b.add_rod({back - 0.03F, half_width * 0.8F, low}, {back - 0.03F, half_width * 0.8F, roof + 0.15F},
                  0.035F, paint.trim);
        b.mirror(from, 1);
    }
    return roof;
}

void add_container(Builder& b, const Paint& paint, float back, float front, float floor, float half_width,
                   float cab_roof) {
    Random& random = b.random();
    const float roof = cab_roof + random.range(-0.05F, 0.25F);
    const std::size_t box = add_profile(
        b, {{back, floor, false}, {front, floor, false}, {front, roof, false}, {back, roof, false}},
        half_width, paint.second);
    const float middle = 0.5F * (back + front);
    const float u = random.unit();
    if (u < 0.3F) {
        decal_sides(b, box, DecalKind::rectangle, middle, 0.5F * (floor + roof), 1, 0.09F,
                    paint.accent_color);
    } else if (u < 0.75F) {
        static constexpr std::array logos{DecalKind::disc, DecalKind::star, DecalKind::cross, DecalKind::ring,
                                          DecalKind::heart};
        const DecalKind logo = logos[static_cast<std::size_t>(random.below(5))];
        const float half = 0.36F * (roof - floor);
        decal_sides(b, box, logo, middle, 0.5F * (floor + roof), half, half, paint.accent_color);
    }
}

void add_tank(Builder& b, const Paint& paint, float back, float front, float floor, float half_width) {
    Random& random = b.random();
    const float radius = half_width * random.range(0.85F, 1.05F);
    const float middle = 0.5F * (back + front);
    const Mat3f along = rotation_about(1, 0.25F);
    const Vec3f center{middle, 0, floor + radius};
    b.add_frustum(center, {radius, radius, 0.5F * (front - back) - 0.06F}, 1, paint.second, along);
    for (const float x : {back + 0.06F, front - 0.06F}) {
        b.add(ShapeKind::ellipsoid, {x, 0, floor + radius}, {0.07F, radius, radius}, paint.second);
    }
    const int bands = random.between(1, 2);
    for (int i = 0; i < bands; ++i) {
        const float x = back + (front - back) * (static_cast<float>(i) + 0.5F) / static_cast<float>(bands);
        b.add_frustum({x, 0, floor + radius}, {radius * 1.04F, radius * 1.04F, 0.05F}, 1, paint.accent,
                      along);
    }
}

void add_open_load(Builder& b, const Paint& paint, float back, float front, float floor, float half_width) {
    Random& random = b.random();
    const float wall = random.range(0.06F, 0.14F);
    b.add(ShapeKind::box, {0.5F * (back + front), 0, floor}, {0.5F * (front - back), half_width, 0.03F},
          paint.trim);
    add_pair(b, ShapeKind::box, {0.5F * (back + front), half_width - 0.02F, floor + wall},
             {0.5F * (front - back), 0.025F, wall}, paint.second);
    b.add(ShapeKind::box, {back + 0.02F, 0, floor + wall}, {0.025F, half_width, wall}, paint.second);
    const float u = random.unit();
    if (u < 0.4F) {  // logs or pipes
        for (int i = 0; i < 3; ++i) {
            const float y = i == 2 ? 0 : (i == 0 ? 0.45F : -0.45F) * half_width;
            b.add_frustum({0.5F * (back + front), y, floor + (i == 2 ? 0.36F : 0.14F)},
                          {0.14F, 0.14F, 0.48F * (front - back)}, 1, paint.accent, rotation_about(1, 0.25F));
        }
    } else if (u < 0.8F) {  // crates
        const int crates = random.between(1, 3);
        const float step = (front - back) / static_cast<float>(crates);
        for (int i = 0; i < crates; ++i) {
            const float half = random.range(0.14F, 0.24F);
            const float x = back + step * (static_cast<float>(i) + 0.5F);
            b.add(ShapeKind::box, {x, 0, floor + half},
                  {smaller(half, 0.42F * step), half_width * 0.75F, half},
                  i % 2 == 0 ? paint.accent : paint.body);
        }
    }
}

void add_tipper(Builder& b, const Paint& paint, float back, float front, float floor, float half_width,
                float cab_roof) {
    const float roof = cab_roof - b.random().range(0, 0.2F);
    add_profile(b,
                {{back + 0.12F, floor, false},
                 {front, floor, false},
                 {front, roof, false},
                 {front - 0.08F, roof, false},
                 {back, roof - 0.06F, false}},
                half_width, paint.second);
    const std::uint32_t load = b.plain({0.45F, 0.33F, 0.2F});
    b.add(ShapeKind::ellipsoid, {0.5F * (back + front), 0, roof - 0.05F},
          {0.42F * (front - back), half_width * 0.85F, 0.16F}, load);
}

void add_mixer(Builder& b, const Paint& paint, float back, float front, float floor, float half_width) {
    const float middle = 0.5F * (back + front);
    const std::size_t i =
        b.add(ShapeKind::lathe, {middle, 0, floor + half_width * 0.95F},
              {half_width, half_width, 0.55F * (front - back)}, paint.second, rotation_about(1, -0.21F));
    b.set_outline(i, {{0, -1, false},
                      {0.55F, -0.98F, false},
                      {0.98F, -0.35F, true},
                      {1, 0, true},
                      {0.9F, 0.35F, true},
                      {0.42F, 0.98F, false},
                      {0, 1, false}});
    b.add_frustum({middle, 0, floor + half_width * 0.95F}, {half_width * 1.03F, half_width * 1.03F, 0.06F}, 1,
                  paint.accent, rotation_about(1, -0.21F));
}

}  // namespace

void build_truck(Builder& b) {
    Random& random = b.random();
    const Paint paint = choose_paint(b);
    const float radius = random.range(0.14F, 0.19F);
    const float half_width = random.range(0.33F, 0.4F);
    const float low = radius * 1.25F;
    const float cab_back = random.range(0.4F, 0.58F);
    b.add(ShapeKind::box, {0, 0, low}, {0.96F, half_width * 0.55F, 0.06F}, paint.trim);
    const float roof = add_cab(b, paint, cab_back, low - 0.06F, half_width);
    const float front = cab_back - random.range(0.03F, 0.09F);
    const float floor = low + 0.05F;
    const float kind = random.unit();
    if (kind < 0.34F) {
        add_container(b, paint, -0.98F, front, floor, half_width, roof);
    } else if (kind < 0.52F) {
        add_tank(b, paint, -0.98F, front, floor, half_width);
    } else if (kind < 0.72F) {
        add_open_load(b, paint, -0.98F, front, floor, half_width);
    } else if (kind < 0.88F) {
        add_tipper(b, paint, -0.98F, front, floor, half_width, roof);
    } else {
        add_mixer(b, paint, -0.95F, front, floor, half_width);
    }
    add_wheel_pair(b, paint, random.range(0.66F, 0.74F), half_width - 0.06F, radius, 0.08F);
    add_wheel_pair(b, paint, random.range(-0.72F, -0.6F), half_width - 0.06F, radius, 0.08F);
    if (random.chance(0.4F)) {
        add_wheel_pair(b, paint, random.range(-0.28F, -0.2F), half_width - 0.06F, radius, 0.08F);
    }
}

void build_tractor(Builder& b) {
    Random& random = b.random();
    const Paint paint = choose_paint(b);
    const float big = random.range(0.36F, 0.46F);
    const float small = random.range(0.2F, 0.27F);
    const float half_width = random.range(0.2F, 0.26F);
    const float low = small;
    const float belt = low + random.range(0.34F, 0.42F);
    const float cab_front = random.range(-0.02F, 0.1F);
    const std::size_t hood = add_profile(b,
                                         {{-0.75F, low, false},
                                          {0.82F, low, false},
                                          {0.88F, belt - 0.12F, false},
                                          {0.8F, belt - 0.04F, false},
                                          {cab_front, belt, false},
                                          {-0.75F, belt, false}},
                                         half_width, paint.body);
    decal_end(b, hood, 1, low + 0.14F, half_width * 0.75F, 0.1F, {0.12F, 0.12F, 0.13F});
    if (random.chance(0.5F)) {
        decal_sides(b, hood, DecalKind::rectangle, 0.4F, belt - 0.14F, 0.4F, 0.04F, paint.second_color);
    }
    const CarShape cabin{-0.72F, cab_front, -0.66F, cab_front - 0.06F, random.range(0.4F, 0.5F), 0, 0, false};
    add_cabin(b, paint, cabin, belt, half_width * 1.15F);
    b.add_rod({0.45F, half_width * 0.4F, belt - 0.05F}, {0.45F, half_width * 0.4F, belt + 0.32F}, 0.04F,
              paint.trim);
    add_wheel_pair(b, paint, -0.52F, half_width + 0.17F, big, 0.13F);
    add_wheel_pair(b, paint, 0.62F, half_width + 0.1F, small, 0.09F);
    add_pair(b, ShapeKind::box, {-0.52F, half_width + 0.14F, 2 * big + 0.03F}, {0.3F, 0.15F, 0.03F},
             paint.body);
    add_pair(b, ShapeKind::ellipsoid, {0.87F, half_width * 0.6F, belt - 0.14F}, {0.03F, 0.05F, 0.05F},
             paint.lamp);
    if (random.chance(0.3F)) {  // shovel
        add_profile(b,
                    {{0.98F, low - 0.1F, false},
                     {1.25F, low - 0.12F, false},
                     {1.05F, low + 0.02F, false},
                     {1.03F, low + 0.24F, false},
                     {0.97F, low + 0.2F, false}},
                    half_width + 0.22F, paint.second);
        const std::size_t from = b.count();
        b.add_rod({0.35F, half_width + 0.03F, belt - 0.08F}, {1, half_width + 0.03F, low + 0.05F}, 0.035F,
                  paint.second, true);
        b.mirror(from, 1);
    }
}

}  // namespace lact
