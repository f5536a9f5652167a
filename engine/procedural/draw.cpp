#include "engine/procedural/draw.h"

#include "engine/procedural/intersect.h"
#include "engine/procedural/surface.h"
#include "engine/procedural/waves.h"

#include <algorithm>

namespace lact {

namespace {

constexpr int tile_side = 8;
constexpr float far_away = 1e9F;
/// A pixel whose corners differ by more than this in a colour channel gets more samples.
constexpr float contrast = 0.06F;
constexpr int sub_samples = 3;

struct Ray {
    Vec3f origin;
    Vec3f direction;  ///< Unit length.
};

struct Sample {
    Vec3f color{1, 1, 1};
    float coverage = 0;
};

/// Rounds to the nearest level; `v` in [0, 255].
std::uint8_t level(float v) {
    return static_cast<std::uint8_t>(floor_to_int(v + 0.5F));
}

/// The index of a pixel in an image of that width.
std::size_t place(int x, int y, int width) {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x);
}

/// A part prepared for the rays of one image.
struct PreparedPart {
    std::uint32_t part = 0;
    Mat3f to_local;  ///< World directions to the frame of the unit shape.
    Vec3f local_eye;
    Vec3f from_center;   ///< From the centre of the part to the camera.
    float outside = 0;   ///< Squared distance from the camera to the centre, minus the squared bound.
    float distance = 0;  ///< From the camera to the nearest point of the bounding sphere.
};

class Drawing {
  public:
    Drawing(const World& world, const Camera& camera, int size);

    void draw(std::span<std::uint8_t> rgb, std::span<std::uint8_t> mask);
    void draw_positions(std::span<float> position);

  private:
    /// For each tile, the parts that its rays may hit.
    using TileLists = std::vector<std::vector<std::uint32_t>>;
    [[nodiscard]] TileLists gather_tiles() const;
    [[nodiscard]] const std::vector<std::uint32_t>& list_at(const TileLists& lists, int x, int y) const;
    [[nodiscard]] Ray ray_through(float x, float y) const;
    /// The first part that a ray hits, and the hit; null if there is none.
    [[nodiscard]] const PreparedPart* nearest(const Ray& ray, std::span<const std::uint32_t> candidates,
                                              LocalHit& best) const;
    [[nodiscard]] Sample sample(const Ray& ray, std::span<const std::uint32_t> candidates) const;
    [[nodiscard]] bool in_shadow(const Vec3f& from) const;
    [[nodiscard]] Vec3f shade(const Material& material, Vec3f color, const Vec3f& at, const Vec3f& normal,
                              const Vec3f& direction) const;
    void gather(int tile_x, int tile_y, std::vector<std::uint32_t>& candidates) const;
    void finish_pixel(int x, int y, std::span<const std::uint32_t> candidates, std::span<std::uint8_t> rgb,
                      std::span<std::uint8_t> mask) const;
    [[nodiscard]] const Sample& corner(int x, int y) const { return corners_[place(x, y, size_ + 1)]; }

    const World& world_;
    int size_;
    Vec3f right_;
    Vec3f down_;
    Vec3f forward_;
    Vec3f eye_;
    float inverse_focal_;
    float center_x_;
    float center_y_;
    std::vector<PreparedPart> parts_;
    std::vector<Sample> corners_;
};

Vec3f column(const Camera& camera, int i) {
    return {static_cast<float>(camera.c2w(0, i)), static_cast<float>(camera.c2w(1, i)),
            static_cast<float>(camera.c2w(2, i))};
}

Drawing::Drawing(const World& world, const Camera& camera, int size)
    : world_(world),
      size_(size),
      right_(column(camera, 0)),
      down_(column(camera, 1)),
      forward_(column(camera, 2)),
      eye_(column(camera, 3)),
      inverse_focal_(static_cast<float>(1 / camera.fx)),
      center_x_(static_cast<float>(camera.cx)),
      center_y_(static_cast<float>(camera.cy)),
      corners_(place(0, size + 1, size + 1)) {
    parts_.reserve(world.parts.size());
    for (std::size_t i = 0; i < world.parts.size(); ++i) {
        const Part& part = world.parts[i];
        PreparedPart prepared;
        prepared.part = static_cast<std::uint32_t>(i);
        const Mat3f inverse = transposed(part.rotation);
        prepared.to_local.row = {inverse.row[0] * (1 / part.size.x), inverse.row[1] * (1 / part.size.y),
                                 inverse.row[2] * (1 / part.size.z)};
        prepared.from_center = eye_ - part.center;
        prepared.local_eye = prepared.to_local * prepared.from_center;
        const float squared = dot(prepared.from_center, prepared.from_center);
        prepared.outside = squared - part.bound_radius * part.bound_radius;
        prepared.distance = std::sqrt(squared) - part.bound_radius;
        parts_.push_back(prepared);
    }
    // Sorts near parts first: hidden parts are then rejected early. The order does not change the image.
    std::sort(parts_.begin(), parts_.end(), [](const PreparedPart& a, const PreparedPart& b) {
        return a.distance != b.distance ? a.distance < b.distance : a.part < b.part;
    });
}

Ray Drawing::ray_through(float x, float y) const {
    const float u = (x - center_x_) * inverse_focal_;
    const float v = (y - center_y_) * inverse_focal_;
    const float inv = 1 / std::sqrt(1 + u * u + v * v);
    return {eye_, (right_ * u + down_ * v + forward_) * inv};
}

bool Drawing::in_shadow(const Vec3f& from) const {
    const Vec3f& d = world_.lighting.key.direction;
    for (const PreparedPart& prepared : parts_) {
        const Part& part = world_.parts[prepared.part];
        const Vec3f oc = from - part.center;
        const float b = dot(oc, d);
        const float c = dot(oc, oc) - part.bound_radius * part.bound_radius;
        if ((b > 0 && c > 0) || b * b < c) {
            continue;
        }
        LocalHit hit;
        hit.t = far_away;
        if (intersect(world_, part, prepared.to_local * oc, prepared.to_local * d, hit)) {
            return true;
        }
    }
    return false;
}

Vec3f Drawing::shade(const Material& material, Vec3f color, const Vec3f& at, const Vec3f& normal,
                     const Vec3f& direction) const {
    const Lighting& l = world_.lighting;
    float key = larger(dot(normal, l.key.direction), 0);
    if (key > 0 && l.shadow > 0 && in_shadow(at + normal * 2e-3F)) {
        key *= 1 - l.shadow;
    }
    const float fill = larger(dot(normal, l.fill.direction), 0);
    color = color * (l.ambient + l.sky * (0.5F + 0.5F * normal.z) + l.key.color * key + l.fill.color * fill);
    if (material.specular > 0 && key > 0) {
        float h = dot(normalized(l.key.direction - direction), normal);
        for (int i = 0; i < static_cast<int>(material.hardness); ++i) {
            h *= h;
        }
        const float shine = material.specular * h;
        color += Vec3f{shine, shine, shine};
    }
    return {clamp01(color.x), clamp01(color.y), clamp01(color.z)};
}

const PreparedPart* Drawing::nearest(const Ray& ray, std::span<const std::uint32_t> candidates,
                                     LocalHit& best) const {
    best.t = far_away;
    const PreparedPart* hit_part = nullptr;
    for (const std::uint32_t candidate : candidates) {
        const PreparedPart& prepared = parts_[candidate];
        const float b = dot(prepared.from_center, ray.direction);
        if (prepared.distance > best.t || b * b < prepared.outside) {
            continue;
        }
        if (intersect(world_, world_.parts[prepared.part], prepared.local_eye,
                      prepared.to_local * ray.direction, best)) {
            hit_part = &prepared;
        }
    }
    return hit_part;
}

Sample Drawing::sample(const Ray& ray, std::span<const std::uint32_t> candidates) const {
    LocalHit best;
    const PreparedPart* const hit_part = nearest(ray, candidates, best);
    if (hit_part == nullptr) {
        if (world_.background.kind == Surroundings::white) {
            return {};
        }
        const BackgroundHit hit = meet_background(world_, ray.origin, ray.direction);
        if (hit.material == nullptr) {
            return {hit.color, 1};
        }
        return {shade(*hit.material, hit.color, hit.at, hit.normal, ray.direction), 1};
    }
    const Part& part = world_.parts[hit_part->part];
    SurfacePoint point;
    point.p = hit_part->local_eye + hit_part->to_local * ray.direction * best.t;
    point.q = point.p * absolute(part.size);
    Vec3f n = normalized(best.normal / part.size);
    Vec3f normal = part.rotation * n;
    if (dot(normal, ray.direction) > 0) {
        normal = -normal;
    }
    // Decals are defined in the frame with absolute sizes, which is mirrored for mirrored parts.
    point.normal = normalized(best.normal / absolute(part.size));
    const Vec3f color = surface_color(world_, part, point);
    return {
        shade(world_.materials[part.material], color, eye_ + ray.direction * best.t, normal, ray.direction),
        1};
}

/// Collects the parts (indices into `parts_`) whose bounding spheres intersect the cone around the rays of a
/// tile.
void Drawing::gather(int tile_x, int tile_y, std::vector<std::uint32_t>& candidates) const {
    candidates.clear();
    const auto x0 = static_cast<float>(tile_x);
    const auto y0 = static_cast<float>(tile_y);
    const auto x1 = static_cast<float>(std::min(tile_x + tile_side, size_));
    const auto y1 = static_cast<float>(std::min(tile_y + tile_side, size_));
    const Vec3f axis = ray_through(0.5F * (x0 + x1), 0.5F * (y0 + y1)).direction;
    float cosine = 1;
    for (const float x : {x0, x1}) {
        for (const float y : {y0, y1}) {
            cosine = smaller(cosine, dot(axis, ray_through(x, y).direction));
        }
    }
    const float sine = std::sqrt(larger(1 - cosine * cosine, 0)) + 1e-4F;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        const PreparedPart& prepared = parts_[i];
        if (prepared.outside > 0) {
            // Distance from the centre to the lateral surface of the cone.
            const float along = -dot(prepared.from_center, axis);
            const float squared = dot(prepared.from_center, prepared.from_center);
            const float across = std::sqrt(larger(squared - along * along, 0));
            const float gap = across * cosine - along * sine;
            if (gap > world_.parts[prepared.part].bound_radius * 1.001F ||
                along < -world_.parts[prepared.part].bound_radius) {
                continue;
            }
        }
        candidates.push_back(static_cast<std::uint32_t>(i));
    }
}

void Drawing::finish_pixel(int x, int y, std::span<const std::uint32_t> candidates,
                           std::span<std::uint8_t> rgb, std::span<std::uint8_t> mask) const {
    const std::array<const Sample*, 4> around{&corner(x, y), &corner(x + 1, y), &corner(x, y + 1),
                                              &corner(x + 1, y + 1)};
    Vec3f sum{0, 0, 0};
    Vec3f low{2, 2, 2};
    Vec3f high{-1, -1, -1};
    float covered = 0;
    for (const Sample* s : around) {
        sum += s->color;
        covered += s->coverage;
        low = {smaller(low.x, s->color.x), smaller(low.y, s->color.y), smaller(low.z, s->color.z)};
        high = {larger(high.x, s->color.x), larger(high.y, s->color.y), larger(high.z, s->color.z)};
    }
    float count = 4;
    if (largest(high - low) > contrast || (covered > 0 && covered < 4)) {
        sum = {0, 0, 0};
        covered = 0;
        count = sub_samples * sub_samples;
        for (int sy = 0; sy < sub_samples; ++sy) {
            for (int sx = 0; sx < sub_samples; ++sx) {
                const float px = static_cast<float>(x) + (static_cast<float>(sx) + 0.5F) / sub_samples;
                const float py = static_cast<float>(y) + (static_cast<float>(sy) + 0.5F) / sub_samples;
                const Sample s = sample(ray_through(px, py), candidates);
                sum += s.color;
                covered += s.coverage;
            }
        }
    }
    const std::size_t at = place(x, y, size_);
    const float scale = 255 / count;
    rgb[3 * at] = level(sum.x * scale);
    rgb[3 * at + 1] = level(sum.y * scale);
    rgb[3 * at + 2] = level(sum.z * scale);
    if (!mask.empty()) {
        mask[at] = level(covered * scale);
    }
}

Drawing::TileLists Drawing::gather_tiles() const {
    const int tiles = (size_ + tile_side - 1) / tile_side;
    TileLists lists(place(0, tiles, tiles));
    for (int ty = 0; ty < tiles; ++ty) {
        for (int tx = 0; tx < tiles; ++tx) {
            gather(tx * tile_side, ty * tile_side, lists[place(tx, ty, tiles)]);
        }
    }
    return lists;
}

const std::vector<std::uint32_t>& Drawing::list_at(const TileLists& lists, int x, int y) const {
    const int tiles = (size_ + tile_side - 1) / tile_side;
    return lists[place(std::min(x / tile_side, tiles - 1), std::min(y / tile_side, tiles - 1), tiles)];
}

void Drawing::draw_positions(std::span<float> position) {
    const TileLists lists = gather_tiles();
    for (int y = 0; y < size_; ++y) {
        for (int x = 0; x < size_; ++x) {
            const Ray ray = ray_through(static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F);
            LocalHit hit;
            const PreparedPart* const hit_part = nearest(ray, list_at(lists, x, y), hit);
            const Vec3f at = hit_part != nullptr ? eye_ + ray.direction * hit.t : Vec3f{0, 0, 0};
            for (int axis = 0; axis < 3; ++axis) {
                position[3 * place(x, y, size_) + static_cast<std::size_t>(axis)] = at[axis];
            }
        }
    }
}

void Drawing::draw(std::span<std::uint8_t> rgb, std::span<std::uint8_t> mask) {
    const TileLists lists = gather_tiles();
    for (int y = 0; y <= size_; ++y) {
        for (int x = 0; x <= size_; ++x) {
            corners_[place(x, y, size_ + 1)] =
                sample(ray_through(static_cast<float>(x), static_cast<float>(y)), list_at(lists, x, y));
        }
    }
    for (int y = 0; y < size_; ++y) {
        for (int x = 0; x < size_; ++x) {
            finish_pixel(x, y, list_at(lists, x, y), rgb, mask);
        }
    }
}

}  // namespace

void draw_world(const World& world, const Camera& camera, int size, std::span<std::uint8_t> rgb,
                std::span<std::uint8_t> mask) {
    Drawing(world, camera, size).draw(rgb, mask);
}

void draw_positions(const World& world, const Camera& camera, int size, std::span<float> position) {
    Drawing(world, camera, size).draw_positions(position);
}

namespace {

/// A sky with soft clouds above a skyline; the colour below it represents distant ground.
Vec3f dome_color(const Background& b, const Vec3f& d) {
    const float hills = b.dome_hills * noise(Vec3f{d.x, d.y, 0} * 3.0F + Vec3f{9, 9, 0.5F}, b.dome_seed);
    if (d.z < hills) {
        const float n = noise(d * 7.0F, b.dome_seed + 1);
        return b.dome[0] * (0.75F + 0.5F * n);
    }
    const Vec3f sky = mix(b.dome[1], b.dome[2], clamp01(d.z * 1.5F));
    const float cloud = noise(d * 4.0F, b.dome_seed + 2) * 0.6F + noise(d * 9.0F, b.dome_seed + 3) * 0.4F;
    return mix(sky, {0.96F, 0.96F, 0.97F}, clamp01((cloud - 0.5F) * 2.5F));
}

BackgroundHit meet_room(const World& world, const Vec3f& o, const Vec3f& d) {
    const Background& b = world.background;
    float best = 1e9F;
    int side = 0;
    for (int axis = 0; axis < 3; ++axis) {
        const bool positive = d[axis] > 0;
        const float wall = positive ? b.room_max[axis] : b.room_min[axis];
        const float away = absolute(d[axis]) < 1e-9F ? 1e9F : (wall - o[axis]) / d[axis];
        if (away < best) {
            best = away;
            side = 2 * axis + (positive ? 1 : 0);
        }
    }
    BackgroundHit hit;
    hit.at = o + d * best;
    hit.normal = {0, 0, 0};
    hit.normal.set(side / 2, (side & 1) != 0 ? -1.0F : 1.0F);
    hit.material = &world.materials[b.room_material[static_cast<std::size_t>(side)]];
    return hit;
}

}  // namespace

BackgroundHit meet_background(const World& world, const Vec3f& origin, const Vec3f& direction) {
    const Background& b = world.background;
    BackgroundHit hit;
    if (b.kind == Surroundings::room) {
        hit = meet_room(world, origin, direction);
    } else {
        const float t = direction.z < -1e-5F ? (b.ground_height - origin.z) / direction.z : -1.0F;
        if (t <= 0 || t > 40) {
            hit.color = dome_color(b, direction);
            return hit;
        }
        hit.at = origin + direction * t;
        hit.material = &world.materials[b.ground_material];
    }
    hit.color = material_color(*hit.material, {hit.at, hit.at, hit.normal});
    // Where the pattern is finer than the pixels it fades to its mean, which avoids aliasing.
    const float away = length(hit.at - origin) * hit.material->frequency;
    const Vec3f mean = mix(hit.material->color[0], hit.material->color[1], 0.5F);
    hit.color = mix(hit.color, mean, clamp01((away - 12) / 40));
    return hit;
}

}  // namespace lact
