// Draws a generated world of WorldKind::object as engine/procedural/draw.cpp does, sample for sample, in two
// passes: first the corners of all pixels, then the pixels. A pixel is the mean of its corners or, where
// these differ, of 3 x 3 samples within.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "world_buffer.glsl"
#include "world_intersect.glsl"
#include "world_surface.glsl"

layout(local_size_x = 8, local_size_y = 8) in;
layout(set = 0, binding = 1, rgba32f) uniform image2D corners;  // Size + 1 along each axis.
layout(set = 0, binding = 2, rgba8) uniform writeonly image2D rendering;

// Matches ViewConstants in app/gfx/vulkan/world_painter.h.
layout(push_constant) uniform View {
    vec4 right;    // Axes and position of the camera in the world.
    vec4 down;
    vec4 forward;
    vec4 eye;
    vec4 lens;     // 1 / fx, 1 / fy, cx, cy in pixels.
    ivec2 size;    // Of the image.
    int resolve;   // 0: draw the corners; 1: the pixels.
}
view;

const float far_away = 1e9;
const float contrast = 0.06;
const int sub_samples = 3;
const uint no_part = 0xffffffffu;

// A vector in the frame of the unit shape of a part.
vec3 to_local(uint part, vec3 v) {
    uint r = part + part_rotation;
    return (triple(r) * v.x + triple(r + 3u) * v.y + triple(r + 6u) * v.z) / triple(part + part_size);
}

// The nearest part along a ray (index of its first word) or no_part; `any_hit`: the first one found.
uint trace(vec3 origin, vec3 direction, bool any_hit, inout LocalHit best) {
    uint met = no_part;
    uint count = words[0];
    [[dont_unroll]] for (uint first = 0u; first < count; first += 32u) {
        // Tests bounding spheres of 32 parts, then the shapes of those hit.
        uint candidates = 0u;
        uint end = min(32u, count - first);
        [[dont_unroll]] for (uint i = 0u; i < end; ++i) {
            uint part = place_of_part(first + i);
            vec3 from = origin - triple(part + part_center);
            float radius = number(part + part_bound_radius);
            float b = dot(from, direction);
            float c = dot(from, from) - radius * radius;
            candidates |= (b > 0.0 && c > 0.0) || b * b < c ? 0u : 1u << i;
        }
        [[dont_unroll]] while (candidates != 0u) {
            uint part = place_of_part(first + uint(findLSB(candidates)));
            candidates &= candidates - 1u;
            vec3 o = to_local(part, origin - triple(part + part_center));
            if (intersect(part, o, to_local(part, direction), best)) {
                met = part;
                if (any_hit) {
                    return met;
                }
            }
        }
    }
    return met;
}

struct Surface {
    vec3 colour;
    vec3 at;
    vec3 normal;
    float key;  // Cosine to the key light, before its shadow.
    uint material;
};

// The surface at a hit.
Surface surface_at(uint part, LocalHit hit, vec3 direction) {
    vec3 size = triple(part + part_size);
    uint r = part + part_rotation;
    vec3 eye = view.eye.xyz;
    SurfacePoint point;
    point.p = to_local(part, eye - triple(part + part_center)) + to_local(part, direction) * hit.t;
    point.q = point.p * abs(size);
    point.normal = unit_vector(hit.normal / abs(size));
    vec3 n = unit_vector(hit.normal / size);
    Surface surface;
    surface.normal = vec3(dot(triple(r), n), dot(triple(r + 3u), n), dot(triple(r + 6u), n));
    surface.normal = dot(surface.normal, direction) > 0.0 ? -surface.normal : surface.normal;
    surface.at = eye + direction * hit.t;
    surface.material = place_of_material(words[part + part_material]);
    surface.colour = surface_colour(part, surface.material, point);
    surface.key = max(dot(surface.normal, triple(at_lighting + 6u)), 0.0);
    return surface;
}

vec3 shade(Surface surface, float key, vec3 direction) {
    float fill = max(dot(surface.normal, triple(at_lighting + 12u)), 0.0);
    vec3 light = triple(at_lighting) + triple(at_lighting + 3u) * (0.5 + 0.5 * surface.normal.z) +
                 triple(at_lighting + 9u) * key + triple(at_lighting + 15u) * fill;
    vec3 colour = surface.colour * light;
    float specular = number(surface.material + 23u);
    if (specular > 0.0 && key > 0.0) {
        float h = dot(unit_vector(triple(at_lighting + 6u) - direction), surface.normal);
        int times = int(number(surface.material + 24u));
        [[dont_unroll]] for (int i = 0; i < times; ++i) {
            h *= h;
        }
        colour += specular * h;
    }
    return clamp(colour, 0.0, 1.0);
}

// Colour and coverage at a position in the image. One loop traces the camera ray and then the shadow ray, so
// that the program contains the shapes once.
vec4 sample_at(vec2 place) {
    vec2 uv = (place - view.lens.zw) * view.lens.xy;
    float inv = 1.0 / sqrt(1.0 + uv.x * uv.x + uv.y * uv.y);
    vec3 direction = (view.right.xyz * uv.x + view.down.xyz * uv.y + view.forward.xyz) * inv;
    vec3 light = triple(at_lighting + 6u);
    float shadow = number(at_lighting + 18u);

    vec3 from = view.eye.xyz;
    vec3 towards = direction;
    Surface surface;
    bool shadowed = false;
    [[dont_unroll]] for (int pass = 0; pass < 2; ++pass) {
        LocalHit hit = LocalHit(far_away, vec3(0.0));
        uint met = trace(from, towards, pass == 1, hit);
        if (pass == 1) {
            shadowed = met != no_part;
            break;
        }
        if (met == no_part) {
            return vec4(1.0, 1.0, 1.0, 0.0);
        }
        surface = surface_at(met, hit, direction);
        if (surface.key <= 0.0 || shadow <= 0.0) {
            break;
        }
        from = surface.at + surface.normal * 2e-3;
        towards = light;
    }
    return vec4(shade(surface, shadowed ? surface.key * (1.0 - shadow) : surface.key, direction), 1.0);
}

void main() {
    ivec2 at = ivec2(gl_GlobalInvocationID.xy);
    ivec2 all = view.size + (view.resolve == 0 ? 1 : 0);
    if (at.x >= all.x || at.y >= all.y) {
        return;
    }
    vec4 mean = vec4(0.0);
    int samples = 1;
    if (view.resolve != 0) {
        vec4 a = imageLoad(corners, at);
        vec4 b = imageLoad(corners, at + ivec2(1, 0));
        vec4 c = imageLoad(corners, at + ivec2(0, 1));
        vec4 d = imageLoad(corners, at + ivec2(1, 1));
        vec4 spread = max(max(a, b), max(c, d)) - min(min(a, b), min(c, d));
        mean = (a + b + c + d) / 4.0;
        bool differ = max(spread.r, max(spread.g, spread.b)) > contrast || spread.a > 0.0;
        samples = differ ? sub_samples * sub_samples : 0;
    }
    vec4 sum = vec4(0.0);
    [[dont_unroll]] for (int i = 0; i < samples; ++i) {
        vec2 within = (vec2(i % sub_samples, i / sub_samples) + 0.5) / float(sub_samples);
        sum += sample_at(vec2(at) + (view.resolve == 0 ? vec2(0.0) : within));
    }
    if (view.resolve == 0) {
        imageStore(corners, at, sum);
    } else {
        mean = samples > 0 ? sum / float(samples) : mean;
        imageStore(rendering, at, vec4(floor(mean.rgb * 255.0 + 0.5) / 255.0, 1.0));
    }
}
