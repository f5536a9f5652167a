#include "app/cli/held_out_list.h"

#include "app/cli/assets.h"
#include "engine/scene/json_field.h"

#include <fmt/format.h>

namespace lact::app {
namespace {

Result<std::vector<std::uint64_t>> seeds(const JsonField& list, const char* name) {
    LACT_TRY(const JsonField field, list.at(name));
    if (!field.value().is_array()) {
        return field.bad(fmt::format("is {}, a list of seeds was expected", field.shown()));
    }
    std::vector<std::uint64_t> result;
    for (std::size_t i = 0; i < field.value().size(); ++i) {
        const JsonField seed = field.element(i);
        if (!seed.value().is_number_unsigned() || seed.value().get<std::uint64_t>() < training_seeds) {
            return seed.bad(
                fmt::format("is {}, a whole number from {} was expected", seed.shown(), training_seeds));
        }
        result.push_back(seed.value().get<std::uint64_t>());
    }
    return result;
}

}  // namespace

Result<HeldOutSeeds> held_out_list() {
    LACT_TRY(const auto path, find_asset("heldout.json"));
    LACT_TRY(const nlohmann::json json, parse_json_file(path));
    const JsonField list(json, path.string(), "");
    HeldOutSeeds result;
    LACT_TRY(const JsonField version, list.at("generator_version"));
    if (!version.value().is_number_unsigned()) {
        return version.bad(fmt::format("is {}, a whole number was expected", version.shown()));
    }
    result.generator_version = version.value().get<int>();
    LACT_TRY(result.object, seeds(list, "object"));
    LACT_TRY(result.scene, seeds(list, "scene"));
    return result;
}

}  // namespace lact::app
