// A generated world as words, the parts nearest to the camera first (engine/procedural/world_buffer.h), and
// the noise of its surfaces: the same integer hashes and arithmetic as engine/procedural/waves.h.
layout(std430, set = 0, binding = 0) readonly buffer WorldWords {
    uint words[];
};

const uint part_words = 39u;
const uint edge_words = 8u;
const uint material_words = 25u;
const uint decal_words = 25u;

const uint at_lighting = 8u;
const uint at_letters = 28u;  // Two words per letter: bit 5 * row + column.

// Fields of a part: offsets in words from its first word.
const uint part_shape = 0u;
const uint part_material = 1u;
const uint part_first_edge = 2u;
const uint part_edge_count = 3u;
const uint part_first_decal = 4u;
const uint part_decal_count = 5u;
const uint part_center = 6u;
const uint part_rotation = 9u;
const uint part_size = 18u;
const uint part_bound_radius = 21u;
const uint part_numbers = 22u;
const uint part_holes = 31u;

float number(uint at) {
    return uintBitsToFloat(words[at]);
}
vec3 triple(uint at) {
    return vec3(number(at), number(at + 1u), number(at + 2u));
}
uint place_of_part(uint i) {
    return words[1] + i * part_words;
}
uint place_of_edge(uint i) {
    return words[2] + i * edge_words;
}
uint place_of_material(uint i) {
    return words[3] + i * material_words;
}
uint place_of_decal(uint i) {
    return words[4] + i * decal_words;
}

int floor_to_int(float v) {
    return int(floor(v));
}
float fraction(float v) {
    return v - floor(v);
}

uint hash_of(int x, int y, int z, uint seed) {
    uint h = uint(x) * 374761393u + uint(y) * 668265263u + uint(z) * 2147483647u + seed * 974711u;
    h = (h ^ (h >> 13u)) * 1274126177u;
    h ^= h >> 16u;
    h *= 2246822519u;
    return h ^ (h >> 15u);
}
// The upper 24 bits of a hash as a number in [0, 1).
float unit_of(uint h) {
    return float(int(h >> 8u)) * (1.0 / 16777216.0);
}

float wave(float x) {
    float f = x - floor(x + 0.5);
    return f * (8.0 - 16.0 * abs(f));
}

float noise_line(int x, int y, int z, float fx, uint seed) {
    float a = unit_of(hash_of(x, y, z, seed));
    float b = unit_of(hash_of(x + 1, y, z, seed));
    return a + (b - a) * fx;
}
// Value noise in [0, 1] with one random value per integer lattice point.
float noise(vec3 p, uint seed) {
    ivec3 i = ivec3(floor(p));
    vec3 f = p - vec3(i);
    f = f * f * (3.0 - 2.0 * f);
    float low0 = noise_line(i.x, i.y, i.z, f.x, seed);
    float low = low0 + (noise_line(i.x, i.y + 1, i.z, f.x, seed) - low0) * f.y;
    float high0 = noise_line(i.x, i.y, i.z + 1, f.x, seed);
    float high = high0 + (noise_line(i.x, i.y + 1, i.z + 1, f.x, seed) - high0) * f.y;
    return low + (high - low) * f.z;
}

// The angle of (x, y) in turns, in (-0.5, 0.5].
float turns_of(float y, float x) {
    float ax = abs(x);
    float ay = abs(y);
    float most = max(ax, ay);
    if (most <= 0.0) {
        return 0.0;
    }
    float r = min(ax, ay) / most;
    float s = r * r;
    float tail = 0.0308034 + s * (-0.0185309 + s * (0.00838 - s * 0.0018655));
    float turns = r * (0.1591513 + s * (-0.0529387 + s * tail));
    turns = ay > ax ? 0.25 - turns : turns;
    turns = x < 0.0 ? 0.5 - turns : turns;
    return y < 0.0 ? -turns : turns;
}

// As normalized() of engine/procedural/exact_math.h: +z for a vector that is too short.
vec3 unit_vector(vec3 a) {
    float l = sqrt(dot(a, a));
    return l > 1e-12 ? a * (1.0 / l) : vec3(0.0, 0.0, 1.0);
}
