#include "engine/procedural/world_family.h"

#include "embedded/families.h"
#include "engine/core/full_path.h"
#include "engine/core/text_file.h"
#include "engine/procedural/make_world.h"
#include "engine/scene/json_field.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <initializer_list>
#include <list>
#include <mutex>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact {
namespace {

constexpr const char* hint = "assets/families/vehicles.json shows every field.";

Result<void> only(const JsonField& object, std::initializer_list<std::string_view> known) {
    if (!object.value().is_object()) {
        return object.bad(fmt::format("is {}, not an object", object.shown()), hint);
    }
    for (const auto& [key, value] : object.value().items()) {
        if (std::find(known.begin(), known.end(), key) == known.end()) {
            return object.bad(fmt::format("has the unknown field \"{}\"", key),
                              fmt::format("Known fields: {}.", fmt::join(known, ", ")));
        }
    }
    return {};
}

Result<float> number(const JsonField& object, std::string_view key, double least, double most) {
    LACT_TRY(const JsonField field, object.at(key));
    LACT_TRY(const double value, field.number());
    if (value < least || value > most) {
        return field.bad(
            fmt::format("is {}, a number from {} to {} was expected", field.shown(), least, most));
    }
    return static_cast<float>(value);
}

Result<std::int64_t> whole(const JsonField& field, std::int64_t least, std::int64_t most) {
    if (!field.value().is_number_integer() || field.value().get<std::int64_t>() < least ||
        field.value().get<std::int64_t>() > most) {
        return field.bad(
            fmt::format("is {}, a whole number from {} to {} was expected", field.shown(), least, most));
    }
    return field.value().get<std::int64_t>();
}

Result<ValueRange> range(const JsonField& object, std::string_view key, double least, double most) {
    LACT_TRY(const JsonField field, object.at(key));
    if (!field.value().is_array() || field.value().size() != 2) {
        return field.bad(fmt::format("is {}, [lowest, highest] was expected", field.shown()), hint);
    }
    LACT_TRY(const double low, field.element(0).number());
    LACT_TRY(const double high, field.element(1).number());
    if (low < least || high > most || low > high) {
        return field.bad(fmt::format("is {}, [lowest, highest] within {} and {} was expected", field.shown(),
                                     least, most));
    }
    return ValueRange{static_cast<float>(low), static_cast<float>(high)};
}

/// Names are used in folder and file names; older names of families are reserved.
bool is_plain_name(std::string_view name) {
    constexpr std::size_t longest = 64;
    const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_';
    });
    return plain && name.size() <= longest && name != "object" && name != "scene" && name != "both";
}

/// Whether the field is "any", which selects the built-in distribution.
bool is_any(const JsonField& field) {
    return field.value().is_string() && field.value().get_ref<const std::string&>() == "any";
}

Result<std::vector<ClassWeight>> read_classes(const JsonField& file) {
    LACT_TRY(const JsonField list, file.at("classes"));
    if (!list.value().is_array() || list.value().empty()) {
        return list.bad(fmt::format("is {}, a list of [class, weight] was expected", list.shown()), hint);
    }
    std::vector<ClassWeight> classes;
    for (std::size_t i = 0; i < list.value().size(); ++i) {
        const JsonField entry = list.element(i);
        if (!entry.value().is_array() || entry.value().size() != 2) {
            return entry.bad(fmt::format("is {}, [class, weight] was expected", entry.shown()), hint);
        }
        LACT_TRY(const std::string name, entry.element(0).text());
        if (!is_object_class(name)) {
            return entry.bad(fmt::format("names the unknown class \"{}\"", name),
                             fmt::format("Known: {}.", fmt::join(object_class_names(), ", ")));
        }
        LACT_TRY(const auto weight, whole(entry.element(1), 1, 1000));
        classes.push_back({name, static_cast<int>(weight)});
    }
    return classes;
}

Result<void> read_modes(const JsonField& file, WorldFamily& family) {
    LACT_TRY(const JsonField materials, file.at("materials"));
    LACT_TRY(const std::string style, materials.text());
    if (style != "any" && style != "plain") {
        return materials.bad(fmt::format("is {}, \"any\" or \"plain\" was expected", materials.shown()));
    }
    family.materials = style == "plain" ? MaterialStyle::plain : MaterialStyle::any;
    LACT_TRY(const JsonField details, file.at("details"));
    LACT_CHECK(only(details, {"decals", "attachments"}));
    LACT_TRY(family.decals, number(details, "decals", 0, 1));
    LACT_TRY(family.attachments, number(details, "attachments", 0, 1));
    LACT_TRY(const JsonField rotation, file.at("rotation"));
    LACT_CHECK(only(rotation, {"any", "tipped", "unturned"}));
    LACT_TRY(family.rotation.any, number(rotation, "any", 0, 1));
    LACT_TRY(family.rotation.tipped, number(rotation, "tipped", 0, 1));
    LACT_TRY(family.rotation.unturned, number(rotation, "unturned", 0, 1));
    LACT_TRY(const JsonField extent, file.at("half_extent"));
    LACT_CHECK(only(extent, {"usual", "usual_chance", "other", "largest_diagonal"}));
    LACT_TRY(family.extent.usual, range(extent, "usual", 0.1, 2));
    LACT_TRY(family.extent.usual_chance, number(extent, "usual_chance", 0, 1));
    LACT_TRY(family.extent.other, range(extent, "other", 0.1, 2));
    LACT_TRY(family.extent.largest_diagonal, number(extent, "largest_diagonal", 0.2, 4));
    return {};
}

Result<std::optional<LightStyle>> read_light(const JsonField& file) {
    LACT_TRY(const JsonField field, file.at("light"));
    if (is_any(field)) {
        return std::optional<LightStyle>();
    }
    LACT_CHECK(only(field, {"ambient", "sky", "key", "key_height", "warmth"}));
    LightStyle light;
    LACT_TRY(light.ambient, range(field, "ambient", 0, 2));
    LACT_TRY(light.sky, range(field, "sky", 0, 2));
    LACT_TRY(light.key, range(field, "key", 0, 2));
    LACT_TRY(light.key_height, range(field, "key_height", -1, 1));
    LACT_TRY(light.warmth, number(field, "warmth", 0, 1));
    return std::optional(light);
}

Result<std::optional<CameraStyle>> read_cameras(const JsonField& file) {
    LACT_TRY(const JsonField field, file.at("cameras"));
    if (is_any(field)) {
        return std::optional<CameraStyle>();
    }
    LACT_CHECK(only(field, {"radius", "half_tangent", "lowest_sine", "highest_sine", "radius_spread"}));
    CameraStyle cameras;
    LACT_TRY(cameras.radius, range(field, "radius", 1.5, 100));
    LACT_TRY(cameras.half_tangent, range(field, "half_tangent", 0.01, 3));
    LACT_TRY(cameras.lowest_sine, range(field, "lowest_sine", -0.99, 0.99));
    LACT_TRY(cameras.highest_sine, range(field, "highest_sine", -0.99, 0.99));
    LACT_TRY(cameras.radius_spread, number(field, "radius_spread", 0, 0.3));
    if (cameras.lowest_sine.high > cameras.highest_sine.low) {
        return field.bad("has a \"lowest_sine\" above its \"highest_sine\"");
    }
    return std::optional(cameras);
}

Result<std::vector<std::uint64_t>> read_held_out(const JsonField& file) {
    LACT_TRY(const JsonField field, file.at("held_out"));
    LACT_CHECK(only(field, {"first", "count"}));
    LACT_TRY(const JsonField first_field, field.at("first"));
    LACT_TRY(const auto first,
             whole(first_field, static_cast<std::int64_t>(held_out_seed_begin), INT64_MAX / 2));
    LACT_TRY(const JsonField count_field, field.at("count"));
    LACT_TRY(const auto count, whole(count_field, 1, 100'000));
    std::vector<std::uint64_t> seeds;
    for (std::int64_t i = 0; i < count; ++i) {
        seeds.push_back(static_cast<std::uint64_t>(first + i));
    }
    return seeds;
}

Result<WorldFamily> read_family(const JsonField& file) {
    LACT_CHECK(only(file, {"name", "version", "title", "kind", "classes", "materials", "details", "rotation",
                           "half_extent", "light", "cameras", "held_out"}));
    WorldFamily family;
    LACT_TRY(const JsonField name, file.at("name"));
    LACT_TRY(family.name, name.text());
    if (!is_plain_name(family.name)) {
        return name.bad(
            fmt::format("is {}, a name of letters, digits, '-' and '_' was expected, not object, "
                        "scene or both, which are older names of general and scenes",
                        name.shown()));
    }
    LACT_TRY(const JsonField version, file.at("version"));
    LACT_TRY(const auto number, whole(version, 1, 1'000'000));
    family.version = static_cast<int>(number);
    LACT_TRY(const JsonField title, file.at("title"));
    LACT_TRY(family.title, title.text());
    LACT_TRY(const JsonField kind, file.at("kind"));
    LACT_TRY(const std::string kind_name, kind.text());
    if (kind_name != "object" && kind_name != "scene") {
        return kind.bad(fmt::format("is {}, \"object\" or \"scene\" was expected", kind.shown()));
    }
    family.kind = kind_name == "scene" ? WorldKind::scene : WorldKind::object;
    LACT_TRY(family.held_out, read_held_out(file));
    if (family.kind == WorldKind::scene) {
        LACT_CHECK(only(file, {"name", "version", "title", "kind", "held_out"}));
        return family;
    }
    LACT_TRY(family.classes, read_classes(file));
    LACT_CHECK(read_modes(file, family));
    LACT_TRY(family.light, read_light(file));
    LACT_TRY(family.cameras, read_cameras(file));
    if (family.rotation.any + family.rotation.tipped > 1) {
        return file.bad("has a rotation with a sum of \"any\" and \"tipped\" above 1");
    }
    if (family.cameras && family.cameras->radius.low * (1 - family.cameras->radius_spread) <
                              family.extent.largest_diagonal / 2) {
        return file.bad(
            "has cameras that may be inside an object: compare radius and its spread with half of "
            "largest_diagonal");
    }
    return family;
}

/// The FNV-1a hash of a text, as hexadecimal digits.
std::string fingerprint_of(std::string_view text) {
    std::uint64_t value = 14695981039346656037ULL;
    for (const char c : text) {
        value = (value ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
    return fmt::format("{:016x}", value);
}

const WorldFamily& built_in(std::string_view json, const char* name) {
    static std::mutex mutex;
    static std::list<WorldFamily> families;
    const std::lock_guard lock(mutex);
    for (const WorldFamily& family : families) {
        if (family.source == name) {
            return family;
        }
    }
    // The embedded files are part of the program, and a test parses them.
    WorldFamily family = parse_family(json, name).value();
    family.source = name;
    return families.emplace_back(std::move(family));
}

/// Families of files, each stored once.
Result<const WorldFamily*> family_of_file(const std::filesystem::path& path) {
    struct Known {
        std::string text;
        WorldFamily family;
    };
    static std::mutex mutex;
    static std::list<Known> known;
    LACT_TRY(std::string text, read_text_file(path));
    // Files refer to the family by this path from any working folder.
    const std::string source = full_path(path).string();
    const std::lock_guard lock(mutex);
    for (const Known& entry : known) {
        if (entry.text == text && entry.family.source == source) {
            return &entry.family;
        }
    }
    LACT_TRY(WorldFamily family, parse_family(text, path.string()));
    for (const WorldFamily* built : built_in_families()) {
        if (built->name == family.name) {
            return fail(path.string() + ": name",
                        fmt::format("is \"{}\", the name of a built-in family", family.name),
                        "Give the family another name, so that weights identify it.");
        }
    }
    family.source = source;
    return &known.emplace_back(Known{std::move(text), std::move(family)}).family;
}

}  // namespace

const WorldFamily& general_family() {
    static const WorldFamily& family = built_in(families::general, "general");
    return family;
}

const WorldFamily& scenes_family() {
    static const WorldFamily& family = built_in(families::scenes, "scenes");
    return family;
}

const WorldFamily& vehicles_family() {
    static const WorldFamily& family = built_in(families::vehicles, "vehicles");
    return family;
}

std::vector<const WorldFamily*> built_in_families() {
    return {&vehicles_family(), &general_family(), &scenes_family()};
}

Result<const WorldFamily*> find_family(std::string_view name_or_file) {
    std::string_view name = name_or_file;
    name = name == "object" ? "general" : name == "scene" ? "scenes" : name;
    std::vector<std::string> names;
    for (const WorldFamily* family : built_in_families()) {
        if (family->name == name) {
            return family;
        }
        names.push_back(family->name);
    }
    std::error_code problem;
    if (!std::filesystem::is_regular_file(name_or_file, problem)) {
        return fail(std::string(name_or_file), "is neither a family of generated worlds nor a file",
                    fmt::format("Families: {}; or the path of a JSON file.", fmt::join(names, ", ")));
    }
    return family_of_file(name_or_file);
}

Result<WorldFamily> parse_family(std::string_view text, const std::string& where) {
    LACT_TRY(const nlohmann::json json, parse_json(text, where));
    LACT_TRY(WorldFamily family, read_family(JsonField(json, where, {})));
    family.fingerprint = fingerprint_of(dump_json(json));
    return family;
}

}  // namespace lact
