// Intersection of a ray and a part in the frame of the part: engine/procedural/intersect.cpp for a shader.
// Loops are not unrolled: a software rasterizer executes all branches and leaves a loop once no invocation
// is active.
const float nearest_hit = 1e-4;

struct LocalHit {
    float t;
    vec3 normal;  // Outward, not normalised.
};

struct RayInterval {
    float begin;
    float end;
    int axis;  // Axis of the face that the ray enters through; -1: it starts inside.
};

float inverse_of(float v) {
    return 1.0 / (abs(v) < 1e-9 ? (v < 0.0 ? -1e-9 : 1e-9) : v);
}

RayInterval clip_to_box(vec3 o, vec3 d, vec3 half_size, float far) {
    vec3 inv = vec3(inverse_of(d.x), inverse_of(d.y), inverse_of(d.z));
    vec3 a = (-half_size - o) * inv;
    vec3 b = (half_size - o) * inv;
    vec3 enter = min(a, b);
    vec3 leave = max(a, b);
    RayInterval s = RayInterval(nearest_hit, min(far, min(leave.x, min(leave.y, leave.z))), -1);
    for (int axis = 0; axis < 3; ++axis) {
        if (enter[axis] > s.begin) {
            s.begin = enter[axis];
            s.axis = axis;
        }
    }
    return s;
}

vec3 axis_normal(int axis, vec3 d) {
    vec3 n = vec3(axis == 0 ? 1.0 : 0.0, axis == 1 ? 1.0 : 0.0, axis == 2 ? 1.0 : 0.0);
    return dot(n, d) > 0.0 ? -n : n;
}

bool hit_box(vec3 o, vec3 d, inout LocalHit hit) {
    RayInterval s = clip_to_box(o, d, vec3(1.0), hit.t);
    if (s.begin >= s.end || s.axis < 0) {
        return false;
    }
    hit = LocalHit(s.begin, axis_normal(s.axis, d));
    return true;
}

bool hit_ellipsoid(vec3 o, vec3 d, inout LocalHit hit) {
    float a = dot(d, d);
    float b = dot(o, d);
    float discriminant = b * b - a * (dot(o, o) - 1.0);
    if (discriminant < 0.0) {
        return false;
    }
    float t = (-b - sqrt(discriminant)) / a;
    if (t <= nearest_hit || t >= hit.t) {
        return false;
    }
    hit = LocalHit(t, o + d * t);
    return true;
}

// The lateral surface r(z) = a + b z of a cone for z in [low, high], visible from both sides.
bool hit_lateral_surface(vec3 o, vec3 d, float a, float b, float low, float high, inout LocalHit hit, inout float at_z) {
    float ro = a + b * o.z;
    float rd = b * d.z;
    float qa = d.x * d.x + d.y * d.y - rd * rd;
    float qb = o.x * d.x + o.y * d.y - ro * rd;
    float qc = o.x * o.x + o.y * o.y - ro * ro;
    float discriminant = qb * qb - qa * qc;
    if (discriminant < 0.0 || abs(qa) < 1e-12) {
        return false;
    }
    float root = sqrt(discriminant);
    float inv = 1.0 / qa;
    vec2 both = vec2(-qb - root, -qb + root) * inv;
    vec2 t = vec2(min(both.x, both.y), max(both.x, both.y));
    vec2 z = o.z + d.z * t;
    vec2 r = a + b * z;
    bool first = t.x > nearest_hit && t.x < hit.t && z.x >= low && z.x <= high && r.x >= 0.0;
    bool second = t.y > nearest_hit && t.y < hit.t && z.y >= low && z.y <= high && r.y >= 0.0;
    if (!first && !second) {
        return false;
    }
    float t_hit = first ? t.x : t.y;
    at_z = first ? z.x : z.y;
    hit = LocalHit(t_hit, vec3(o.xy + d.xy * t_hit, -(first ? r.x : r.y) * b));
    return true;
}

// The disc or annulus at height z.
bool hit_disc(vec3 o, vec3 d, float z, float inner, float outer, float side, inout LocalHit hit) {
    float t = (z - o.z) * inverse_of(d.z);
    if (t <= nearest_hit || t >= hit.t) {
        return false;
    }
    vec2 p = o.xy + d.xy * t;
    float squared = dot(p, p);
    if (squared > outer * outer || squared < inner * inner) {
        return false;
    }
    hit = LocalHit(t, vec3(0.0, 0.0, side));
    return true;
}

bool hit_frustum(float top, vec3 o, vec3 d, inout LocalHit hit) {
    float z = 0.0;
    bool found = hit_lateral_surface(o, d, 0.5 * (1.0 + top), 0.5 * (top - 1.0), -1.0, 1.0, hit, z);
    found = hit_disc(o, d, -1.0, 0.0, 1.0, -1.0, hit) || found;
    return hit_disc(o, d, 1.0, 0.0, top, 1.0, hit) || found;
}

bool hit_torus(uint part, vec3 o, vec3 d, inout LocalHit hit) {
    float tube = number(part + part_numbers);
    float ring = 1.0 - tube;
    float cut = number(part + part_numbers + 1u);
    RayInterval s = clip_to_box(o, d, vec3(1.0, 1.0, tube), hit.t);
    if (s.begin >= s.end) {
        return false;
    }
    float per_length = 1.0 / sqrt(dot(d, d));
    float t = s.begin;
    [[dont_unroll]] for (int i = 0; i < 40; ++i) {
        vec3 p = o + d * t;
        float r = sqrt(p.x * p.x + p.y * p.y);
        float round_gap = sqrt((r - ring) * (r - ring) + p.z * p.z) - tube;
        bool flat_side = cut - p.x > round_gap;
        float gap = flat_side ? cut - p.x : round_gap;
        if (gap < 4e-4) {
            if (t >= hit.t) {
                return false;
            }
            float k = 1.0 - ring / max(r, 1e-6);
            hit = LocalHit(t, flat_side ? vec3(-1.0, 0.0, 0.0) : vec3(p.xy * k, p.z));
            return true;
        }
        t += gap * per_length;
        if (t > s.end) {
            return false;
        }
    }
    return false;
}

// |v|^e and its derivative, for the exponents of superquadrics.
vec2 power(float v, float exponent) {
    float a = abs(v);
    float a2 = a * a;
    float a4 = a2 * a2;
    if (exponent < 2.5) {
        return vec2(a2, 2.0 * v);
    }
    if (exponent < 3.5) {
        return vec2(a2 * a, 3.0 * a2 * (v < 0.0 ? -1.0 : 1.0));
    }
    if (exponent < 5.0) {
        return vec2(a4, 4.0 * a2 * v);
    }
    return exponent < 7.0 ? vec2(a4 * a2, 6.0 * a4 * v) : vec2(a4 * a4, 8.0 * a4 * a2 * v);
}

float superquadric(vec3 exponents, vec3 p, out vec3 gradient) {
    vec2 x = power(p.x, exponents.x);
    vec2 y = power(p.y, exponents.y);
    vec2 z = power(p.z, exponents.z);
    gradient = vec3(x.y, y.y, z.y);
    return x.x + y.x + z.x - 1.0;
}

bool hit_superquadric(uint part, vec3 o, vec3 d, inout LocalHit hit) {
    RayInterval s = clip_to_box(o, d, vec3(1.0), hit.t);
    if (s.begin >= s.end) {
        return false;
    }
    vec3 exponents = triple(part + part_numbers);
    float t = s.begin;
    [[dont_unroll]] for (int i = 0; i < 12; ++i) {
        vec3 gradient;
        float f = superquadric(exponents, o + d * t, gradient);
        if (f < 1e-3) {
            hit = LocalHit(t, gradient);
            return true;
        }
        float slope = dot(gradient, d);
        if (slope >= 0.0) {
            return false;
        }
        t -= f / slope;
        if (t > s.end) {
            return false;
        }
    }
    return false;
}

bool hit_lathe(uint part, vec3 o, vec3 d, inout LocalHit hit) {
    RayInterval s = clip_to_box(o, d, vec3(1.0), hit.t);
    if (s.begin >= s.end) {
        return false;
    }
    float across = d.x * d.x + d.y * d.y;
    float moment = o.x * d.y - o.y * d.x;
    float closest = across > 1e-12 ? moment * moment / across : 0.0;  // Squared distance of the ray to the axis.
    bool found = false;
    uint edge = place_of_edge(words[part + part_first_edge]);
    uint end = edge + words[part + part_edge_count] * edge_words;
    [[dont_unroll]] for (; edge < end; edge += edge_words) {
        vec2 e0 = vec2(number(edge), number(edge + 1u));
        vec2 e1 = vec2(number(edge + 2u), number(edge + 3u));
        vec2 n0 = vec2(number(edge + 4u), number(edge + 5u));
        vec2 n1 = vec2(number(edge + 6u), number(edge + 7u));
        float widest = max(e0.x, e1.x);
        if (widest * widest < closest) {
            continue;
        }
        float rise = e1.y - e0.y;
        if (abs(rise) < 1e-5) {
            found = hit_disc(o, d, e0.y, min(e0.x, e1.x), widest, n0.y, hit) || found;
            continue;
        }
        float b = (e1.x - e0.x) / rise;
        float z = 0.0;
        if (hit_lateral_surface(o, d, e0.x - b * e0.y, b, min(e0.y, e1.y), max(e0.y, e1.y), hit, z)) {
            vec2 n = n0 + (n1 - n0) * ((z - e0.y) / rise);
            float k = n.x / max(sqrt(dot(hit.normal.xy, hit.normal.xy)), 1e-6);
            hit.normal = vec3(hit.normal.xy * k, n.y);
            found = true;
        }
    }
    return found;
}

bool inside_outline(uint part, vec2 p) {
    bool inside = false;
    uint edge = place_of_edge(words[part + part_first_edge]);
    uint end = edge + words[part + part_edge_count] * edge_words;
    [[dont_unroll]] for (; edge < end; edge += edge_words) {
        vec2 e0 = vec2(number(edge), number(edge + 1u));
        vec2 e1 = vec2(number(edge + 2u), number(edge + 3u));
        if ((e0.y > p.y) != (e1.y > p.y) && p.x < e0.x + (e1.x - e0.x) * (p.y - e0.y) / (e1.y - e0.y)) {
            inside = !inside;
        }
    }
    return inside;
}

bool hit_extrusion(uint part, vec3 o, vec3 d, inout LocalHit hit) {
    RayInterval s = clip_to_box(o, d, vec3(1.0), hit.t);
    if (s.begin >= s.end) {
        return false;
    }
    if (s.axis == 2 || s.begin <= nearest_hit) {
        float side = d.z > 0.0 ? -1.0 : 1.0;
        float t = (side - o.z) * inverse_of(d.z);
        if (t > nearest_hit && t < hit.t && inside_outline(part, o.xy + d.xy * t)) {
            hit = LocalHit(t, vec3(0.0, 0.0, side));
            return true;  // The ray enters the slab through the cap, so nothing lies before it.
        }
    }
    bool found = false;
    uint edge = place_of_edge(words[part + part_first_edge]);
    uint end = edge + words[part + part_edge_count] * edge_words;
    [[dont_unroll]] for (; edge < end; edge += edge_words) {
        vec2 e0 = vec2(number(edge), number(edge + 1u));
        vec2 along = vec2(number(edge + 2u), number(edge + 3u)) - e0;
        float denominator = d.x * along.y - d.y * along.x;
        if (abs(denominator) < 1e-9) {
            continue;
        }
        float inv = 1.0 / denominator;
        float t = ((e0.x - o.x) * along.y - (e0.y - o.y) * along.x) * inv;
        float m = ((e0.x - o.x) * d.y - (e0.y - o.y) * d.x) * inv;
        if (t <= nearest_hit || t >= hit.t || abs(o.z + d.z * t) > 1.0 || m < 0.0 || m > 1.0) {
            continue;
        }
        vec2 n0 = vec2(number(edge + 4u), number(edge + 5u));
        vec2 n1 = vec2(number(edge + 6u), number(edge + 7u));
        hit = LocalHit(t, vec3(n0 + (n1 - n0) * m, 0.0));
        found = true;
    }
    return found;
}

// Parameters of a sphere with three waves.
struct Bumps {
    vec3 amplitude;
    vec3 frequency;
    vec3 phase;
    float scale;
};
// Signed distance of a point from the displaced sphere, relative to the radius there; positive outside.
float displaced(Bumps b, vec3 p) {
    float r = sqrt(dot(p, p));
    vec3 at = b.frequency * p * (1.0 / max(r, 1e-6)) + b.phase;
    return r - b.scale * (1.0 + dot(b.amplitude, vec3(wave(at.x), wave(at.y), wave(at.z))));
}

bool hit_displaced(uint part, vec3 o, vec3 d, inout LocalHit hit) {
    uint numbers = part + part_numbers;
    Bumps bumps = Bumps(triple(numbers), triple(numbers + 3u), triple(numbers + 6u), 1.0);
    float strength = bumps.amplitude.x + bumps.amplitude.y + bumps.amplitude.z;
    bumps.scale = 1.0 / (1.0 + strength);
    float a = dot(d, d);
    float b = dot(o, d);
    float c = dot(o, o);
    float outer = b * b - a * (c - 1.0);
    if (outer < 0.0) {
        return false;
    }
    float inv = 1.0 / a;
    float begin = max((-b - sqrt(outer)) * inv, nearest_hit);
    float end = min((-b + sqrt(outer)) * inv, hit.t);
    float least = bumps.scale * (1.0 - strength);  // Everything within this radius is solid.
    float inner = b * b - a * (c - least * least);
    if (inner > 0.0) {
        end = min(end, (-b - sqrt(inner)) * inv + 1e-3);
    }
    if (begin >= end) {
        return false;
    }
    const int steps = 12;
    float stride = (end - begin) / float(steps);
    float outside = begin;
    float inside = begin;
    bool found = false;
    [[dont_unroll]] for (int i = 0; i <= steps && !found; ++i) {
        inside = begin + stride * float(i);
        found = displaced(bumps, o + d * inside) <= 0.0;
        outside = found ? outside : inside;
    }
    if (!found) {
        return false;
    }
    [[dont_unroll]] for (int i = 0; i < 6; ++i) {
        float middle = 0.5 * (outside + inside);
        bool solid = displaced(bumps, o + d * middle) <= 0.0;
        inside = solid ? middle : inside;
        outside = solid ? outside : middle;
    }
    vec3 p = o + d * inside;
    vec3 slope = vec3(0.0);
    [[dont_unroll]] for (int i = 0; i < 6; ++i) {
        vec3 axis = vec3(i < 2 ? 1.0 : 0.0, i == 2 || i == 3 ? 1.0 : 0.0, i > 3 ? 1.0 : 0.0);
        vec3 by = axis * ((i & 1) == 0 ? 4e-3 : -4e-3);
        slope += axis * (displaced(bumps, p + by) * ((i & 1) == 0 ? 1.0 : -1.0));
    }
    hit = LocalHit(inside, slope);
    return true;
}

// Whether a point lies inside the shape of a part with holes.
bool inside_shape(uint part, uint shape, vec3 p) {
    if (abs(p.z) > 1.0) {
        return false;
    }
    if (shape == 1u) {
        return dot(p, p) < 1.0;
    }
    if (shape == 2u) {
        float top = number(part + part_numbers);
        float r = 0.5 * (1.0 + top) + 0.5 * (top - 1.0) * p.z;
        return p.x * p.x + p.y * p.y < r * r;
    }
    if (shape == 4u) {
        vec3 gradient;
        return superquadric(triple(part + part_numbers), p, gradient) < 0.0;
    }
    if (shape == 6u) {
        return inside_outline(part, p.xy);
    }
    return abs(p.x) < 1.0 && abs(p.y) < 1.0;
}

// Continues a ray that enters the solid within a hole: to the wall or floor of the hole, or out through it.
bool pass_hole(uint part, uint shape, vec3 o, vec3 d, float far, inout LocalHit hit) {
    uint holes = part + part_holes;
    uint kind = words[holes];
    vec2 counts = vec2(float(int(words[holes + 1u])), float(int(words[holes + 2u])));
    vec2 half_size = vec2(number(holes + 3u), number(holes + 4u));
    vec2 fill = vec2(number(holes + 5u), number(holes + 6u));
    float bottom = number(holes + 7u);
    vec3 at = o + d * hit.t;
    if (abs(at.x) >= half_size.x || abs(at.y) >= half_size.y || at.z < bottom) {
        return true;
    }
    vec2 cell = half_size / counts;
    vec2 which = floor((at.xy + half_size) / (2.0 * cell));
    vec2 middle = (2.0 * which + 1.0) * cell - half_size;
    vec2 hole = cell * fill;
    vec2 u = (at.xy - middle) / hole;
    if (kind == 1u ? dot(u, u) >= 1.0 : max(abs(u.x), abs(u.y)) >= 1.0) {
        return true;
    }
    // In the frame of the hole its wall is the unit cylinder or square.
    vec3 scale = vec3(1.0 / hole, 1.0);
    vec3 p = (o - vec3(middle, 0.0)) * scale;
    vec3 v = d * scale;
    LocalHit wall = LocalHit(1e9, vec3(0.0, 0.0, 1.0));
    if (kind == 1u) {
        float a = dot(v.xy, v.xy);
        float b = dot(p.xy, v.xy);
        float c = dot(p.xy, p.xy) - 1.0;
        if (a > 1e-12) {
            wall.t = (-b + sqrt(max(b * b - a * c, 0.0))) / a;
            wall.normal = vec3(-(p.xy + v.xy * wall.t), 0.0) * scale;
        }
    } else {
        for (int axis = 0; axis < 2; ++axis) {
            float inv = inverse_of(v[axis]);
            float t = max((1.0 - p[axis]) * inv, (-1.0 - p[axis]) * inv);
            if (t < wall.t) {
                wall = LocalHit(t, axis_normal(axis, v));
            }
        }
    }
    float down = (bottom - o.z) * inverse_of(d.z);
    if (d.z < 0.0 && down < wall.t) {
        wall = LocalHit(down, vec3(0.0, 0.0, 1.0));
    }
    if (wall.t >= far || !inside_shape(part, shape, o + d * wall.t)) {
        return false;
    }
    hit = wall;
    return true;
}

// Intersects a part (index of its first word) with the ray o + t d in the frame of the part, for t < hit.t.
bool intersect(uint part, vec3 o, vec3 d, inout LocalHit hit) {
    uint shape = words[part + part_shape];
    LocalHit found = hit;
    bool met = false;
    switch (shape) {
        case 0u: met = hit_box(o, d, found); break;
        case 1u: met = hit_ellipsoid(o, d, found); break;
        case 2u: met = hit_frustum(number(part + part_numbers), o, d, found); break;
        case 3u: met = hit_torus(part, o, d, found); break;
        case 4u: met = hit_superquadric(part, o, d, found); break;
        case 5u: met = hit_lathe(part, o, d, found); break;
        case 6u: met = hit_extrusion(part, o, d, found); break;
        case 7u: met = hit_displaced(part, o, d, found); break;
    }
    if (met && words[part + part_holes] != 0u) {
        met = pass_hole(part, shape, o, d, hit.t, found);
    }
    if (met) {
        hit = found;
    }
    return met;
}
