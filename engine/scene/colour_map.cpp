#include "engine/scene/colour_map.h"

#include <algorithm>

namespace lact {
namespace {

// clang-format off
#define LACT_POINT(r, g, b) Colour{r##F, g##F, b##F}
constexpr std::array<Colour, colour_points> diverging_points{
#define LACT_DIVERGING
#include "shaders/colour_points.inc"
#undef LACT_DIVERGING
};
constexpr std::array<Colour, colour_points> sequential_points{
#define LACT_SEQUENTIAL
#include "shaders/colour_points.inc"
#undef LACT_SEQUENTIAL
};
#undef LACT_POINT
// clang-format on

}  // namespace

const std::array<Colour, colour_points>& points_of(ColourMap map) {
    return map == ColourMap::diverging ? diverging_points : sequential_points;
}

Colour mapped_colour(ColourMap map, double t) {
    constexpr int last = static_cast<int>(colour_points) - 1;
    const double position = std::clamp(t, 0.0, 1.0) * last;
    const int i = std::min(static_cast<int>(position), last - 1);
    const auto f = static_cast<float>(position - i);
    const Colour& a = points_of(map).at(static_cast<std::size_t>(i));
    const Colour& b = points_of(map).at(static_cast<std::size_t>(i) + 1);
    return {a[0] + (b[0] - a[0]) * f, a[1] + (b[1] - a[1]) * f, a[2] + (b[2] - a[2]) * f};
}

}  // namespace lact
