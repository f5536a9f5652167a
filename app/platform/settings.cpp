#include "app/platform/settings.h"

#include "engine/core/files.h"
#include "engine/core/text_file.h"
#include "engine/scene/json_field.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uint64_t current_version = 1;
constexpr std::size_t recent_kept = 10;

fs::path file_of(const fs::path& folder) {
    return folder / "settings.json";
}

/// The first unused name of settings.KIND-1.json, settings.KIND-2.json, ...
fs::path free_name(const fs::path& folder, std::string_view kind) {
    for (int i = 1;; ++i) {
        fs::path candidate = folder / fmt::format("settings.{}-{}.json", kind, i);
        std::error_code ignored;
        if (!fs::exists(candidate, ignored)) {
            return candidate;
        }
    }
}

/// Takes known keys out of a JSON object. Notes unusable values and leaves them at their defaults.
class KnownKeys {
  public:
    KnownKeys(json& values, std::vector<std::string>& notes) : values_(&values), notes_(&notes) {}

    template <class Value, class Accepts>
    void read(const char* key, Value& value, const Accepts& accepts) {
        const auto found = values_->find(key);
        if (found == values_->end()) {
            return;
        }
        const json given = std::move(*found);
        values_->erase(found);
        if (accepts(given)) {
            value = given.get<Value>();
        } else {
            notes_->push_back(
                fmt::format("The setting '{}' had a value of the wrong kind and is reset to its "
                            "default.",
                            key));
        }
    }

  private:
    json* values_;
    std::vector<std::string>* notes_;
};

bool is_text(const json& value) {
    return value.is_string();
}

/// Whether a value is an integer within the range.
auto side_within(int lowest, int highest) {
    return [=](const json& value) {
        return value.is_number_integer() && value.get<double>() >= lowest && value.get<double>() <= highest;
    };
}

Settings read_known(json values, std::vector<std::string>& notes) {
    Settings settings;
    KnownKeys keys(values, notes);
    keys.read("theme", settings.theme, [](const json& v) { return v == "dark" || v == "light"; });
    keys.read("ui_scale", settings.ui_scale,
              [](const json& v) { return v.is_number() && v.get<double>() >= 0.5 && v.get<double>() <= 4; });
    keys.read("window_width", settings.window_width, side_within(200, 16384));
    keys.read("window_height", settings.window_height, side_within(200, 16384));
    keys.read("layout", settings.layout, is_text);
    keys.read("recent", settings.recent,
              [](const json& v) { return v.is_array() && std::all_of(v.begin(), v.end(), is_text); });
    keys.read("tour_offered", settings.tour_offered, [](const json& v) { return v.is_boolean(); });
    keys.read("last", settings.last, [](const json& v) { return v.is_object(); });
    keys.read("parameters", settings.parameters, [](const json& v) { return v.is_object(); });
    values.erase("version");
    settings.unknown = std::move(values);
    return settings;
}

std::uint64_t version_of(const json& values) {
    const auto found = values.find("version");
    return found != values.end() && found->is_number_unsigned() ? found->get<std::uint64_t>()
                                                                : current_version;
}

/// $VARIABLE/lactscope, or ~/BELOW_HOME/lactscope. The folder for temporary files is no substitute: other
/// users write to it, too, and could have put a folder or a link there.
Result<fs::path> user_folder(const std::string& what, const std::string& variable,
                             const std::string& below_home) {
    const auto absolute = [](const std::string& name) {
        const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
        return value != nullptr && fs::path(value).is_absolute() ? fs::path(value) : fs::path();
    };
    if (const fs::path chosen = absolute(variable); !chosen.empty()) {
        return chosen / "lactscope";
    }
    if (const fs::path home = absolute("HOME"); !home.empty()) {
        return home / below_home / "lactscope";
    }
    return fail(what, fmt::format("neither {} nor HOME is set to an absolute path", variable),
                fmt::format("Set {} to a folder for {}.", variable, what));
}

}  // namespace

Result<fs::path> settings_folder() {
    return user_folder("settings", "XDG_CONFIG_HOME", ".config");
}

Result<fs::path> generated_scenes_folder() {
    LACT_TRY(fs::path folder, user_folder("generated scenes", "XDG_CACHE_HOME", ".cache"));
    folder /= "generated";
    std::error_code problem;
    fs::create_directories(folder, problem);
    if (problem) {
        return fail(folder.string(), "cannot be created: " + problem.message(),
                    "Set XDG_CACHE_HOME to a folder that can be written to.");
    }
    return folder;
}

LoadedSettings load_settings(const fs::path& folder) {
    LoadedSettings loaded;
    const fs::path file = file_of(folder);
    std::error_code problem;
    if (!fs::exists(file, problem)) {
        return loaded;
    }
    const auto values = parse_json_file(file);
    if (!values || !values->is_object()) {
        const fs::path aside = free_name(folder, "broken");
        fs::rename(file, aside, problem);
        loaded.notes.push_back(
            fmt::format("The settings in {} could not be read ({}); the defaults are used{}.", file.string(),
                        values ? "not a JSON object" : values.error().what,
                        problem ? std::string() : ", and the file is kept as " + aside.filename().string()));
        return loaded;
    }
    if (version_of(*values) > current_version) {
        const fs::path aside = free_name(folder, fmt::format("version-{}", version_of(*values)));
        fs::copy_file(file, aside, problem);
        loaded.notes.push_back(
            fmt::format("The settings are of a newer version of the program ({}, this one knows {}){}.",
                        version_of(*values), current_version,
                        problem ? std::string() : "; a copy is kept as " + aside.filename().string()));
    }
    loaded.settings = read_known(*values, loaded.notes);
    return loaded;
}

Result<void> save_settings(const fs::path& folder, const Settings& settings) {
    std::error_code problem;
    fs::create_directories(folder, problem);
    if (problem) {
        return fail(folder.string(), "cannot be created: " + problem.message(),
                    "Set XDG_CONFIG_HOME to a folder that can be written.");
    }
    json values = settings.unknown;
    values["version"] = current_version;
    values["theme"] = settings.theme;
    values["ui_scale"] = settings.ui_scale;
    values["window_width"] = settings.window_width;
    values["window_height"] = settings.window_height;
    values["layout"] = settings.layout;
    values["recent"] = settings.recent;
    values["tour_offered"] = settings.tour_offered;
    values["parameters"] = settings.parameters;
    values["last"] = settings.last;
    // Paths need not be UTF-8; replaces invalid bytes.
    return write_file_atomically(file_of(folder), dump_json(values, 2) + "\n");
}

Result<void> reset_settings(const fs::path& folder) {
    std::error_code problem;
    fs::remove(file_of(folder), problem);
    if (problem) {
        return fail(file_of(folder).string(), "cannot be removed: " + problem.message());
    }
    return {};
}

void remember_recent(std::vector<std::string>& recent, const fs::path& path) {
    const auto plain = [](const fs::path& given) {
        const fs::path normal = given.lexically_normal();
        return (normal.has_filename() || !normal.has_parent_path() ? normal : normal.parent_path()).string();
    };
    const std::string text = plain(path);
    // Lists of older versions may hold other spellings of the path.
    std::erase_if(recent, [&](const std::string& known) { return plain(known) == text; });
    recent.insert(recent.begin(), text);
    if (recent.size() > recent_kept) {
        recent.resize(recent_kept);
    }
}

}  // namespace lact::app
