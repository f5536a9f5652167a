#include "engine/procedural/outline.h"

#include "engine/procedural/exact_math.h"

namespace lact {

namespace {

constexpr int lathe_kinds = static_cast<int>(LatheKind::tube) + 1;
constexpr int flat_kinds = static_cast<int>(FlatKind::leaf) + 1;

struct Normal {
    float x = 0;
    float y = 0;
};

Normal unit(float x, float y) {
    const float l = std::sqrt(x * x + y * y);
    return l > 1e-9F ? Normal{x / l, y / l} : Normal{1, 0};
}

Normal normal_of(const OutlinePoint& a, const OutlinePoint& b) {
    return unit(b.y - a.y, a.x - b.x);
}

/// Adds a smooth wall from bottom to top through `radii` at equal heights.
void add_wall(Outline& outline, const std::vector<float>& radii, float bottom, float top) {
    const auto steps = static_cast<float>(radii.size() - 1);
    for (std::size_t i = 0; i < radii.size(); ++i) {
        outline.push_back({radii[i], bottom + (top - bottom) * static_cast<float>(i) / steps, true});
    }
}

/// Adds the inside of a vessel: its outer wall offset inwards, from the top down to a floor.
void hollow(Outline& outline, float thickness, float floor) {
    const Outline outer = outline;
    for (std::size_t i = outer.size(); i-- > 0;) {
        if (outer[i].y > floor + 0.1F) {
            outline.push_back({larger(outer[i].x - thickness, 0.02F), outer[i].y, outer[i].smooth});
        }
    }
    outline.push_back({larger(outline.back().x * 0.8F, 0.02F), floor, false});
    outline.push_back({0, floor, false});
}

/// Radii of turned objects: a slow wave between foot and mouth.
std::vector<float> wavy_radii(Random& random, int count, float low) {
    const float foot = random.range(low, 0.8F);
    const float mouth = random.range(low, 0.9F);
    const float belly = random.range(0.1F, 0.6F);
    const float phase = random.range(-0.1F, 0.35F);
    const float waves = random.range(0.4F, 1.1F);
    std::vector<float> radii;
    for (int i = 0; i < count; ++i) {
        const float z = static_cast<float>(i) / static_cast<float>(count - 1);
        const float wave = sine_cosine(phase + z * waves).sine;
        radii.push_back(larger(foot + (mouth - foot) * z + belly * wave, 0.08F));
    }
    float most = 0;
    for (const float radius : radii) {
        most = larger(most, radius);
    }
    for (float& radius : radii) {
        radius /= most;
    }
    return radii;
}

Outline arc_of_revolution(float from_turns, float to_turns, int count, float center, float half_height) {
    Outline outline;
    for (int i = 0; i < count; ++i) {
        const float t =
            from_turns + (to_turns - from_turns) * static_cast<float>(i) / static_cast<float>(count - 1);
        const auto [s, c] = sine_cosine(t);
        outline.push_back({larger(c, 0.0F), center + half_height * s, true});
    }
    return outline;
}

Outline vase_outline(Random& random) {
    Outline outline{{0, -1, false}};
    add_wall(outline, wavy_radii(random, 10, 0.25F), -1, 1);
    outline[1].smooth = outline.back().smooth = false;
    if (random.chance(0.5F)) {
        const float floor = random.range(-0.8F, 0.8F);
        hollow(outline, random.range(0.06F, 0.15F), floor);
    } else {
        outline.push_back({0, 1, false});
    }
    return outline;
}

/// A wide bowl, or a cup with steeper walls.
Outline bowl_outline(bool wide, Random& random) {
    const float foot = random.range(wide ? 0.25F : 0.6F, wide ? 0.6F : 1.0F);
    const float bend = random.range(0, wide ? 1.0F : 0.3F);
    std::vector<float> radii;
    for (int i = 0; i < 7; ++i) {
        const float z = static_cast<float>(i) / 6;
        radii.push_back(foot + (1 - foot) * (z + bend * z * (1 - z)));
    }
    Outline outline{{0, -1, false}};
    add_wall(outline, radii, -1, 1);
    outline[1].smooth = outline.back().smooth = false;
    const float thickness = random.range(0.05F, 0.14F);
    hollow(outline, thickness, random.range(-0.9F, -0.6F));
    return outline;
}

Outline bottle_outline(Random& random) {
    const float neck = random.range(0.22F, 0.45F);
    const float shoulder = random.range(-0.1F, 0.45F);
    const float rise = random.range(0.12F, 0.35F);
    const bool lip = random.chance(0.5F);
    Outline outline{{0, -1, false}, {0.92F, -1, false}, {1, -0.94F, true}, {1, shoulder, true}};
    outline.push_back({1 - (1 - neck) * 0.3F, shoulder + rise * 0.35F, true});
    outline.push_back({neck + (1 - neck) * 0.2F, shoulder + rise * 0.75F, true});
    outline.push_back({neck, shoulder + rise, true});
    outline.push_back({neck, 0.85F, false});
    if (lip) {
        outline.push_back({neck * 1.35F, 0.85F, false});
        outline.push_back({neck * 1.35F, 1, false});
    } else {
        outline.push_back({neck, 1, false});
    }
    outline.push_back({0, 1, false});
    return outline;
}

Outline goblet_outline(Random& random) {
    const float stem = random.range(0.07F, 0.18F);
    const float cup = random.range(-0.3F, 0.2F);
    const float foot = random.range(0.5F, 0.9F);
    const float waist = random.range(0.55F, 1.0F);
    const float rim = random.range(0.7F, 1.0F);
    return {{0, -1, false},
            {foot, -1, false},
            {foot, -0.93F, false},
            {stem, -0.8F, true},
            {stem, cup - 0.05F, true},
            {waist, cup + 0.3F, true},
            {rim, 1, false},
            {rim - 0.08F, 1, false},
            {waist - 0.1F, cup + 0.33F, true},
            {stem, cup + 0.12F, true},
            {0, cup + 0.1F, false}};
}

Outline spindle_outline(Random& random) {
    Outline outline{{0, -1, false}};
    const int beads = random.between(3, 7);
    for (int i = 0; i < beads; ++i) {
        const float low = -1 + 2 * static_cast<float>(i) / static_cast<float>(beads);
        const float high = -1 + 2 * static_cast<float>(i + 1) / static_cast<float>(beads);
        const float radius = random.range(0.35F, 1);
        if (random.chance(0.5F)) {
            outline.push_back({radius, low, false});
            outline.push_back({radius, high, false});
        } else {
            outline.push_back({radius * 0.75F, low, false});
            outline.push_back({radius, 0.5F * (low + high), true});
            outline.push_back({radius * 0.75F, high, false});
        }
    }
    outline.push_back({0, 1, false});
    return outline;
}

Outline wheel_outline(Random& random) {
    const float bevel = random.range(0.1F, 0.5F);
    const float hub = random.range(0.25F, 0.65F);
    const float depth = random.range(-0.3F, 0.75F);
    return {
        {0, -depth, false},   {hub, -depth, false}, {hub + 0.05F, -1, false},    {1 - bevel * 0.5F, -1, true},
        {1, bevel - 1, true}, {1, 1 - bevel, true}, {1 - bevel * 0.5F, 1, true}, {hub + 0.05F, 1, false},
        {hub, depth, false},  {0, depth, false}};
}

/// A closed curve with a radius for each of `count` directions.
template <class RadiusOf>
Outline around(int count, bool smooth, const RadiusOf& radius_of) {
    Outline outline;
    for (int i = 0; i < count; ++i) {
        const float turns = static_cast<float>(i) / static_cast<float>(count);
        const auto [s, c] = sine_cosine(turns);
        const float radius = radius_of(i, turns);
        outline.push_back({c * radius, s * radius, smooth});
    }
    return outline;
}

Outline blob_outline(Random& random) {
    const float first = random.range(0, 0.3F);
    const float second = random.range(0, 0.15F);
    const int waves = random.between(2, 5);
    const float phase = random.unit();
    return around(20, true, [=](int, float turns) {
        const float a = first * sine_cosine(turns * static_cast<float>(waves) + phase).sine;
        const float b = second * sine_cosine(turns + 2 * phase).sine;
        return (1 + a + b) / (1 + first + second);
    });
}

Outline rounded_outline(Random& random) {
    const float r = random.range(0.1F, 0.6F);
    const float k = r * 0.3F;
    return {{1, -1 + r, true},      {1, 1 - r, true},      {1 - k, 1 - k, true}, {1 - r, 1, true},
            {-1 + r, 1, true},      {-1 + k, 1 - k, true}, {-1, 1 - r, true},    {-1, -1 + r, true},
            {-1 + k, -1 + k, true}, {-1 + r, -1, true},    {1 - r, -1, true},    {1 - k, -1 + k, true}};
}

Outline car_outline(Random& random) {
    const float bonnet = random.range(-0.2F, 0.15F);
    const float front = random.range(0.1F, 0.7F);
    const float back = random.range(-0.95F, -0.3F);
    const float roof = random.range(0.5F, 1.0F);
    return {{1, -0.6F, false},           {1, bonnet - 0.1F, false},  {front + 0.05F, bonnet + 0.1F, false},
            {front - 0.3F, roof, false}, {back + 0.1F, roof, false}, {back - 0.04F, bonnet + 0.15F, false},
            {-1, bonnet, false},         {-1, -0.6F, false}};
}

Outline crescent_outline(Random& random) {
    const float inner = random.range(0.5F, 0.85F);
    const float open = random.range(0.12F, 0.3F);
    Outline outline;
    constexpr int steps = 10;
    for (int i = 0; i <= steps; ++i) {
        const auto [s, c] = sine_cosine(open + (1 - 2 * open) * static_cast<float>(i) / steps);
        outline.push_back({c, s, i != 0 && i != steps});
    }
    for (int i = steps; i >= 0; --i) {
        const auto [s, c] = sine_cosine(open + (1 - 2 * open) * static_cast<float>(i) / steps);
        outline.push_back({c * inner, s * inner, i != 0 && i != steps});
    }
    return outline;
}

Outline shoe_outline(Random& random) {
    const float toe = random.range(-0.45F, -0.1F);
    const float instep = random.range(-0.1F, 0.35F);
    const float collar = random.range(0.1F, 0.9F);
    return {{0.8F, -0.5F, true},
            {1, toe - 0.1F, true},
            {0.85F, toe, true},
            {0.4F, instep * 0.6F, true},
            {0, instep + 0.1F, false},
            {-0.25F, collar, false},
            {-0.9F, collar * 0.95F, false},
            {-1, 0, true},
            {-0.97F, -0.5F, false}};
}

Outline gear_outline(Random& random) {
    const int teeth = random.between(4, 6);
    const float depth = random.range(0.6F, 0.85F);
    return around(teeth * 4, false, [=](int i, float) { return i % 4 < 2 ? 1.0F : depth; });
}

Outline star_outline(Random& random) {
    const int rays = random.between(3, 9);
    const float depth = random.range(0.3F, 0.75F);
    return around(rays * 2, false, [=](int i, float) { return i % 2 == 0 ? 1.0F : depth; });
}

Outline cross_outline(float w) {
    return {{w, -1, false}, {w, -w, false},  {1, -w, false},  {1, w, false},
            {w, w, false},  {w, 1, false},   {-w, 1, false},  {-w, w, false},
            {-1, w, false}, {-1, -w, false}, {-w, -w, false}, {-w, -1, false}};
}

Outline heart_outline() {
    return {{0, -1, false},        {0.5F, -0.45F, true},  {0.9F, 0.05F, true},  {1, 0.45F, true},
            {0.85F, 0.8F, true},   {0.55F, 0.95F, true},  {0.22F, 0.85F, true}, {0, 0.5F, false},
            {-0.22F, 0.85F, true}, {-0.55F, 0.95F, true}, {-0.85F, 0.8F, true}, {-1, 0.45F, true},
            {-0.9F, 0.05F, true},  {-0.5F, -0.45F, true}};
}

Outline arch_outline(Random& random) {
    const float inner = random.range(0.4F, 0.8F);
    const float foot = random.range(-1.0F, 0);
    Outline outline;
    constexpr int steps = 8;
    outline.push_back({1, foot, false});
    for (int i = 0; i <= steps; ++i) {
        const auto [s, c] = sine_cosine(0.5F * static_cast<float>(i) / steps);
        outline.push_back({c, s, true});
    }
    outline.push_back({-1, foot, false});
    outline.push_back({-inner, foot, false});
    for (int i = steps; i >= 0; --i) {
        const auto [s, c] = sine_cosine(0.5F * static_cast<float>(i) / steps);
        outline.push_back({c * inner, s * inner, true});
    }
    outline.push_back({inner, foot, false});
    return outline;
}

Outline leaf_outline(Random& random) {
    const float width = random.range(0.3F, 0.7F);
    Outline outline;
    constexpr int steps = 8;
    for (int i = 0; i < steps; ++i) {
        const float x = 1 - 2 * static_cast<float>(i) / steps;
        outline.push_back({x, width * (1 - x * x), i != 0});
    }
    for (int i = 0; i < steps; ++i) {
        const float x = 2 * static_cast<float>(i) / steps - 1;
        outline.push_back({x, -width * (1 - x * x), i != 0});
    }
    return outline;
}

}  // namespace

std::vector<OutlineEdge> edges_of(const Outline& outline) {
    std::vector<OutlineEdge> edges;
    const std::size_t count = outline.size();
    for (std::size_t i = 0; i < count; ++i) {
        const OutlinePoint& before = outline[(i + count - 1) % count];
        const OutlinePoint& a = outline[i];
        const OutlinePoint& b = outline[(i + 1) % count];
        const OutlinePoint& after = outline[(i + 2) % count];
        const Normal own = normal_of(a, b);
        const Normal left = normal_of(before, a);
        const Normal right = normal_of(b, after);
        const Normal n0 = a.smooth ? unit(own.x + left.x, own.y + left.y) : own;
        const Normal n1 = b.smooth ? unit(own.x + right.x, own.y + right.y) : own;
        edges.push_back({a.x, a.y, b.x, b.y, n0.x, n0.y, n1.x, n1.y});
    }
    return edges;
}

Outline lathe_outline(LatheKind kind, Random& random) {
    Outline outline;
    switch (kind) {
        case LatheKind::vase:
            return vase_outline(random);
        case LatheKind::bowl:
        case LatheKind::cup:
            return bowl_outline(kind == LatheKind::bowl, random);
        case LatheKind::capsule: {
            const float cap = random.range(0.15F, 0.6F);
            outline = arc_of_revolution(-0.25F, 0, 5, -1 + cap, cap);
            const Outline top = arc_of_revolution(0, 0.25F, 5, 1 - cap, cap);
            outline.insert(outline.end(), top.begin(), top.end());
            return outline;
        }
        case LatheKind::wheel:
            return wheel_outline(random);
        case LatheKind::bottle:
            return bottle_outline(random);
        case LatheKind::dome: {
            outline = arc_of_revolution(0, 0.25F, 8, -1, 2);
            outline.front().smooth = false;
            outline.insert(outline.begin(), {0, -1, false});
            return outline;
        }
        case LatheKind::ring: {
            const float inner = random.range(0.4F, 0.88F);
            return {{inner, -1, false}, {1, -1, false}, {1, 1, false}, {inner, 1, false}};
        }
        case LatheKind::shade: {
            const float top = random.range(0.3F, 0.9F);
            const float t = random.range(0.03F, 0.08F);
            return {{1 - t, -1, false}, {1, -1, false}, {top, 1, false}, {top - t, 1, false}};
        }
        case LatheKind::egg: {
            const float skew = random.range(-0.3F, 0.3F);
            outline = arc_of_revolution(-0.25F, 0.25F, 13, 0, 1);
            for (OutlinePoint& point : outline) {
                point.x *= 1 - skew * point.y - absolute(skew) * 0.3F;
            }
            return outline;
        }
        case LatheKind::goblet:
            return goblet_outline(random);
        case LatheKind::spindle:
            return spindle_outline(random);
        case LatheKind::plate: {
            const float well = random.range(0.4F, 0.8F);
            const float t = random.range(0.15F, 0.4F);
            return {{0, -1, false}, {well, -1, false},         {1, 1 - t, false},
                    {1, 1, false},  {well, -1 + 2 * t, false}, {0, -1 + 2 * t, false}};
        }
        case LatheKind::tube: {
            const float inner = random.range(0.7F, 0.93F);
            return {{inner, -1, false}, {1, -1, false}, {1, 1, false}, {inner, 1, false}};
        }
    }
    return outline;
}

Outline random_lathe_outline(Random& random) {
    return lathe_outline(static_cast<LatheKind>(random.below(lathe_kinds)), random);
}

Outline flat_outline(FlatKind kind, Random& random) {
    switch (kind) {
        case FlatKind::polygon:
            return around(random.between(3, 8), false, [](int, float) { return 1.0F; });
        case FlatKind::star:
            return star_outline(random);
        case FlatKind::gear:
            return gear_outline(random);
        case FlatKind::cross:
            return cross_outline(random.range(0.15F, 0.6F));
        case FlatKind::corner: {
            const float w = random.range(0.2F, 1.2F);
            return {{-1, -1, false},         {1, -1, false},     {1, -1 + w, false},
                    {-1 + w, -1 + w, false}, {-1 + w, 1, false}, {-1, 1, false}};
        }
        case FlatKind::tee: {
            const float w = random.range(0.15F, 0.5F);
            const float h = random.range(0.3F, 0.8F);
            return {{-w, -1, false}, {w, -1, false}, {w, 1 - h, false},  {1, 1 - h, false},
                    {1, 1, false},   {-1, 1, false}, {-1, 1 - h, false}, {-w, 1 - h, false}};
        }
        case FlatKind::channel: {
            const float w = random.range(0.15F, 0.6F);
            return {{-1, -1, false},        {1, -1, false},          {1, 1, false},      {1 - w, 1, false},
                    {1 - w, -1 + w, false}, {-1 + w, -1 + w, false}, {-1 + w, 1, false}, {-1, 1, false}};
        }
        case FlatKind::arrow: {
            const float w = random.range(0.15F, 0.5F);
            return {{-1, -w, false},     {0.2F, -w, false}, {0.2F, -0.8F, false}, {1, 0, false},
                    {0.2F, 0.8F, false}, {0.2F, w, false},  {-1, w, false}};
        }
        case FlatKind::heart:
            return heart_outline();
        case FlatKind::arch:
            return arch_outline(random);
        case FlatKind::rounded:
            return rounded_outline(random);
        case FlatKind::wedge:
            return {{-1, -1, false}, {1, -1, false}, {random.range(-1, 1), 1, false}};
        case FlatKind::trapezoid: {
            const float top = random.range(0.3F, 0.9F);
            return {{-1, -1, false}, {1, -1, false}, {top, 1, false}, {-top, 1, false}};
        }
        case FlatKind::blob:
            return blob_outline(random);
        case FlatKind::house: {
            const float eaves = random.range(-0.2F, 0.5F);
            return {{-0.85F, -1, false}, {0.85F, -1, false}, {0.85F, eaves, false}, {1, eaves, false},
                    {0, 1, false},       {-1, eaves, false}, {-0.85F, eaves, false}};
        }
        case FlatKind::car:
            return car_outline(random);
        case FlatKind::crescent:
            return crescent_outline(random);
        case FlatKind::shoe:
            return shoe_outline(random);
        case FlatKind::leaf:
            return leaf_outline(random);
    }
    return {};
}

Outline random_flat_outline(Random& random) {
    return flat_outline(static_cast<FlatKind>(random.below(flat_kinds)), random);
}

}  // namespace lact
