#include "engine/procedural/builder.h"

#include "engine/procedural/exact_math.h"

namespace lact {
namespace {

/// Half extents of the axis-aligned bounding box of a part in the world.
Vec3f reach_of(const World& world, const Part& part) {
    const Vec3f size = absolute(part.size);
    const bool round = part.shape == ShapeKind::ellipsoid || part.shape == ShapeKind::displaced;
    const bool disc =
        part.shape == ShapeKind::frustum || part.shape == ShapeKind::lathe || part.shape == ShapeKind::torus;
    float wide = 1;
    if (part.shape == ShapeKind::frustum) {
        wide = larger(1, part.numbers[0]);
    }
    float tall = part.shape == ShapeKind::torus ? part.numbers[0] : 1.0F;
    if (part.edge_count > 0) {
        wide = 0;
        for (std::uint32_t i = 0; i < part.edge_count; ++i) {
            const OutlineEdge& edge = world.edges[part.first_edge + i];
            wide = larger(wide,
                          larger(absolute(edge.x0), part.shape == ShapeKind::lathe ? 0 : absolute(edge.y0)));
        }
    }
    Vec3f reach;
    for (int axis = 0; axis < 3; ++axis) {
        const Vec3f a = absolute(part.rotation.row[static_cast<std::size_t>(axis)]) * size;
        if (round) {
            reach.set(axis, length(a));
        } else if (disc) {
            reach.set(axis, std::sqrt(a.x * a.x + a.y * a.y) * wide + a.z * tall);
        } else {
            reach.set(axis, (a.x + a.y) * wide + a.z);
        }
    }
    return reach;
}

float bound_radius_of(const World& world, const Part& part) {
    const Vec3f size = absolute(part.size);
    const float across = larger(size.x, size.y);
    switch (part.shape) {
        case ShapeKind::ellipsoid:
        case ShapeKind::displaced:
            return largest(size);
        case ShapeKind::frustum: {
            const float wide = across * larger(1, part.numbers[0]);
            return std::sqrt(wide * wide + size.z * size.z);
        }
        case ShapeKind::torus: {
            const float tall = size.z * part.numbers[0];
            return std::sqrt(across * across + tall * tall);
        }
        case ShapeKind::lathe:
        case ShapeKind::extrusion: {
            float squared = 0;
            for (std::uint32_t i = 0; i < part.edge_count; ++i) {
                const OutlineEdge& edge = world.edges[part.first_edge + i];
                const bool lathe = part.shape == ShapeKind::lathe;
                const float x = edge.x0 * (lathe ? across : size.x);
                const float y = edge.y0 * (lathe ? size.z : size.y);
                squared = larger(squared, x * x + y * y);
            }
            return std::sqrt(squared + (part.shape == ShapeKind::extrusion ? size.z * size.z : 0.0F));
        }
        default:
            return length(size);
    }
}

}  // namespace

Builder::Builder(World& world, Random& random, MaterialStyle style)
    : world_(world),
      random_(random),
      theme_(style == MaterialStyle::plain ? plain_theme(random) : random_theme(random)) {
    const int count = random.between(2, 5);
    for (int i = 0; i < count; ++i) {
        materials_.push_back(material(random_material(theme_, random)));
    }
}

std::uint32_t Builder::material(const Material& material) {
    world_.materials.push_back(material);
    return static_cast<std::uint32_t>(world_.materials.size() - 1);
}

std::uint32_t Builder::some_material() {
    if (random_.chance(0.2F)) {
        return material(random_material(theme_, random_));
    }
    return materials_[static_cast<std::size_t>(random_.below(static_cast<int>(materials_.size())))];
}

std::uint32_t Builder::plain() {
    return plain(theme_.palette[static_cast<std::size_t>(random_.below(4))]);
}

std::uint32_t Builder::plain(const Vec3f& color) {
    return material(plain_material(color, random_));
}

std::size_t Builder::add(ShapeKind shape, const Vec3f& center, const Vec3f& size, std::uint32_t material,
                         const Mat3f& rotation) {
    Part part;
    part.shape = shape;
    part.center = center;
    part.size = size;
    part.material = material;
    part.rotation = rotation;
    world_.parts.push_back(part);
    return count() - 1;
}

std::size_t Builder::add_frustum(const Vec3f& center, const Vec3f& size, float top, std::uint32_t material,
                                 const Mat3f& rotation) {
    const std::size_t i = add(ShapeKind::frustum, center, size, material, rotation);
    part(i).numbers[0] = top;
    return i;
}

std::size_t Builder::add_lathe(LatheKind kind, const Vec3f& center, const Vec3f& size, std::uint32_t material,
                               const Mat3f& rotation) {
    const std::size_t i = add(ShapeKind::lathe, center, size, material, rotation);
    set_outline(i, lathe_outline(kind, random_));
    return i;
}

std::size_t Builder::add_flat(FlatKind kind, const Vec3f& center, const Vec3f& size, std::uint32_t material,
                              const Mat3f& rotation) {
    const std::size_t i = add(ShapeKind::extrusion, center, size, material, rotation);
    set_outline(i, flat_outline(kind, random_));
    return i;
}

std::size_t Builder::add_torus(const Vec3f& center, float outer, float tube, std::uint32_t material,
                               const Mat3f& rotation, float keep_above) {
    const std::size_t i = add(ShapeKind::torus, center, {outer, outer, outer}, material, rotation);
    part(i).numbers[0] = tube / outer;
    part(i).numbers[1] = keep_above;
    return i;
}

std::size_t Builder::add_rounded(const Vec3f& center, const Vec3f& size, std::uint32_t material,
                                 const Mat3f& rotation) {
    static constexpr std::array<float, 7> exponents{2, 3, 4, 4, 6, 8, 8};
    const std::size_t i = add(ShapeKind::superquadric, center, size, material, rotation);
    const float all = exponents[static_cast<std::size_t>(random_.below(7))];
    const bool same = random_.chance(0.5F);
    for (std::size_t axis = 0; axis < 3; ++axis) {
        part(i).numbers[axis] = same ? larger(all, 3) : exponents[static_cast<std::size_t>(random_.below(7))];
    }
    return i;
}

std::size_t Builder::add_displaced(const Vec3f& center, const Vec3f& size, float strength,
                                   std::uint32_t material, const Mat3f& rotation) {
    const std::size_t i = add(ShapeKind::displaced, center, size, material, rotation);
    for (std::size_t wave = 0; wave < 3; ++wave) {
        part(i).numbers[wave] = strength * random_.range(0.2F, 1);
        part(i).numbers[3 + wave] = random_.range(0.3F, 1.5F);
        part(i).numbers[6 + wave] = random_.unit();
    }
    return i;
}

std::size_t Builder::add_rod(const Vec3f& from, const Vec3f& to, float radius, std::uint32_t material,
                             bool square) {
    const Vec3f axis = to - from;
    const Vec3f center = (from + to) * 0.5F;
    const Vec3f size{radius, radius, 0.5F * length(axis)};
    if (square) {
        return add(ShapeKind::box, center, size, material, rotation_of_z_to(axis));
    }
    return add_frustum(center, size, 1, material, rotation_of_z_to(axis));
}

std::size_t Builder::add_limb(const Vec3f& from, const Vec3f& to, float radius, std::uint32_t material) {
    const Vec3f axis = to - from;
    const Vec3f center = (from + to) * 0.5F;
    const float half = 0.5F * length(axis);
    const Mat3f rotation = rotation_of_z_to(axis);
    const float u = random_.unit();
    if (u < 0.35F) {
        const std::size_t i =
            add(ShapeKind::lathe, center, {radius, radius, half + radius}, material, rotation);
        const float cap = radius / (half + radius);
        Outline outline;
        for (int end = 0; end < 2; ++end) {
            for (int step = 0; step < 5; ++step) {
                const auto [s, c] = sine_cosine(0.25F * static_cast<float>(step + 4 * end) / 4 - 0.25F);
                outline.push_back({larger(c, 0), (end == 0 ? cap - 1 : 1 - cap) + cap * s, true});
            }
        }
        set_outline(i, outline);
        return i;
    }
    if (u < 0.55F) {
        return add(ShapeKind::ellipsoid, center, {radius * 1.2F, radius * 1.2F, half * 1.1F}, material,
                   rotation);
    }
    if (u < 0.85F) {
        return add_frustum(center, {radius, radius, half}, random_.range(0.5F, 1), material, rotation);
    }
    return add(ShapeKind::box, center, {radius * 0.9F, radius * 0.9F, half}, material, rotation);
}

std::size_t Builder::add_any(const Vec3f& center, float size, std::uint32_t material, const Mat3f& rotation) {
    Vec3f half{size * random_.octaves(-1.1F, 0.6F), size * random_.octaves(-1.1F, 0.6F),
               size * random_.octaves(-1.1F, 0.6F)};
    const float proportion = random_.unit();
    if (proportion < 0.22F) {
        half.z = size * random_.range(0.06F, 0.3F);
    } else if (proportion < 0.35F) {
        half.z = size * random_.range(1.2F, 1.9F);
    }
    const bool turned = random_.chance(0.85F);
    const float kind = random_.unit();
    if (kind < 0.20F) {
        return add(ShapeKind::box, center, half, material, rotation);
    }
    if (kind < 0.32F) {
        if (random_.chance(0.4F)) {
            half = {half.x, half.x, half.x};
        }
        return add(ShapeKind::ellipsoid, center, half, material, rotation);
    }
    if (kind < 0.50F) {
        const float top = random_.chance(0.5F) ? 1 : random_.chance(0.3F) ? 0.02F : random_.range(0.1F, 1.0F);
        return add_frustum(center, {half.x, turned ? half.x : half.y, half.z}, top, material, rotation);
    }
    if (kind < 0.57F) {
        const float tube = size * random_.range(0.08F, 0.35F);
        const float cut = random_.range(-0.5F, 0.5F);
        const bool whole = random_.chance(0.75F);
        return add_torus(center, size * random_.range(0.7F, 1), tube, material, rotation, whole ? -2 : cut);
    }
    if (kind < 0.69F) {
        return add_rounded(center, half, material, rotation);
    }
    if (kind < 0.80F) {
        const std::size_t i =
            add(ShapeKind::lathe, center, {half.x, turned ? half.x : half.y, half.z}, material, rotation);
        set_outline(i, random_lathe_outline(random_));
        return i;
    }
    if (kind < 0.91F) {
        const std::size_t i =
            add(ShapeKind::extrusion, center, {half.x, turned ? half.x : half.y, half.z}, material, rotation);
        set_outline(i, random_flat_outline(random_));
        return i;
    }
    return add_displaced(center, half, random_.range(0.05F, 0.16F), material, rotation);
}

void Builder::set_outline(std::size_t i, const Outline& requested) {
    Outline outline = requested;
    float wide = 1;
    float tall = 1;
    for (const OutlinePoint& point : outline) {
        wide = larger(wide, absolute(point.x));
        tall = larger(tall, absolute(point.y));
    }
    for (OutlinePoint& point : outline) {  // Keeps the shape inside its unit box.
        point.x /= wide;
        point.y /= tall;
    }
    const std::vector<OutlineEdge> edges = edges_of(outline);
    part(i).first_edge = static_cast<std::uint32_t>(world_.edges.size());
    part(i).edge_count = static_cast<std::uint32_t>(edges.size());
    world_.edges.insert(world_.edges.end(), edges.begin(), edges.end());
}

void Builder::give_holes(std::size_t i) {
    Part& owner = part(i);
    Holes holes;
    holes.kind = random_.chance(0.5F) ? HoleKind::round : HoleKind::rectangular;
    float inside = 0.85F;
    switch (owner.shape) {
        case ShapeKind::box:
            break;
        case ShapeKind::frustum:
            inside = 0.6F * smaller(1, larger(owner.numbers[0], 0.2F));
            break;
        case ShapeKind::ellipsoid:
        case ShapeKind::superquadric:
            inside = 0.6F;
            break;
        default:
            return;
    }
    if (random_.chance(0.5F)) {
        holes.columns = holes.rows = 1;
        inside *= random_.range(0.5F, 1);
        holes.fill_x = holes.fill_y = 1;
    } else {
        holes.columns = random_.between(1, 6);
        holes.rows = random_.between(1, 6);
        holes.fill_x = random_.range(0.45F, 0.85F);
        holes.fill_y = random_.range(0.45F, 0.85F);
    }
    holes.half_width = holes.half_height = inside;
    holes.floor = random_.chance(0.65F) ? -2.0F : random_.range(-0.9F, 0.5F);
    owner.holes = holes;
}

void Builder::mirror(std::size_t from, int axis) {
    const std::size_t end = count();
    for (std::size_t i = from; i < end && !full(); ++i) {
        Part copy = part(i);
        copy.center.set(axis, -copy.center[axis]);
        // The reflection M maps R to M R = (M R M) M: the rotation M R M of a shape reflected by M.
        for (int r = 0; r < 3; ++r) {
            for (int c = 0; c < 3; ++c) {
                if ((r == axis) != (c == axis)) {
                    Vec3f& row = copy.rotation.row[static_cast<std::size_t>(r)];
                    row.set(c, -row[c]);
                }
            }
        }
        copy.size.set(axis, -copy.size[axis]);
        world_.parts.push_back(copy);
    }
}

void Builder::repeat_around(std::size_t from, int times) {
    const std::size_t end = count();
    for (int k = 1; k < times; ++k) {
        const Mat3f rotation = rotation_about(2, static_cast<float>(k) / static_cast<float>(times));
        for (std::size_t i = from; i < end && !full(); ++i) {
            Part copy = part(i);
            copy.center = rotation * copy.center;
            copy.rotation = rotation * copy.rotation;
            world_.parts.push_back(copy);
        }
    }
}

void Builder::turn(std::size_t from, const Mat3f& rotation, const Vec3f& pivot) {
    for (std::size_t i = from; i < count(); ++i) {
        part(i).center = rotation * (part(i).center - pivot) + pivot;
        part(i).rotation = rotation * part(i).rotation;
    }
}

void Builder::move(std::size_t from, const Vec3f& by) {
    for (std::size_t i = from; i < count(); ++i) {
        part(i).center += by;
    }
}

void Builder::attach_small(std::size_t owner_number) {
    const Part owner = part(owner_number);
    const Vec3f reach = absolute(owner.size);
    const float size = larger(0.03F, largest(reach) * random_.range(0.06F, 0.22F));
    const std::uint32_t m = plain();
    const int times = random_.between(1, 4);
    const int kind = random_.below(3);
    for (int i = 0; i < times && !full(); ++i) {
        const Vec3f out = random_.direction();
        const Vec3f at = owner.center + owner.rotation * (reach * out);
        const Vec3f small{size, size, size * random_.range(0.5F, 1)};
        const Mat3f rotation = rotation_of_z_to(owner.rotation * out);
        if (kind == 0) {
            add(ShapeKind::ellipsoid, at, small, m);
        } else if (kind == 1) {
            add_frustum(at, small, random_.range(0.3F, 1), m, rotation);
        } else {
            add(ShapeKind::box, at, small, m, rotation);
        }
    }
}

void Builder::decal(DecalKind kind, const Vec3f& normal, const Vec3f& up, float at_right, float at_up,
                    float half_width, float half_height) {
    decal_on(count() - 1, kind, normal, up, at_right, at_up, half_width, half_height);
}

void Builder::decal_on(std::size_t number, DecalKind kind, const Vec3f& normal, const Vec3f& up,
                       float at_right, float at_up, float half_width, float half_height) {
    Part& owner = part(number);
    const bool adjoining =
        owner.decal_count > 0 && owner.first_decal + owner.decal_count == world_.decals.size();
    if (!adjoining && owner.decal_count > 0) {
        return;
    }
    if (owner.decal_count == 0) {
        owner.first_decal = static_cast<std::uint32_t>(world_.decals.size());
    }
    const Vec3f size = absolute(owner.size);
    Decal decal;
    decal.kind = kind;
    decal.seed = random_.next();
    decal.normal = normalized(normal);
    decal.right = normalized(cross(up, decal.normal));
    decal.up = cross(decal.normal, decal.right);
    const float reach_right = dot(absolute(decal.right), size);
    const float reach_up = dot(absolute(decal.up), size);
    decal.center = decal.right * (at_right * reach_right) + decal.up * (at_up * reach_up);
    decal.half_width = half_width;
    decal.half_height = half_height;
    for (Vec3f& color : decal.color) {
        color = random_.chance(0.5F) ? theme_.palette[static_cast<std::size_t>(random_.below(4))]
                                     : random_color(random_);
    }
    world_.decals.push_back(decal);
    ++owner.decal_count;
}

void Builder::decal_colors(const Vec3f& first, const Vec3f& second, const Vec3f& third) {
    world_.decals.back().color = {first, second, third};
}

void Builder::random_decals() {
    random_decals(count() - 1);
}

void Builder::random_decals(std::size_t number) {
    using K = DecalKind;
    static constexpr std::array kinds{K::disc,    K::ring,     K::rectangle, K::frame,  K::cross,
                                      K::star,    K::triangle, K::heart,     K::letter, K::letter,
                                      K::letter,  K::text,     K::text,      K::lines,  K::barcode,
                                      K::stripes, K::checks,   K::image,     K::image,  K::window};
    const int decals = random_.between(1, 3);
    for (int i = 0; i < decals; ++i) {
        Vec3f normal{0, 0, 0};
        const int axis = random_.below(3);
        normal.set(axis, random_.sign());
        const Vec3f up = axis == 2 ? Vec3f{1, 0, 0} : Vec3f{0, 0, 1};
        const Vec3f size = absolute(part(number).size);
        const float room = axis == 2 ? smaller(size.x, size.y) : smaller(size.z, axis == 0 ? size.y : size.x);
        const float half = room * random_.range(0.35F, 0.9F);
        const K kind = kinds[static_cast<std::size_t>(random_.below(static_cast<int>(kinds.size())))];
        const float aspect =
            kind == K::text || kind == K::lines ? random_.range(1, 1.8F) : random_.range(0.8F, 1.2F);
        const float right = random_.range(-0.3F, 0.3F);
        decal_on(number, kind, normal, up, right, random_.range(-0.3F, 0.3F), half * aspect, half);
    }
}

void Builder::print_side(int axis, float side) {
    using K = DecalKind;
    Vec3f normal{0, 0, 0};
    normal.set(axis, side);
    const Vec3f up = axis == 2 ? Vec3f{1, 0, 0} : Vec3f{0, 0, 1};
    const Vec3f size = absolute(world_.parts.back().size);
    const float w = axis == 0 ? size.y : axis == 1 ? size.x : size.y;
    const float h = axis == 2 ? size.x : size.z;
    if (random_.chance(0.5F)) {
        const float share = random_.range(0.15F, 0.5F);
        const float at = random_.sign() * (1 - share);
        decal(random_.chance(0.7F) ? K::rectangle : K::checks, normal, up, 0, at, w, h * share);
    }
    if (random_.chance(0.65F)) {
        const float share = random_.range(0.3F, 0.75F);
        const float at = random_.range(-0.3F, 0.3F);
        static constexpr std::array images{K::image, K::image, K::image, K::disc, K::star, K::heart, K::ring};
        const K kind = images[static_cast<std::size_t>(random_.below(7))];
        const float half = smaller(w, h) * share;
        decal(kind, normal, up, 0, at, kind == K::image ? w * share : half,
              kind == K::image ? h * share : half);
    }
    if (random_.chance(0.8F)) {
        const float share = random_.range(0.1F, 0.22F);
        float at = random_.range(0.35F, 0.75F);
        at *= random_.sign();
        decal(K::text, normal, up, 0, at, w * random_.range(0.5F, 0.9F), h * share);
    }
    if (random_.chance(0.4F)) {
        const float at = random_.range(-0.75F, -0.45F);
        const float right = random_.range(-0.3F, 0.3F);
        decal(random_.chance(0.6F) ? K::lines : K::barcode, normal, up, right, at, w * 0.5F, h * 0.15F);
    }
}

void set_bounds(World& world) {
    for (Part& part : world.parts) {
        part.bound_radius = bound_radius_of(world, part) * 1.0001F;
    }
}

Extent extent_of(const World& world) {
    Extent extent{{1e9F, 1e9F, 1e9F}, {-1e9F, -1e9F, -1e9F}};
    for (const Part& part : world.parts) {
        const Vec3f reach = reach_of(world, part);
        for (int axis = 0; axis < 3; ++axis) {
            extent.low.set(axis, smaller(extent.low[axis], part.center[axis] - reach[axis]));
            extent.high.set(axis, larger(extent.high[axis], part.center[axis] + reach[axis]));
        }
    }
    return extent;
}

}  // namespace lact
