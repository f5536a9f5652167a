// Displays an image: nearest texel, or Catmull-Rom bicubic (sharp, interpolates the texels). Filters sRGB
// values, as image viewers do; alpha blends over the background.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_samplerless_texture_functions : require
#include "draw_constants.glsl"

layout(set = 0, binding = 0) uniform texture2D source;
layout(location = 0) in vec2 cell;
layout(location = 0) out vec4 colour;

vec4 weights(float t) {
    return 0.5 * vec4(((2.0 - t) * t - 1.0) * t, (3.0 * t - 5.0) * t * t + 2.0, ((4.0 - 3.0 * t) * t + 1.0) * t,
                      (t - 1.0) * t * t);
}

vec4 bicubic(ivec2 size) {
    vec2 at = cell - 0.5;
    ivec2 first = ivec2(floor(at));
    vec2 t = at - vec2(first);
    vec4 across = weights(t.x);
    vec4 down = weights(t.y);
    vec4 sum = vec4(0.0);
    for (int y = 0; y < 4; ++y) {
        for (int x = 0; x < 4; ++x) {
            ivec2 texel = clamp(first + ivec2(x - 1, y - 1), ivec2(0), size - 1);
            sum += across[x] * down[y] * texelFetch(source, texel, 0);
        }
    }
    return clamp(sum, 0.0, 1.0);
}

void main() {
    ivec2 size = textureSize(source, 0);
    colour = draw.filter_ == 0u ? texelFetch(source, clamp(ivec2(floor(cell)), ivec2(0), size - 1), 0) : bicubic(size);
}
