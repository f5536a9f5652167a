#include "engine/procedural/held_out.h"

#include "engine/procedural/world.h"
#include "engine/scene/json_field.h"

#include <string_view>
#include <unordered_set>

#include <fmt/format.h>

namespace lact {
namespace {

Result<std::uint64_t> read_seed(const JsonField& field) {
    if (!field.value().is_number_unsigned()) {
        return field.bad(fmt::format("is {}, not a whole number from 0 on", field.shown()));
    }
    const auto seed = field.value().get<std::uint64_t>();
    if (seed < held_out_seed_begin) {
        return field.bad(
            fmt::format("is {}, below {}: training may have seen this seed", seed, held_out_seed_begin),
            fmt::format("Held-out seeds begin at {}.", held_out_seed_begin));
    }
    return seed;
}

Result<std::vector<std::uint64_t>> read_seeds(const JsonField& file, std::string_view key) {
    LACT_TRY(const JsonField list, file.at(key));
    if (!list.value().is_array() || list.value().empty()) {
        return list.bad(fmt::format("is {}, not a list of seeds", list.shown()));
    }
    std::vector<std::uint64_t> seeds;
    std::unordered_set<std::uint64_t> seen;
    for (std::size_t i = 0; i < list.value().size(); ++i) {
        const JsonField element = list.element(i);
        LACT_TRY(const std::uint64_t seed, read_seed(element));
        if (!seen.insert(seed).second) {
            return element.bad(fmt::format("is {}, which stands in the list twice", seed));
        }
        seeds.push_back(seed);
    }
    return seeds;
}

}  // namespace

Result<HeldOut> read_held_out(const std::filesystem::path& path) {
    LACT_TRY(const nlohmann::json json, parse_json_file(path));
    const JsonField file(json, path.string(), {});
    HeldOut out;
    LACT_TRY(const JsonField version, file.at("generator_version"));
    if (!version.value().is_number_integer() || version.value().get<std::int64_t>() != generator_version) {
        return version.bad(
            fmt::format("is {}, but this program generates version {}", version.shown(), generator_version),
            "Measure with the program the file was made for, or use the file that came with this one.");
    }
    out.generator_version = generator_version;
    LACT_TRY(out.object, read_seeds(file, "object"));
    LACT_TRY(out.scene, read_seeds(file, "scene"));
    return out;
}

}  // namespace lact
