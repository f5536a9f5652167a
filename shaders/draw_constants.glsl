// The same block in app/window/vulkan/quad_pipelines.h.
layout(push_constant) uniform Draw {
    vec4 rect;    // Left, top, width, height in clip space.
    vec4 cells;   // First column and row, number of columns and rows shown.
    vec2 range;   // Heat map: values of both ends of the colour map.
    uint filter_;  // Picture: 0 nearest, 1 bicubic.
    float grid;   // Heat map: opacity of the grid, 0 … 1.
    vec2 pixels;  // Pixels a cell covers, horizontally and vertically.
}
draw;
