#include "engine/procedural/surface.h"

#include "engine/procedural/waves.h"

namespace lact {

namespace {

using Rows = std::array<std::uint8_t, 7>;  // Five pixels a row, the left one is bit 4; rows from the top.

constexpr std::array<Rows, 36> letters{{
    {0x0E, 0x11, 0x11, 0x1F, 0x11, 0x11, 0x11}, {0x1E, 0x11, 0x11, 0x1E, 0x11, 0x11, 0x1E},
    {0x0E, 0x11, 0x10, 0x10, 0x10, 0x11, 0x0E}, {0x1E, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1E},
    {0x1F, 0x10, 0x10, 0x1E, 0x10, 0x10, 0x1F}, {0x1F, 0x10, 0x10, 0x1E, 0x10, 0x10, 0x10},
    {0x0E, 0x11, 0x10, 0x17, 0x11, 0x11, 0x0F}, {0x11, 0x11, 0x11, 0x1F, 0x11, 0x11, 0x11},
    {0x0E, 0x04, 0x04, 0x04, 0x04, 0x04, 0x0E}, {0x07, 0x02, 0x02, 0x02, 0x02, 0x12, 0x0C},
    {0x11, 0x12, 0x14, 0x18, 0x14, 0x12, 0x11}, {0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x1F},
    {0x11, 0x1B, 0x15, 0x15, 0x11, 0x11, 0x11}, {0x11, 0x19, 0x15, 0x13, 0x11, 0x11, 0x11},
    {0x0E, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0E}, {0x1E, 0x11, 0x11, 0x1E, 0x10, 0x10, 0x10},
    {0x0E, 0x11, 0x11, 0x11, 0x15, 0x12, 0x0D}, {0x1E, 0x11, 0x11, 0x1E, 0x14, 0x12, 0x11},
    {0x0F, 0x10, 0x10, 0x0E, 0x01, 0x01, 0x1E}, {0x1F, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04},
    {0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0E}, {0x11, 0x11, 0x11, 0x11, 0x11, 0x0A, 0x04},
    {0x11, 0x11, 0x11, 0x15, 0x15, 0x1B, 0x11}, {0x11, 0x11, 0x0A, 0x04, 0x0A, 0x11, 0x11},
    {0x11, 0x11, 0x0A, 0x04, 0x04, 0x04, 0x04}, {0x1F, 0x01, 0x02, 0x04, 0x08, 0x10, 0x1F},
    {0x0E, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0E}, {0x04, 0x0C, 0x04, 0x04, 0x04, 0x04, 0x0E},
    {0x0E, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1F}, {0x1F, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0E},
    {0x02, 0x06, 0x0A, 0x12, 0x1F, 0x02, 0x02}, {0x1F, 0x10, 0x1E, 0x01, 0x01, 0x11, 0x0E},
    {0x06, 0x08, 0x10, 0x1E, 0x11, 0x11, 0x0E}, {0x1F, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08},
    {0x0E, 0x11, 0x11, 0x0E, 0x11, 0x11, 0x0E}, {0x0E, 0x11, 0x11, 0x0F, 0x01, 0x02, 0x0C},
}};

}  // namespace

bool letter_covers(std::uint32_t letter, float u, float v) {
    if (u < 0 || u >= 1 || v <= 0 || v > 1) {
        return false;
    }
    const int column = static_cast<int>(u * 5);
    const int row = static_cast<int>((1 - v) * 7);
    const unsigned bits = letters[letter % letters.size()][static_cast<std::size_t>(row)];
    return ((bits >> static_cast<unsigned>(4 - column)) & 1U) != 0;
}

namespace {

/// The fractional part, in [0, 1).
float fraction(float v) {
    return v - static_cast<float>(floor_to_int(v));
}

struct Cell {
    int x = 0;
    int y = 0;
    int z = 0;
};
Cell cell_of(const Vec3f& y) {
    return {floor_to_int(y.x), floor_to_int(y.y), floor_to_int(y.z)};
}

const Vec3f& color_at(const Material& m, std::uint32_t number) {
    return m.color[number % 4];
}

Vec3f clouds(const Material& m, const Vec3f& y) {
    const float n = 0.6F * noise(y, m.seed) + 0.4F * noise(y * 2.1F, m.seed + 9);
    return mix(m.color[0], m.color[1], clamp01((n - 0.3F) * 2.5F));
}

Vec3f camouflage(const Material& m, const Vec3f& y) {
    const float n = 0.75F * noise(y, m.seed) + 0.25F * noise(y * 2.3F, m.seed + 5);
    return n > 0.6F ? m.color[2] : n > 0.45F ? m.color[1] : m.color[0];
}

Vec3f dots(const Material& m, const Vec3f& y) {
    const Cell c = cell_of(y);
    const Vec3f f{y.x - static_cast<float>(c.x) - 0.5F, y.y - static_cast<float>(c.y) - 0.5F,
                  y.z - static_cast<float>(c.z) - 0.5F};
    if (dot(f, f) > 0.05F + 0.15F * m.threshold) {
        return m.color[0];
    }
    return color_at(m, 1 + hash_of(c.x, c.y, c.z, m.seed) % 3);
}

Vec3f marble(const Material& m, const Vec3f& q, const Vec3f& y) {
    const float n = noise(y, m.seed) + 0.5F * noise(y * 2.2F, m.seed + 3);
    const float w = 0.5F + 0.5F * wave(dot(q, m.direction) * m.frequency * 0.5F + n);
    return mix(m.color[0], m.color[1], w);
}

/// Rings around a tilted axis, as in sawn wood.
Vec3f wood(const Material& m, const Vec3f& q) {
    const Vec3f p = q + m.offset * 0.1F;
    const float along = dot(p, m.direction);
    const Vec3f across = p - m.direction * along;
    const Vec3f stretched = across * 3 + m.direction * (along * 0.6F);
    const float r = length(across) * m.frequency + 0.8F * noise(stretched, m.seed);
    const float ring = fraction(r);
    const float grain = noise(across * 24 + m.direction * (along * 2), m.seed + 1);
    return mix(m.color[0], m.color[1], clamp01(ring * ring * 0.8F + 0.35F * grain));
}

/// Smooth noise over all colours, like a blurred photograph.
Vec3f photo(const Material& m, const Vec3f& y) {
    const float a = clamp01((noise(y, m.seed) - 0.25F) * 2);
    const float b = clamp01((noise(y * 1.7F, m.seed + 1) - 0.25F) * 2);
    const float c = noise(y * 3.9F, m.seed + 2);
    const Vec3f base = mix(mix(m.color[0], m.color[1], a), mix(m.color[2], m.color[3], a), b);
    return base * (0.7F + 0.6F * c);
}

Vec3f plaid(const Material& m, const Vec3f& y) {
    const float a = fraction(y.x);
    const float b = fraction(y.y);
    const float c = fraction(y.z);
    const auto band = [](float f) { return f < 0.35F ? 1.0F : f > 0.6F && f < 0.68F ? 2.0F : 0.0F; };
    const float total = band(a) + band(b) + band(c);
    return mix(m.color[0], m.color[1], clamp01(total * 0.25F));
}

Vec3f bricks(const Material& m, const Vec3f& y, const Vec3f& normal) {
    const bool facing_x = absolute(normal.x) > absolute(normal.y);
    const float row = y.z * 2;
    const int level = floor_to_int(row);
    const float along = (facing_x ? y.y : y.x) + ((level & 1) != 0 ? 0.5F : 0.0F);
    if (fraction(row) < 0.14F || fraction(along) < 0.07F) {
        return m.color[0];
    }
    const float shade = 0.85F + 0.3F * unit_of(hash_of(floor_to_int(along), level, 0, m.seed));
    return m.color[1] * shade;
}

Vec3f faces(const Material& m, const Vec3f& normal) {
    const Vec3f n = absolute(normal);
    const int axis = n.x > n.y && n.x > n.z ? 0 : n.y > n.z ? 1 : 2;
    const int side = 2 * axis + (normal[axis] > 0 ? 1 : 0);
    return color_at(m, hash_of(side, 1, 2, m.seed));
}

/// Bands along z; the middle one has a row of shapes or letters around the axis.
Vec3f label(const Material& m, const SurfacePoint& point) {
    const float z = point.p.z;
    const float half = 0.2F + 0.4F * m.threshold;
    if (absolute(z) > half) {
        return absolute(z) > half + 0.15F ? m.color[0] : m.color[3];
    }
    const auto decals = static_cast<float>(3 + m.seed % 9);
    const float around = (turns_of(point.p.y, point.p.x) + 0.5F) * decals;
    const float u = fraction(around) * 1.3F - 0.15F;
    const float v = z / half * 0.65F + 0.5F;
    const std::uint32_t h = hash_of(floor_to_int(around), 0, 0, m.seed);
    bool covered = false;
    switch (m.seed % 5) {
        case 0:
        case 1:
            covered = letter_covers(h, u, v);
            break;
        case 2:
            covered = (u - 0.5F) * (u - 0.5F) + (v - 0.5F) * (v - 0.5F) < 0.12F;
            break;
        case 3:
            covered = absolute(u - 0.5F) + absolute(v - 0.5F) < 0.4F;
            break;
        default:
            covered = u > 0.5F;
            break;
    }
    return covered ? m.color[2] : m.color[1];
}

Vec3f pattern(const Material& m, const SurfacePoint& point) {
    const Vec3f y = point.q * m.frequency + m.offset;
    const float along = dot(point.q, m.direction) * m.frequency;
    switch (m.kind) {
        case MaterialKind::solid:
            return m.color[0];
        case MaterialKind::gradient:
            return mix(m.color[0], m.color[1], clamp01(0.5F + along * 0.3F));
        case MaterialKind::stripes:
            return fraction(along * 0.7F + m.offset.x) < m.threshold ? m.color[0] : m.color[1];
        case MaterialKind::soft_stripes:
            return mix(m.color[0], m.color[1], 0.5F + 0.5F * wave(along * 0.5F + m.offset.x));
        case MaterialKind::checks: {
            const Cell c = cell_of(y);
            return ((c.x + c.y + c.z) & 1) != 0 ? m.color[0] : m.color[1];
        }
        case MaterialKind::dots:
            return dots(m, y);
        case MaterialKind::patches: {
            const Cell c = cell_of(y);
            return color_at(m, hash_of(c.x, c.y, c.z, m.seed));
        }
        case MaterialKind::clouds:
            return clouds(m, y);
        case MaterialKind::camouflage:
            return camouflage(m, y);
        case MaterialKind::marble:
            return marble(m, point.q, y);
        case MaterialKind::wood:
            return wood(m, point.q);
        case MaterialKind::speckles:
            return noise(y * 4, m.seed) > 0.68F ? m.color[1] : m.color[0];
        case MaterialKind::photo:
            return photo(m, y);
        case MaterialKind::plaid:
            return plaid(m, y);
        case MaterialKind::bricks:
            return bricks(m, y, point.normal);
        case MaterialKind::faces:
            return faces(m, point.normal);
        case MaterialKind::label:
            return label(m, point);
        case MaterialKind::rings: {
            const float r = std::sqrt(point.q.x * point.q.x + point.q.y * point.q.y);
            return fraction(r * m.frequency + m.offset.x) < m.threshold ? m.color[0] : m.color[1];
        }
    }
    return m.color[0];
}

/// Whether a row of letters covers (u, v) in [-1, 1]^2; `aspect` is width / height.
bool text_covers(float u, float v, float aspect, std::uint32_t seed) {
    const float rows = aspect < 3 ? 2.0F : 1.0F;
    const float y = (v + 1) * 0.5F * rows;
    const int row = floor_to_int(y);
    const float columns =
        static_cast<float>(larger(1, static_cast<float>(floor_to_int(aspect * rows * 1.1F + 0.5F))));
    const float x = (u + 1) * 0.5F * columns;
    const int column = floor_to_int(x);
    const std::uint32_t h = hash_of(column, row, 3, seed);
    if ((h >> 8U) % 8 == 0) {
        return false;  // space between words
    }
    return letter_covers(h >> 12U, (x - static_cast<float>(column)) * 1.25F - 0.1F,
                         (y - static_cast<float>(row)) * 1.25F - 0.12F);
}

Vec3f image(const Decal& decal, float u, float v) {
    const Vec3f y{u * 1.6F + 7, v * 1.6F + 3, 0.5F};
    const float horizon = 0.5F * (noise({u * 1.5F, 0.5F, 0.5F}, decal.seed) - 0.5F);
    Vec3f color =
        v > horizon ? mix(decal.color[1], decal.color[0], clamp01(0.4F + 0.6F * v)) : decal.color[2];
    color = mix(color, decal.color[decal.seed % 3], 0.7F * clamp01((noise(y, decal.seed) - 0.45F) * 3));
    const int discs = static_cast<int>(decal.seed % 4);
    for (int i = 0; i < discs; ++i) {
        const std::uint32_t h = hash_of(i, 5, 7, decal.seed);
        const float du = u - 1.2F * (unit_of(h) - 0.5F);
        const float dv = v - 1.2F * (unit_of(h * 3U + 7U) - 0.5F);
        const float r = 0.12F + 0.3F * unit_of(h * 5U + 1U);
        if (du * du + dv * dv < r * r) {
            color = decal.color[(h >> 4U) % 3];
        }
    }
    return color * (0.8F + 0.4F * noise(y * 3, decal.seed + 1));
}

/// Whether a one-coloured decal covers (u, v) in [-1, 1]^2.
bool decal_covers(const Decal& decal, float u, float v) {
    const float r2 = u * u + v * v;
    const float aspect = decal.half_width / decal.half_height;
    switch (decal.kind) {
        case DecalKind::disc:
            return r2 < 1;
        case DecalKind::ring:
            return r2 < 1 && r2 > 0.4F;
        case DecalKind::rectangle:
            return true;
        case DecalKind::frame:
            return absolute(u) > 0.75F || absolute(v) > 0.75F;
        case DecalKind::cross:
            return absolute(u) < 0.3F || absolute(v) < 0.3F;
        case DecalKind::star: {
            const float f = absolute(fraction(turns_of(u, v) * 5) - 0.5F) * 2;
            const float r = 0.42F + 0.58F * f * f;
            return r2 < r * r;
        }
        case DecalKind::triangle:
            return absolute(u) < 0.5F * (1 - v);
        case DecalKind::heart: {
            const float x = absolute(u);
            const float y = v - 0.6F * std::sqrt(x) + 0.15F;
            return x * x + y * y < 0.8F;
        }
        case DecalKind::letter:
            return letter_covers(decal.seed, u * 0.5F + 0.5F, v * 0.5F + 0.5F);
        case DecalKind::text:
            return text_covers(u, v, aspect, decal.seed);
        case DecalKind::lines: {
            const float y = (v + 1) * 3;
            const float end = 0.4F + 0.6F * unit_of(hash_of(floor_to_int(y), 0, 0, decal.seed));
            return fraction(y) < 0.55F && (u + 1) * 0.5F < end;
        }
        case DecalKind::barcode:
            return unit_of(hash_of(floor_to_int((u + 1) * 9), 0, 0, decal.seed)) < 0.5F;
        case DecalKind::stripes:
            return fraction((u * 0.8F + v * 0.35F + 2) * 1.8F) < 0.5F;
        case DecalKind::checks:
            return ((floor_to_int((u + 1) * 3 * larger(aspect, 1)) + floor_to_int((v + 1) * 3)) & 1) != 0;
        default:
            return false;
    }
}

/// Draws a decal over `color`.
void draw_decal(const Decal& decal, float u, float v, Vec3f& color) {
    const float r2 = u * u + v * v;
    switch (decal.kind) {
        case DecalKind::eye: {
            if (r2 > 1) {
                return;
            }
            const float a = u * u + (v + 0.1F) * (v + 0.1F);
            color = a < 0.1F ? decal.color[2] : a < 0.36F ? decal.color[1] : decal.color[0];
            return;
        }
        case DecalKind::smile: {
            const float y = v - 1.4F * u * u + 0.6F;
            if (absolute(y) < 0.28F) {
                color = decal.color[0];
            }
            return;
        }
        case DecalKind::image:
            color = absolute(u) > 0.93F || absolute(v) > 0.93F ? decal.color[0] : image(decal, u, v);
            return;
        case DecalKind::window: {
            const bool bar =
                absolute(u) > 0.82F || absolute(v) > 0.82F || absolute(u) < 0.08F || absolute(v) < 0.08F;
            color = bar ? decal.color[1] : decal.color[0];
            return;
        }
        case DecalKind::lines:
        case DecalKind::barcode:
            color = decal_covers(decal, u, v) ? Vec3f{0.12F, 0.12F, 0.14F}
                                              : mix(color, {0.95F, 0.95F, 0.95F}, 0.9F);
            return;
        default:
            if (decal_covers(decal, u, v)) {
                color = decal.color[0];
            }
            return;
    }
}

}  // namespace

Vec3f material_color(const Material& material, const SurfacePoint& point) {
    const Vec3f color = pattern(material, point);
    if (material.grain <= 0) {
        return color;
    }
    const float n = noise(point.q * 14.0F, material.seed + 17) - 0.5F;
    return color * (1 + 2 * material.grain * n);
}

Vec3f surface_color(const World& world, const Part& part, const SurfacePoint& point) {
    Vec3f color = material_color(world.materials[part.material], point);
    for (std::uint32_t i = 0; i < part.decal_count; ++i) {
        const Decal& decal = world.decals[part.first_decal + i];
        if (dot(point.normal, decal.normal) < 0.25F) {
            continue;
        }
        const Vec3f from = point.q - decal.center;
        const float u = dot(from, decal.right) / decal.half_width;
        const float v = dot(from, decal.up) / decal.half_height;
        if (absolute(u) <= 1 && absolute(v) <= 1) {
            draw_decal(decal, u, v, color);
        }
    }
    return color;
}

}  // namespace lact
