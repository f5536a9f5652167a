#include "engine/procedural/intersect.h"

#include "engine/procedural/waves.h"

namespace lact {
namespace {

/// The interval of a ray inside a box around the origin.
struct RayInterval {
    float begin = 0;
    float end = 0;
    int axis = -1;  ///< Axis of the face that the ray enters through; -1: it starts inside.
    [[nodiscard]] bool empty() const { return begin >= end; }
};

float inverse(float v) {
    return 1 / (absolute(v) < 1e-9F ? (v < 0 ? -1e-9F : 1e-9F) : v);
}

RayInterval clip_to_box(const Vec3f& o, const Vec3f& d, const Vec3f& half, float far) {
    RayInterval s{nearest_hit, far, -1};
    for (int axis = 0; axis < 3; ++axis) {
        const float inv = inverse(d[axis]);
        const float a = (-half[axis] - o[axis]) * inv;
        const float b = (half[axis] - o[axis]) * inv;
        const float in = smaller(a, b);
        const float out = larger(a, b);
        if (in > s.begin) {
            s.begin = in;
            s.axis = axis;
        }
        s.end = smaller(s.end, out);
        if (s.begin > s.end) {
            return s;
        }
    }
    return s;
}

Vec3f axis_normal(int axis, float sign) {
    Vec3f n{0, 0, 0};
    n.set(axis, sign);
    return n;
}

bool hit_box(const Vec3f& o, const Vec3f& d, LocalHit& hit) {
    const RayInterval s = clip_to_box(o, d, {1, 1, 1}, hit.t);
    if (s.empty() || s.axis < 0) {
        return false;
    }
    hit = {s.begin, axis_normal(s.axis, d[s.axis] > 0 ? -1.0F : 1.0F)};
    return true;
}

bool hit_ellipsoid(const Vec3f& o, const Vec3f& d, LocalHit& hit) {
    const float a = dot(d, d);
    const float b = dot(o, d);
    const float c = dot(o, o) - 1;
    const float discriminant = b * b - a * c;
    if (discriminant < 0) {
        return false;
    }
    const float t = (-b - std::sqrt(discriminant)) / a;
    if (t <= nearest_hit || t >= hit.t) {
        return false;
    }
    hit = {t, o + d * t};
    return true;
}

/// The lateral surface r(z) = a + b z of a cone for z in [low, high], visible from both sides.
bool hit_lateral_surface(const Vec3f& o, const Vec3f& d, float a, float b, float low, float high,
                         LocalHit& hit, float& at_z) {
    const float ro = a + b * o.z;
    const float rd = b * d.z;
    const float qa = d.x * d.x + d.y * d.y - rd * rd;
    const float qb = o.x * d.x + o.y * d.y - ro * rd;
    const float qc = o.x * o.x + o.y * o.y - ro * ro;
    const float discriminant = qb * qb - qa * qc;
    if (discriminant < 0 || absolute(qa) < 1e-12F) {
        return false;
    }
    const float root = std::sqrt(discriminant);
    const float inv = 1 / qa;
    float first = (-qb - root) * inv;
    float second = (-qb + root) * inv;
    if (first > second) {
        const float swap = first;
        first = second;
        second = swap;
    }
    for (const float t : {first, second}) {
        const float z = o.z + d.z * t;
        if (t > nearest_hit && t < hit.t && z >= low && z <= high && a + b * z >= 0) {
            hit = {t, {o.x + d.x * t, o.y + d.y * t, -(a + b * z) * b}};
            at_z = z;
            return true;
        }
    }
    return false;
}

/// The disc or annulus at height z.
bool hit_disc(const Vec3f& o, const Vec3f& d, float z, float inner, float outer, float side, LocalHit& hit) {
    const float t = (z - o.z) * inverse(d.z);
    if (t <= nearest_hit || t >= hit.t) {
        return false;
    }
    const float x = o.x + d.x * t;
    const float y = o.y + d.y * t;
    const float squared = x * x + y * y;
    if (squared > outer * outer || squared < inner * inner) {
        return false;
    }
    hit = {t, {0, 0, side}};
    return true;
}

bool hit_frustum(float top, const Vec3f& o, const Vec3f& d, LocalHit& hit) {
    const float a = 0.5F * (1 + top);
    const float b = 0.5F * (top - 1);
    float z = 0;
    bool found = hit_lateral_surface(o, d, a, b, -1, 1, hit, z);
    found = hit_disc(o, d, -1, 0, 1, -1, hit) || found;
    return hit_disc(o, d, 1, 0, top, 1, hit) || found;
}

bool hit_torus(const Part& part, const Vec3f& o, const Vec3f& d, LocalHit& hit) {
    const float tube = part.numbers[0];
    const float ring = 1 - tube;
    const float cut = part.numbers[1];
    const RayInterval s = clip_to_box(o, d, {1, 1, tube}, hit.t);
    if (s.empty()) {
        return false;
    }
    const float step = 1 / length(d);
    const auto distance = [&](const Vec3f& p, bool& flat) {
        const float r = std::sqrt(p.x * p.x + p.y * p.y) - ring;
        const float round = std::sqrt(r * r + p.z * p.z) - tube;
        flat = cut - p.x > round;
        return flat ? cut - p.x : round;
    };
    float t = s.begin;
    for (int i = 0; i < 40; ++i) {
        const Vec3f p = o + d * t;
        bool flat = false;
        const float gap = distance(p, flat);
        if (gap < 4e-4F) {
            if (t >= hit.t) {
                return false;
            }
            const float r = std::sqrt(p.x * p.x + p.y * p.y);
            const float k = 1 - ring / larger(r, 1e-6F);
            hit = {t, flat ? Vec3f{-1, 0, 0} : Vec3f{p.x * k, p.y * k, p.z}};
            return true;
        }
        t += gap * step;
        if (t > s.end) {
            return false;
        }
    }
    return false;
}

/// |v|^e and its derivative, for the exponents of superquadrics.
struct Power {
    float value = 0;
    float slope = 0;
};
Power power(float v, float exponent) {
    const float a = absolute(v);
    const float sign = v < 0 ? -1.0F : 1.0F;
    const float a2 = a * a;
    if (exponent < 2.5F) {
        return {a2, 2 * v};
    }
    if (exponent < 3.5F) {
        return {a2 * a, 3 * a2 * sign};
    }
    if (exponent < 5) {
        return {a2 * a2, 4 * a2 * v};
    }
    const float a4 = a2 * a2;
    if (exponent < 7) {
        return {a4 * a2, 6 * a4 * v};
    }
    return {a4 * a4, 8 * a4 * a2 * v};
}

float superquadric(const Part& part, const Vec3f& p, Vec3f& gradient) {
    const Power x = power(p.x, part.numbers[0]);
    const Power y = power(p.y, part.numbers[1]);
    const Power z = power(p.z, part.numbers[2]);
    gradient = {x.slope, y.slope, z.slope};
    return x.value + y.value + z.value - 1;
}

/// Newton steps along the ray approach the convex surface from outside and never pass it.
bool hit_superquadric(const Part& part, const Vec3f& o, const Vec3f& d, LocalHit& hit) {
    const RayInterval s = clip_to_box(o, d, {1, 1, 1}, hit.t);
    if (s.empty()) {
        return false;
    }
    float t = s.begin;
    Vec3f gradient;
    for (int i = 0; i < 12; ++i) {
        const float f = superquadric(part, o + d * t, gradient);
        if (f < 1e-3F) {
            hit = {t, gradient};
            return true;
        }
        const float slope = dot(gradient, d);
        if (slope >= 0) {
            return false;
        }
        t -= f / slope;
        if (t > s.end) {
            return false;
        }
    }
    return false;
}

bool hit_lathe(const World& world, const Part& part, const Vec3f& o, const Vec3f& d, LocalHit& hit) {
    const RayInterval s = clip_to_box(o, d, {1, 1, 1}, hit.t);
    if (s.empty()) {
        return false;
    }
    const float across = d.x * d.x + d.y * d.y;
    const float moment = o.x * d.y - o.y * d.x;
    const float closest =
        across > 1e-12F ? moment * moment / across : 0.0F;  // squared distance of the ray to the axis
    bool found = false;
    for (std::uint32_t i = 0; i < part.edge_count; ++i) {
        const OutlineEdge& e = world.edges[part.first_edge + i];
        const float widest = larger(e.x0, e.x1);
        if (widest * widest < closest) {
            continue;
        }
        const float rise = e.y1 - e.y0;
        if (absolute(rise) < 1e-5F) {
            found = hit_disc(o, d, e.y0, smaller(e.x0, e.x1), widest, e.ny0, hit) || found;
            continue;
        }
        const float b = (e.x1 - e.x0) / rise;
        const float a = e.x0 - b * e.y0;
        float z = 0;
        if (hit_lateral_surface(o, d, a, b, smaller(e.y0, e.y1), larger(e.y0, e.y1), hit, z)) {
            const float m = (z - e.y0) / rise;
            const float out = e.nx0 + (e.nx1 - e.nx0) * m;
            const float r = std::sqrt(hit.normal.x * hit.normal.x + hit.normal.y * hit.normal.y);
            const float k = out / larger(r, 1e-6F);
            hit.normal = {hit.normal.x * k, hit.normal.y * k, e.ny0 + (e.ny1 - e.ny0) * m};
            found = true;
        }
    }
    return found;
}

bool inside_outline(const World& world, const Part& part, float x, float y) {
    bool inside = false;
    for (std::uint32_t i = 0; i < part.edge_count; ++i) {
        const OutlineEdge& e = world.edges[part.first_edge + i];
        if ((e.y0 > y) != (e.y1 > y) && x < e.x0 + (e.x1 - e.x0) * (y - e.y0) / (e.y1 - e.y0)) {
            inside = !inside;
        }
    }
    return inside;
}

bool hit_extrusion(const World& world, const Part& part, const Vec3f& o, const Vec3f& d, LocalHit& hit) {
    const RayInterval s = clip_to_box(o, d, {1, 1, 1}, hit.t);
    if (s.empty()) {
        return false;
    }
    bool found = false;
    if (s.axis == 2 || s.begin <= nearest_hit) {
        const float side = d.z > 0 ? -1.0F : 1.0F;
        const float t = (side - o.z) * inverse(d.z);
        if (t > nearest_hit && t < hit.t && inside_outline(world, part, o.x + d.x * t, o.y + d.y * t)) {
            hit = {t, {0, 0, side}};
            return true;  // The ray enters the slab through the cap, so nothing lies before it.
        }
    }
    for (std::uint32_t i = 0; i < part.edge_count; ++i) {
        const OutlineEdge& e = world.edges[part.first_edge + i];
        const float ex = e.x1 - e.x0;
        const float ey = e.y1 - e.y0;
        const float denominator = d.x * ey - d.y * ex;
        if (absolute(denominator) < 1e-9F) {
            continue;
        }
        const float inv = 1 / denominator;
        const float t = ((e.x0 - o.x) * ey - (e.y0 - o.y) * ex) * inv;
        if (t <= nearest_hit || t >= hit.t || absolute(o.z + d.z * t) > 1) {
            continue;
        }
        const float m = ((e.x0 - o.x) * d.y - (e.y0 - o.y) * d.x) * inv;
        if (m < 0 || m > 1) {
            continue;
        }
        hit = {t, {e.nx0 + (e.nx1 - e.nx0) * m, e.ny0 + (e.ny1 - e.ny0) * m, 0}};
        found = true;
    }
    return found;
}

/// Signed distance of a point from the displaced sphere, relative to the radius there; positive outside.
float displaced(const Part& part, float scale, const Vec3f& p) {
    const float r = length(p);
    const float inv = 1 / larger(r, 1e-6F);
    const auto& n = part.numbers;
    const float bumps = n[0] * wave(n[3] * p.x * inv + n[6]) + n[1] * wave(n[4] * p.y * inv + n[7]) +
                        n[2] * wave(n[5] * p.z * inv + n[8]);
    return r - scale * (1 + bumps);
}

bool hit_displaced(const Part& part, const Vec3f& o, const Vec3f& d, LocalHit& hit) {
    const float strength = part.numbers[0] + part.numbers[1] + part.numbers[2];
    const float scale = 1 / (1 + strength);
    const float a = dot(d, d);
    const float b = dot(o, d);
    const float c = dot(o, o);
    const float outer = b * b - a * (c - 1);
    if (outer < 0) {
        return false;
    }
    const float inv = 1 / a;
    const float begin = larger((-b - std::sqrt(outer)) * inv, nearest_hit);
    float end = smaller((-b + std::sqrt(outer)) * inv, hit.t);
    const float least = scale * (1 - strength);  // Everything within this radius is solid.
    const float inner = b * b - a * (c - least * least);
    if (inner > 0) {
        end = smaller(end, (-b - std::sqrt(inner)) * inv + 1e-3F);
    }
    if (begin >= end) {
        return false;
    }
    constexpr int steps = 12;
    const float step = (end - begin) / steps;
    float outside = begin;
    float inside = begin;
    bool found = displaced(part, scale, o + d * begin) <= 0;
    for (int i = 1; i <= steps && !found; ++i) {
        inside = begin + step * static_cast<float>(i);
        found = displaced(part, scale, o + d * inside) <= 0;
        outside = found ? outside : inside;
    }
    if (!found) {
        return false;
    }
    for (int i = 0; i < 6; ++i) {
        const float middle = 0.5F * (outside + inside);
        (displaced(part, scale, o + d * middle) <= 0 ? inside : outside) = middle;
    }
    const Vec3f p = o + d * inside;
    constexpr float e = 4e-3F;
    const auto slope = [&](const Vec3f& by) {
        return displaced(part, scale, p + by) - displaced(part, scale, p - by);
    };
    hit = {inside, {slope({e, 0, 0}), slope({0, e, 0}), slope({0, 0, e})}};
    return true;
}

/// Whether a point lies inside the shape of a part with holes.
bool inside_shape(const World& world, const Part& part, const Vec3f& p) {
    if (absolute(p.z) > 1) {
        return false;
    }
    switch (part.shape) {
        case ShapeKind::ellipsoid:
            return dot(p, p) < 1;
        case ShapeKind::frustum: {
            const float r = 0.5F * (1 + part.numbers[0]) + 0.5F * (part.numbers[0] - 1) * p.z;
            return p.x * p.x + p.y * p.y < r * r;
        }
        case ShapeKind::superquadric: {
            Vec3f gradient;
            return superquadric(part, p, gradient) < 0;
        }
        case ShapeKind::extrusion:
            return inside_outline(world, part, p.x, p.y);
        default:
            return absolute(p.x) < 1 && absolute(p.y) < 1;
    }
}

/// The hole around a point in the frame of the part; false if there is none.
struct Hole {
    float x = 0;
    float y = 0;
    float half_x = 0;
    float half_y = 0;
};
bool hole_at(const Holes& holes, const Vec3f& p, Hole& hole) {
    if (absolute(p.x) >= holes.half_width || absolute(p.y) >= holes.half_height || p.z < holes.floor) {
        return false;
    }
    const float cell_x = holes.half_width / static_cast<float>(holes.columns);
    const float cell_y = holes.half_height / static_cast<float>(holes.rows);
    const auto column = static_cast<float>(floor_to_int((p.x + holes.half_width) / (2 * cell_x)));
    const auto row = static_cast<float>(floor_to_int((p.y + holes.half_height) / (2 * cell_y)));
    hole = {(2 * column + 1) * cell_x - holes.half_width, (2 * row + 1) * cell_y - holes.half_height,
            cell_x * holes.fill_x, cell_y * holes.fill_y};
    const float u = (p.x - hole.x) / hole.half_x;
    const float v = (p.y - hole.y) / hole.half_y;
    return holes.kind == HoleKind::round ? u * u + v * v < 1 : absolute(u) < 1 && absolute(v) < 1;
}

/// Continues a ray that enters the solid within a hole: to the wall or floor of the hole, or out through it.
bool pass_hole(const World& world, const Part& part, const Vec3f& o, const Vec3f& d, float far,
               LocalHit& hit) {
    Hole hole;
    if (!hole_at(part.holes, o + d * hit.t, hole)) {
        return true;
    }
    // In the frame of the hole its wall is the unit cylinder or square.
    const Vec3f scale{1 / hole.half_x, 1 / hole.half_y, 1};
    const Vec3f p = (o - Vec3f{hole.x, hole.y, 0}) * scale;
    const Vec3f v = d * scale;
    LocalHit wall{1e9F, {0, 0, 1}};
    if (part.holes.kind == HoleKind::round) {
        const float a = v.x * v.x + v.y * v.y;
        const float b = p.x * v.x + p.y * v.y;
        const float c = p.x * p.x + p.y * p.y - 1;
        if (a > 1e-12F) {
            wall.t = (-b + std::sqrt(larger(b * b - a * c, 0))) / a;
            wall.normal = Vec3f{-(p.x + v.x * wall.t), -(p.y + v.y * wall.t), 0} * scale;
        }
    } else {
        for (int axis = 0; axis < 2; ++axis) {
            const float inv = inverse(v[axis]);
            const float t = larger((1 - p[axis]) * inv, (-1 - p[axis]) * inv);
            if (t < wall.t) {
                wall = {t, axis_normal(axis, v[axis] > 0 ? -1.0F : 1.0F)};
            }
        }
    }
    const float down = (part.holes.floor - o.z) * inverse(d.z);
    if (d.z < 0 && down < wall.t) {
        wall = {down, {0, 0, 1}};
    }
    if (wall.t >= far || !inside_shape(world, part, o + d * wall.t)) {
        return false;
    }
    hit = wall;
    return true;
}

}  // namespace

bool intersect(const World& world, const Part& part, const Vec3f& o, const Vec3f& d, LocalHit& hit) {
    LocalHit found = hit;
    bool met = false;
    switch (part.shape) {
        case ShapeKind::box:
            met = hit_box(o, d, found);
            break;
        case ShapeKind::ellipsoid:
            met = hit_ellipsoid(o, d, found);
            break;
        case ShapeKind::frustum:
            met = hit_frustum(part.numbers[0], o, d, found);
            break;
        case ShapeKind::torus:
            met = hit_torus(part, o, d, found);
            break;
        case ShapeKind::superquadric:
            met = hit_superquadric(part, o, d, found);
            break;
        case ShapeKind::lathe:
            met = hit_lathe(world, part, o, d, found);
            break;
        case ShapeKind::extrusion:
            met = hit_extrusion(world, part, o, d, found);
            break;
        case ShapeKind::displaced:
            met = hit_displaced(part, o, d, found);
            break;
    }
    if (met && part.holes.kind != HoleKind::none) {
        met = pass_hole(world, part, o, d, hit.t, found);
    }
    if (met) {
        hit = found;
    }
    return met;
}

}  // namespace lact
