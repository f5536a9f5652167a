// Matches the struct in app/gfx/vulkan/quad_pipelines.h.
layout(push_constant) uniform Draw {
    vec4 rect;    // Left, top, width, height in clip space.
    vec4 cells;   // First column and row, number of columns and rows.
    vec2 range;   // Heat map: values at both ends of the colour map.
    uint filter_;  // Image: 0 nearest, 1 bicubic.
    float grid;   // Heat map: opacity of the grid, 0 … 1.
    vec2 pixels;  // Size of a cell in pixels, horizontally and vertically.
}
draw;
