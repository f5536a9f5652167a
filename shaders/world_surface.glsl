// Surface colours of a world: engine/procedural/surface.cpp for a shader. One loop evaluates the noise of
// all materials, since every branch is costly on a software rasterizer.
struct SurfacePoint {
    vec3 p;       // In the unit frame of the part.
    vec3 q;       // With the sizes applied.
    vec3 normal;  // Unit length, in the rotated frame of the part.
};

// Whether letter `letter` (of 36) covers (u, v) in [0, 1]^2, with v upwards.
bool letter_covers(uint letter, float u, float v) {
    if (u < 0.0 || u >= 1.0 || v <= 0.0 || v > 1.0) {
        return false;
    }
    uint bit = uint(int((1.0 - v) * 7.0) * 5 + int(u * 5.0));
    uint word = words[at_letters + 2u * (letter % 36u) + (bit >> 5u)];
    return ((word >> (bit & 31u)) & 1u) != 0u;
}

vec3 material_colour_at(uint material, uint i) {
    return triple(material + 2u + 3u * (i % 4u));
}

float stripes_of_plaid(float f) {
    return f < 0.35 ? 1.0 : f > 0.6 && f < 0.68 ? 2.0 : 0.0;
}

vec3 bricks(uint material, uint seed, vec3 y, vec3 normal) {
    float row = y.z * 2.0;
    int level = floor_to_int(row);
    float along = (abs(normal.x) > abs(normal.y) ? y.y : y.x) + ((level & 1) != 0 ? 0.5 : 0.0);
    if (fraction(row) < 0.14 || fraction(along) < 0.07) {
        return material_colour_at(material, 0u);
    }
    return material_colour_at(material, 1u) * (0.85 + 0.3 * unit_of(hash_of(floor_to_int(along), level, 0, seed)));
}

// Bands along z; the middle one has a row of shapes or letters around the axis.
vec3 label(uint material, uint seed, float threshold, vec3 p) {
    float band = 0.2 + 0.4 * threshold;
    if (abs(p.z) > band) {
        return material_colour_at(material, abs(p.z) > band + 0.15 ? 0u : 3u);
    }
    float around = (turns_of(p.y, p.x) + 0.5) * float(int(3u + seed % 9u));
    float u = fraction(around) * 1.3 - 0.15;
    float v = p.z / band * 0.65 + 0.5;
    uint kind = seed % 5u;
    bool covered;
    if (kind < 2u) {
        covered = letter_covers(hash_of(floor_to_int(around), 0, 0, seed), u, v);
    } else if (kind == 2u) {
        covered = (u - 0.5) * (u - 0.5) + (v - 0.5) * (v - 0.5) < 0.12;
    } else if (kind == 3u) {
        covered = abs(u - 0.5) + abs(v - 0.5) < 0.4;
    } else {
        covered = u > 0.5;
    }
    return material_colour_at(material, covered ? 2u : 1u);
}

// Noise terms of a material: their number, factors of the position and offsets of the seed. The grain
// follows the last term.
struct Noises {
    int count;
    vec3 factor;
    uvec3 seed;
};
Noises noises_of(uint kind) {
    switch (kind) {
        case 7u: return Noises(2, vec3(1.0, 2.1, 0.0), uvec3(0u, 9u, 0u));      // clouds
        case 8u: return Noises(2, vec3(1.0, 2.3, 0.0), uvec3(0u, 5u, 0u));      // camouflage
        case 9u: return Noises(2, vec3(1.0, 2.2, 0.0), uvec3(0u, 3u, 0u));      // marble
        case 10u: return Noises(2, vec3(0.0), uvec3(0u, 1u, 0u));               // wood has positions of its own
        case 11u: return Noises(1, vec3(4.0, 0.0, 0.0), uvec3(0u));             // speckles
        case 12u: return Noises(3, vec3(1.0, 1.7, 3.9), uvec3(0u, 1u, 2u));     // photo
    }
    return Noises(0, vec3(0.0), uvec3(0u));
}

// Patterns made of noise terms n.
vec3 noisy_pattern(uint material, uint kind, vec3 n, float along, float radius) {
    vec3 c0 = material_colour_at(material, 0u);
    vec3 c1 = material_colour_at(material, 1u);
    vec3 c2 = material_colour_at(material, 2u);
    float m = 0.0;
    if (kind == 7u) {
        m = clamp((0.6 * n.x + 0.4 * n.y - 0.3) * 2.5, 0.0, 1.0);
    } else if (kind == 8u) {
        float t = 0.75 * n.x + 0.25 * n.y;
        return t > 0.6 ? c2 : t > 0.45 ? c1 : c0;
    } else if (kind == 9u) {
        m = 0.5 + 0.5 * wave(along * 0.5 + (n.x + 0.5 * n.y));
    } else if (kind == 10u) {
        float ring = fraction(radius + 0.8 * n.x);
        m = clamp(ring * ring * 0.8 + 0.35 * n.y, 0.0, 1.0);
    } else if (kind == 11u) {
        return n.x > 0.68 ? c1 : c0;
    } else {
        float a = clamp((n.x - 0.25) * 2.0, 0.0, 1.0);
        float b = clamp((n.y - 0.25) * 2.0, 0.0, 1.0);
        vec3 first = c0 + (c1 - c0) * a;
        vec3 second = c2 + (material_colour_at(material, 3u) - c2) * a;
        return (first + (second - first) * b) * (0.7 + 0.6 * n.z);
    }
    return c0 + (c1 - c0) * m;
}

// Patterns made of cells, stripes and distances.
vec3 plain_pattern(uint material, uint kind, SurfacePoint point, vec3 y, float along) {
    uint seed = words[material + 1u];
    float offset = number(material + 17u);
    float threshold = number(material + 21u);
    ivec3 c = ivec3(floor(y));
    float m = 0.0;  // Weight between the first two colours.
    switch (kind) {
        case 1u:  // gradient
            m = clamp(0.5 + along * 0.3, 0.0, 1.0);
            break;
        case 2u:  // stripes
            m = fraction(along * 0.7 + offset) < threshold ? 0.0 : 1.0;
            break;
        case 3u:  // soft stripes
            m = 0.5 + 0.5 * wave(along * 0.5 + offset);
            break;
        case 4u:  // checks
            m = ((c.x + c.y + c.z) & 1) != 0 ? 0.0 : 1.0;
            break;
        case 5u: {  // dots
            vec3 f = y - vec3(c) - 0.5;
            uint which = dot(f, f) > 0.05 + 0.15 * threshold ? 0u : 1u + hash_of(c.x, c.y, c.z, seed) % 3u;
            return material_colour_at(material, which);
        }
        case 6u:  // patches
            return material_colour_at(material, hash_of(c.x, c.y, c.z, seed));
        case 13u: {  // plaid
            vec3 f = fract(y);
            m = clamp((stripes_of_plaid(f.x) + stripes_of_plaid(f.y) + stripes_of_plaid(f.z)) * 0.25, 0.0, 1.0);
            break;
        }
        case 14u:
            return bricks(material, seed, y, point.normal);
        case 15u: {  // one colour per side of a box
            vec3 n = abs(point.normal);
            int axis = n.x > n.y && n.x > n.z ? 0 : n.y > n.z ? 1 : 2;
            int side = 2 * axis + (point.normal[axis] > 0.0 ? 1 : 0);
            return material_colour_at(material, hash_of(side, 1, 2, seed));
        }
        case 16u:
            return label(material, seed, threshold, point.p);
        case 17u: {  // rings
            float r = sqrt(point.q.x * point.q.x + point.q.y * point.q.y);
            m = fraction(r * number(material + 20u) + offset) < threshold ? 0.0 : 1.0;
            break;
        }
    }
    vec3 c0 = material_colour_at(material, 0u);
    return m <= 0.0 ? c0 : c0 + (material_colour_at(material, 1u) - c0) * m;
}

vec3 material_colour(uint material, SurfacePoint point) {
    uint kind = words[material];
    uint seed = words[material + 1u];
    vec3 direction = triple(material + 14u);
    vec3 offset = triple(material + 17u);
    float frequency = number(material + 20u);
    float grain = number(material + 22u);
    vec3 y = point.q * frequency + offset;
    float along = dot(point.q, direction) * frequency;
    vec3 in_wood = point.q + offset * 0.1;
    float trunk = dot(in_wood, direction);
    vec3 across = in_wood - direction * trunk;

    Noises noises = noises_of(kind);
    int total = noises.count + (grain > 0.0 ? 1 : 0);
    vec3 n = vec3(0.0);
    float grainy = 0.5;
    [[dont_unroll]] for (int i = 0; i < total; ++i) {
        bool is_grain = i == noises.count;
        float factor = i == 0 ? noises.factor.x : i == 1 ? noises.factor.y : noises.factor.z;
        uint added = i == 0 ? noises.seed.x : i == 1 ? noises.seed.y : noises.seed.z;
        vec3 at = y * factor;
        if (kind == 10u) {
            at = i == 0 ? across * 3.0 + direction * (trunk * 0.6) : across * 24.0 + direction * (trunk * 2.0);
        }
        float v = noise(is_grain ? point.q * 14.0 : at, seed + (is_grain ? 17u : added));
        grainy = is_grain ? v : grainy;
        n = is_grain ? n : i == 0 ? vec3(v, n.yz) : i == 1 ? vec3(n.x, v, n.z) : vec3(n.xy, v);
    }
    vec3 colour;
    if (noises.count > 0) {
        colour = noisy_pattern(material, kind, n, along, sqrt(dot(across, across)) * frequency);
    } else {
        colour = plain_pattern(material, kind, point, y, along);
    }
    return colour * (1.0 + 2.0 * grain * (grainy - 0.5));
}

// Whether a row of letters covers (u, v) in [-1, 1]^2; `aspect` is width / height.
bool text_covers(float u, float v, float aspect, uint seed) {
    float rows = aspect < 3.0 ? 2.0 : 1.0;
    float y = (v + 1.0) * 0.5 * rows;
    int row = floor_to_int(y);
    float x = (u + 1.0) * 0.5 * max(1.0, floor(aspect * rows * 1.1 + 0.5));
    int column = floor_to_int(x);
    uint h = hash_of(column, row, 3, seed);
    if ((h >> 8u) % 8u == 0u) {
        return false;  // Space between words.
    }
    return letter_covers(h >> 12u, (x - float(column)) * 1.25 - 0.1, (y - float(row)) * 1.25 - 0.12);
}

vec3 decal_colour(uint decal, uint i) {
    return triple(decal + 16u + 3u * i);
}

vec3 small_image(uint decal, float u, float v) {
    uint seed = words[decal + 1u];
    vec3 y = vec3(u * 1.6 + 7.0, v * 1.6 + 3.0, 0.5);
    vec3 n = vec3(0.0);
    [[dont_unroll]] for (int i = 0; i < 3; ++i) {
        vec3 at = i == 0 ? vec3(u * 1.5, 0.5, 0.5) : i == 1 ? y : y * 3.0;
        float value = noise(at, seed + (i == 2 ? 1u : 0u));
        n = i == 0 ? vec3(value, n.yz) : i == 1 ? vec3(n.x, value, n.z) : vec3(n.xy, value);
    }
    float horizon = 0.5 * (n.x - 0.5);
    vec3 colour = decal_colour(decal, 2u);
    if (v > horizon) {
        vec3 low = decal_colour(decal, 1u);
        colour = low + (decal_colour(decal, 0u) - low) * clamp(0.4 + 0.6 * v, 0.0, 1.0);
    }
    colour += (decal_colour(decal, seed % 3u) - colour) * (0.7 * clamp((n.y - 0.45) * 3.0, 0.0, 1.0));
    int discs = int(seed % 4u);
    [[dont_unroll]] for (int i = 0; i < discs; ++i) {
        uint h = hash_of(i, 5, 7, seed);
        float du = u - 1.2 * (unit_of(h) - 0.5);
        float dv = v - 1.2 * (unit_of(h * 3u + 7u) - 0.5);
        float r = 0.12 + 0.3 * unit_of(h * 5u + 1u);
        if (du * du + dv * dv < r * r) {
            colour = decal_colour(decal, (h >> 4u) % 3u);
        }
    }
    return colour * (0.8 + 0.4 * n.z);
}

// Whether a one-coloured decal covers (u, v) in [-1, 1]^2.
bool decal_covers(uint decal, uint kind, float u, float v) {
    uint seed = words[decal + 1u];
    float r2 = u * u + v * v;
    float aspect = number(decal + 14u) / number(decal + 15u);
    switch (kind) {
        case 0u: return r2 < 1.0;                              // disc
        case 1u: return r2 < 1.0 && r2 > 0.4;                  // ring
        case 2u: return true;                                  // rectangle
        case 3u: return abs(u) > 0.75 || abs(v) > 0.75;        // frame
        case 4u: return abs(u) < 0.3 || abs(v) < 0.3;          // cross
        case 5u: {                                             // star
            float f = abs(fraction(turns_of(u, v) * 5.0) - 0.5) * 2.0;
            float r = 0.42 + 0.58 * f * f;
            return r2 < r * r;
        }
        case 6u: return abs(u) < 0.5 * (1.0 - v);              // triangle
        case 7u: {                                             // heart
            float y = v - 0.6 * sqrt(abs(u)) + 0.15;
            return u * u + y * y < 0.8;
        }
        case 8u: return letter_covers(seed, u * 0.5 + 0.5, v * 0.5 + 0.5);
        case 9u: return text_covers(u, v, aspect, seed);
        case 10u: {                                            // lines
            float y = (v + 1.0) * 3.0;
            float end = 0.4 + 0.6 * unit_of(hash_of(floor_to_int(y), 0, 0, seed));
            return fraction(y) < 0.55 && (u + 1.0) * 0.5 < end;
        }
        case 11u: return unit_of(hash_of(floor_to_int((u + 1.0) * 9.0), 0, 0, seed)) < 0.5;  // barcode
        case 12u: return fraction((u * 0.8 + v * 0.35 + 2.0) * 1.8) < 0.5;                   // stripes
        case 13u:                                                                            // checks
            return ((floor_to_int((u + 1.0) * 3.0 * max(aspect, 1.0)) + floor_to_int((v + 1.0) * 3.0)) & 1) != 0;
    }
    return false;
}

// Draws a decal over `colour`.
void draw_decal(uint decal, float u, float v, inout vec3 colour) {
    uint kind = words[decal];
    vec2 a = abs(vec2(u, v));
    if (kind == 14u) {  // eye
        float iris = u * u + (v + 0.1) * (v + 0.1);
        if (u * u + v * v <= 1.0) {
            colour = decal_colour(decal, iris < 0.1 ? 2u : iris < 0.36 ? 1u : 0u);
        }
    } else if (kind == 15u) {  // smile
        if (abs(v - 1.4 * u * u + 0.6) < 0.28) {
            colour = decal_colour(decal, 0u);
        }
    } else if (kind == 16u) {
        colour = max(a.x, a.y) > 0.93 ? decal_colour(decal, 0u) : small_image(decal, u, v);
    } else if (kind == 17u) {  // window
        colour = decal_colour(decal, max(a.x, a.y) > 0.82 || min(a.x, a.y) < 0.08 ? 1u : 0u);
    } else {
        bool covered = decal_covers(decal, kind, u, v);
        if (kind == 10u || kind == 11u) {  // Grey print on white.
            colour = covered ? vec3(0.12, 0.12, 0.14) : colour + (vec3(0.95) - colour) * 0.9;
        } else if (covered) {
            colour = decal_colour(decal, 0u);
        }
    }
}

// The colour of a part at a point: its material and decals.
vec3 surface_colour(uint part, uint material, SurfacePoint point) {
    vec3 colour = material_colour(material, point);
    uint decal = place_of_decal(words[part + part_first_decal]);
    uint end = decal + words[part + part_decal_count] * decal_words;
    [[dont_unroll]] for (; decal < end; decal += decal_words) {
        if (dot(point.normal, triple(decal + 11u)) < 0.25) {
            continue;
        }
        vec3 from = point.q - triple(decal + 2u);
        float u = dot(from, triple(decal + 5u)) / number(decal + 14u);
        float v = dot(from, triple(decal + 8u)) / number(decal + 15u);
        if (abs(u) <= 1.0 && abs(v) <= 1.0) {
            draw_decal(decal, u, v, colour);
        }
    }
    return colour;
}
