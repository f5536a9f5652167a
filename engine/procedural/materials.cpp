#include "engine/procedural/materials.h"

#include "engine/procedural/exact_math.h"

namespace lact {
namespace {

Vec3f grey(float value) {
    return {value, value, value};
}

Vec3f shifted(const Vec3f& color, Random& random, float by) {
    const Vec3f delta{random.range(-by, by), random.range(-by, by), random.range(-by, by)};
    return {clamp01(color.x + delta.x), clamp01(color.y + delta.y), clamp01(color.z + delta.z)};
}

Vec3f vivid(Random& random) {
    const float hue = random.unit();
    const float saturation = random.range(0.55F, 1);
    const float value = random.range(0.45F, 1);
    return color_of_hsv(hue, saturation, value);
}

Vec3f pastel(Random& random) {
    const float hue = random.unit();
    const float saturation = random.range(0.08F, 0.4F);
    const float value = random.range(0.75F, 1);
    return color_of_hsv(hue, saturation, value);
}

Vec3f cream(Random& random) {
    const float hue = random.range(0.06F, 0.15F);
    const float saturation = random.range(0.05F, 0.35F);
    const float value = random.range(0.75F, 0.98F);
    return color_of_hsv(hue, saturation, value);
}

Vec3f dark(Random& random) {
    const float hue = random.unit();
    const float saturation = random.range(0, 0.5F);
    const float value = random.range(0.08F, 0.3F);
    return color_of_hsv(hue, saturation, value);
}

Vec3f metal(Random& random) {
    if (random.chance(0.25F)) {
        const float hue = random.range(0.07F, 0.13F);
        const float value = random.range(0.5F, 0.8F);
        return color_of_hsv(hue, 0.5F, value);
    }
    const float hue = random.range(0.5F, 0.7F);
    const float value = random.range(0.3F, 0.85F);
    return color_of_hsv(hue, 0.06F, value);
}

Vec3f themed_color(Theme::Kind kind, Random& random) {
    switch (kind) {
        case Theme::Kind::toy:
            return vivid(random);
        case Theme::Kind::wood:
            return wood_color(random);
        case Theme::Kind::cream:
            return cream(random);
        case Theme::Kind::dark:
            return dark(random);
        case Theme::Kind::metal:
            return metal(random);
        case Theme::Kind::pastel:
            return pastel(random);
        default:
            return random_color(random);
    }
}

MaterialKind random_pattern(Random& random) {
    using K = MaterialKind;
    static constexpr std::array kinds{K::stripes,  K::stripes,  K::soft_stripes, K::checks,     K::dots,
                                      K::patches,  K::clouds,   K::clouds,       K::camouflage, K::marble,
                                      K::wood,     K::speckles, K::photo,        K::photo,      K::plaid,
                                      K::bricks,   K::label,    K::label,        K::gradient,   K::gradient,
                                      K::gradient, K::faces,    K::rings};
    return kinds[static_cast<std::size_t>(random.below(static_cast<int>(kinds.size())))];
}

void give_gloss(Material& material, const Theme& theme, Random& random) {
    if (random.chance(theme.glossy)) {
        material.specular = random.range(0.1F, theme.kind == Theme::Kind::metal ? 0.7F : 0.45F);
        material.hardness = static_cast<float>(random.between(3, 6));
    }
    if (random.chance(theme.grainy)) {
        material.grain = random.range(0.02F, 0.14F);
    }
}

Vec3f pattern_direction(Random& random) {
    if (random.chance(0.35F)) {
        return random.direction();
    }
    Vec3f axis{0, 0, 0};
    axis.set(random.below(3), 1);
    return axis;
}

}  // namespace

Vec3f color_of_hsv(float hue, float saturation, float value) {
    const float h = (hue - static_cast<float>(floor_to_int(hue))) * 6;
    const int sector = floor_to_int(h);
    const float f = h - static_cast<float>(sector);
    const float p = value * (1 - saturation);
    const float q = value * (1 - saturation * f);
    const float t = value * (1 - saturation * (1 - f));
    switch (sector % 6) {
        case 0:
            return {value, t, p};
        case 1:
            return {q, value, p};
        case 2:
            return {p, value, t};
        case 3:
            return {p, q, value};
        case 4:
            return {t, p, value};
        default:
            return {value, p, q};
    }
}

Vec3f wood_color(Random& random) {
    const float hue = random.range(0.04F, 0.11F);
    const float saturation = random.range(0.3F, 0.75F);
    const float value = random.range(0.25F, 0.9F);
    return color_of_hsv(hue, saturation, value);
}

Vec3f skin_color(Random& random) {
    const float hue = random.range(0.03F, 0.09F);
    const float saturation = random.range(0.2F, 0.6F);
    const float value = random.range(0.35F, 1.0F);
    return color_of_hsv(hue, saturation, value);
}

Vec3f random_color(Random& random) {
    const float u = random.unit();
    if (u < 0.32F) {
        return vivid(random);
    }
    if (u < 0.47F) {
        return wood_color(random);
    }
    if (u < 0.55F) {
        return cream(random);
    }
    if (u < 0.63F) {
        return grey(random.range(0.05F, 0.3F));
    }
    if (u < 0.70F) {
        return grey(random.range(0.25F, 0.8F));
    }
    if (u < 0.78F) {
        return grey(random.range(0.85F, 0.98F));
    }
    if (u < 0.88F) {
        return pastel(random);
    }
    return {random.unit(), random.unit(), random.unit()};
}

Theme random_theme(Random& random) {
    using K = Theme::Kind;
    static constexpr std::array kinds{K::mixed, K::mixed,  K::mixed, K::mixed, K::mixed, K::toy,
                                      K::toy,   K::toy,    K::wood,  K::wood,  K::cream, K::dark,
                                      K::metal, K::pastel, K::plain, K::plain};
    Theme theme;
    theme.kind = kinds[static_cast<std::size_t>(random.below(static_cast<int>(kinds.size())))];
    for (std::size_t i = 0; i < 4; ++i) {
        const bool accent = i == 3 || random.chance(0.15F);
        theme.palette[i] = themed_color(accent ? K::mixed : theme.kind, random);
    }
    if (random.chance(0.4F)) {
        theme.palette[1] = shifted(theme.palette[0], random, 0.2F);
    }
    theme.textured =
        theme.kind == K::plain || theme.kind == K::toy ? random.range(0, 0.35F) : random.range(0.2F, 0.9F);
    theme.glossy = random.chance(0.4F) ? 0.0F : random.range(0.2F, 0.8F);
    if (theme.kind == K::metal) {
        theme.glossy = 0.9F;
    }
    theme.pattern_octave = random.range(0.4F, 2.4F);
    return theme;
}

Theme plain_theme(Random& random) {
    Theme theme;
    theme.kind = Theme::Kind::toy;
    for (Vec3f& color : theme.palette) {
        const float hue = random.unit();
        const float saturation = random.range(0.65F, 0.95F);
        color = color_of_hsv(hue, saturation, random.range(0.6F, 0.95F));
    }
    theme.textured = 0;
    theme.glossy = 0;
    theme.grainy = 0;
    return theme;
}

Material plain_material(const Vec3f& color, Random& random) {
    Material material;
    material.color = {color, color, color, color};
    material.seed = random.next();
    return material;
}

Material wood_material(Random& random) {
    Material material;
    material.kind = MaterialKind::wood;
    material.seed = random.next();
    const Vec3f light = wood_color(random);
    const float darker = random.range(0.55F, 0.9F);
    material.color = {light, light * darker, light, light * darker};
    material.direction = pattern_direction(random);
    material.offset = {random.range(-9, 9), random.range(-9, 9), random.range(-9, 9)};
    material.frequency = random.octaves(1.5F, 3.2F);
    material.grain = random.range(0.03F, 0.12F);
    return material;
}

Material patterned(MaterialKind kind, const Theme& theme, Random& random) {
    if (kind == MaterialKind::wood) {
        return wood_material(random);
    }
    Material material;
    material.kind = kind;
    material.seed = random.next();
    for (Vec3f& color : material.color) {
        color = random.chance(0.75F) ? theme.palette[static_cast<std::size_t>(random.below(4))]
                                     : random_color(random);
    }
    if (kind == MaterialKind::marble || kind == MaterialKind::clouds || kind == MaterialKind::speckles) {
        material.color[1] = shifted(material.color[0], random, random.chance(0.5F) ? 0.3F : 0.9F);
    }
    material.direction = pattern_direction(random);
    material.offset = {random.range(-9, 9), random.range(-9, 9), random.range(-9, 9)};
    const float octave = theme.pattern_octave + random.range(-0.7F, 0.7F);
    material.frequency = exp2_exact(kind == MaterialKind::photo ? octave * 0.6F : octave);
    material.threshold = random.range(0.2F, 0.8F);
    return material;
}

Material random_material(const Theme& theme, Random& random) {
    Material material;
    if (theme.kind == Theme::Kind::wood && random.chance(0.6F)) {
        material = wood_material(random);
    } else if (random.chance(theme.textured)) {
        material = patterned(random_pattern(random), theme, random);
    } else {
        material = plain_material(theme.palette[static_cast<std::size_t>(random.below(4))], random);
    }
    give_gloss(material, theme, random);
    return material;
}

}  // namespace lact
