// Displays a matrix as colours: one texel of an R32F texture is one cell. A pixel that covers several cells
// shows their mean. Where a cell covers many pixels, grid lines fade in around every 256th, 16th and every
// cell.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_samplerless_texture_functions : require
#include "draw_constants.glsl"

layout(set = 0, binding = 0) uniform texture2D matrix_;
layout(location = 0) in vec2 cell;
layout(location = 0) out vec4 colour;

layout(constant_id = 0) const bool diverging = true;  // Otherwise sequential.
layout(constant_id = 1) const bool several_cells = true;  // May a pixel cover more than one cell?

#define LACT_POINT(r, g, b) vec3(r, g, b)
const vec3 diverging_points[9] = vec3[9](
#define LACT_DIVERGING
#include "colour_points.inc"
#undef LACT_DIVERGING
);
const vec3 sequential_points[9] = vec3[9](
#define LACT_SEQUENTIAL
#include "colour_points.inc"
#undef LACT_SEQUENTIAL
);
const vec3 not_a_number = vec3(0.85, 0.0, 0.85);
const int samples = 4;  // Samples per pixel footprint and axis; fixed, because dynamic loops are slow on a software rasterizer.

// No ?: operator: with constants it becomes a constant itself, which Mesa 22.3 evaluates incorrectly.
vec3 point(int i) {
    if (diverging) {
        return diverging_points[i];
    }
    return sequential_points[i];
}

// Visits all points instead of indexing by a value of the pixel: twice as fast on a software rasterizer.
vec3 colour_of(float value) {
    float t = clamp((value - draw.range.x) / (draw.range.y - draw.range.x), 0.0, 1.0) * 8.0;
    vec3 c = point(0);
    for (int i = 0; i < 8; ++i) {
        c += (point(i + 1) - point(i)) * clamp(t - float(i), 0.0, 1.0);
    }
    return c;
}

float cell_value(vec2 at, ivec2 size) {
    return texelFetch(matrix_, clamp(ivec2(floor(at)), ivec2(0), size - 1), 0).r;
}

float mean_of_footprint(ivec2 size) {
    if (!several_cells) {
        return cell_value(cell, size);
    }
    vec2 footprint = max(1.0 / draw.pixels, vec2(1.0));
    float sum = 0.0;
    for (int y = 0; y < samples; ++y) {
        for (int x = 0; x < samples; ++x) {
            vec2 offset = ((vec2(x, y) + 0.5) / float(samples) - 0.5) * (footprint - 1.0);
            sum += cell_value(cell + offset, size);
        }
    }
    return sum / float(samples * samples);
}

// Strength of the lines around every `step`-th cell at this pixel.
float grid_lines(float step) {
    vec2 spacing = draw.pixels * step;  // Pixels between two lines.
    vec2 to_line = abs(cell / step - round(cell / step)) * spacing;
    vec2 strength = smoothstep(vec2(7.0), vec2(24.0), spacing) * (1.0 - smoothstep(vec2(0.4), vec2(1.1), to_line));
    return max(strength.x, strength.y);
}

void main() {
    ivec2 size = textureSize(matrix_, 0);
    float value = mean_of_footprint(size);
    vec3 c = isnan(value) || isinf(value) ? not_a_number : colour_of(value);
    float lines = max(0.35 * grid_lines(1.0), max(0.55 * grid_lines(16.0), 0.75 * grid_lines(256.0)));
    colour = vec4(mix(c, vec3(0.1), lines * draw.grid), 1.0);
}
