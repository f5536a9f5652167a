#include "app/core/tour.h"

#include "engine/scene/json_field.h"

#include <fmt/format.h>

namespace lact::app {

Result<Tour> load_tour(const std::filesystem::path& path, const ActionTable& actions,
                       const ParameterTable& parameters) {
    LACT_TRY(const nlohmann::json values, parse_json_file(path));
    if (!values.is_array() || values.empty()) {
        return fail(path.string(), "it is no list of steps",
                    R"(A step is {"title", "text", "steps": [...]}.)");
    }
    Tour tour;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::string where = fmt::format("{}: step {}", path.string(), i);
        const nlohmann::json& step = values[i];
        for (const char* key : {"title", "text"}) {
            if (!step.is_object() || !step.contains(key) || !step[key].is_string()) {
                return fail(where, fmt::format("its {} is missing", key));
            }
        }
        LACT_TRY(Script script,
                 parse_script(step.value("steps", nlohmann::json::array()), where, actions, parameters));
        tour.push_back(
            {step["title"].get<std::string>(), step["text"].get<std::string>(), std::move(script)});
    }
    return tour;
}

}  // namespace lact::app
