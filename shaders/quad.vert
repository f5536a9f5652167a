// A rectangle without a vertex buffer: four corners of a triangle strip, placed by push constants.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "draw_constants.glsl"

layout(location = 0) out vec2 cell;  // Position in the texture in cells (texels).

void main() {
    vec2 corner = vec2(gl_VertexIndex & 1, gl_VertexIndex >> 1);
    cell = draw.cells.xy + corner * draw.cells.zw;
    gl_Position = vec4(draw.rect.xy + corner * draw.rect.zw, 0.0, 1.0);
}
