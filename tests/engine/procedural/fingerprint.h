#pragma once

#include "engine/procedural/world.h"
#include "engine/scene/camera.h"

#include <bit>
#include <concepts>
#include <cstdint>

namespace lact::test {

/// FNV-1a over the bits of every number of a world: one changed bit anywhere changes it.
class Fingerprint {
  public:
    void add(std::uint64_t bits) {
        for (int i = 0; i < 8; ++i) {
            value_ = (value_ ^ ((bits >> static_cast<unsigned>(8 * i)) & 0xFFU)) * 1099511628211ULL;
        }
    }
    template <std::same_as<float> Number>
    void add(Number v) {
        add(std::uint64_t{std::bit_cast<std::uint32_t>(v)});
    }
    template <std::same_as<double> Number>
    void add(Number v) {
        add(std::bit_cast<std::uint64_t>(v));
    }
    template <class... Numbers>
    void add_all(Numbers... numbers) {
        (add(numbers), ...);
    }
    void add(const Vec3f& v) { add_all(v.x, v.y, v.z); }
    [[nodiscard]] std::uint64_t value() const { return value_; }

  private:
    std::uint64_t value_ = 14695981039346656037ULL;
};

inline std::uint64_t number(auto v) {
    return static_cast<std::uint64_t>(v);
}

inline void add_part(Fingerprint& f, const Part& part) {
    f.add_all(number(part.shape), number(part.material), number(part.first_edge), number(part.edge_count),
              number(part.first_decal), number(part.decal_count));
    f.add(part.center);
    for (const Vec3f& row : part.rotation.row) {
        f.add(row);
    }
    f.add(part.size);
    f.add(part.bound_radius);
    for (const float v : part.numbers) {
        f.add(v);
    }
    const Holes& h = part.holes;
    f.add_all(number(h.kind), number(h.columns), number(h.rows), h.half_width, h.half_height, h.fill_x,
              h.fill_y, h.floor);
}

inline void add_surfaces(Fingerprint& f, const World& world) {
    for (const OutlineEdge& e : world.edges) {
        f.add_all(e.x0, e.y0, e.x1, e.y1, e.nx0, e.ny0, e.nx1, e.ny1);
    }
    for (const Material& m : world.materials) {
        f.add_all(number(m.kind), number(m.seed), m.frequency, m.threshold, m.grain, m.specular, m.hardness);
        f.add(m.direction);
        f.add(m.offset);
        for (const Vec3f& color : m.color) {
            f.add(color);
        }
    }
    for (const Decal& d : world.decals) {
        f.add_all(number(d.kind), number(d.seed), d.half_width, d.half_height);
        for (const Vec3f& v : {d.center, d.right, d.up, d.normal, d.color[0], d.color[1], d.color[2]}) {
            f.add(v);
        }
    }
}

inline std::uint64_t fingerprint_of(const World& world) {
    Fingerprint f;
    for (const Part& part : world.parts) {
        add_part(f, part);
    }
    add_surfaces(f, world);
    const Lighting& l = world.lighting;
    for (const Vec3f& v : {l.ambient, l.sky, l.key.direction, l.key.color, l.fill.direction, l.fill.color}) {
        f.add(v);
    }
    const Background& b = world.background;
    f.add_all(l.shadow, number(b.kind), b.ground_height, number(b.ground_material), number(b.dome_seed),
              b.dome_hills);
    for (const Vec3f& v : {b.dome[0], b.dome[1], b.dome[2], b.room_min, b.room_max}) {
        f.add(v);
    }
    for (const std::uint32_t material : b.room_material) {
        f.add(number(material));
    }
    const CameraRig& r = world.rig;
    f.add(r.target);
    f.add_all(r.radius, r.radius_spread, r.half_tangent, r.tangent_spread, r.min_sine, r.max_sine, r.azimuth,
              r.azimuth_range, r.shift, r.wander, r.roll, number(r.outward), r.step_aside);
    return f.value();
}

inline std::uint64_t fingerprint_of(const Camera& camera) {
    Fingerprint f;
    f.add_all(camera.fx, camera.fy, camera.cx, camera.cy);
    for (int row = 0; row < 3; ++row) {
        for (int column = 0; column < 4; ++column) {
            f.add(static_cast<double>(camera.c2w(row, column)));
        }
    }
    return f.value();
}

}  // namespace lact::test
