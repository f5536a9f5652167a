// Scripts: app/commands/script.h, with a table of commands that do nothing. Every step is also run.
#include "app/commands/script.h"

#include "app/commands/commands.h"
#include "engine/core/text_file.h"
#include "tests/fuzz/target.h"

#include <memory>

namespace lact::app {
namespace {

template <class... C>
void add_idle_commands(CommandTable& table) {
    (void)(table.add<C>({C::id, {}, "Does nothing", "File"}, {}, [](const C&) {}).has_value() && ...);
}

Result<void> add_idle_parameter(ParameterTable& table, const char* id, Domain domain, ParameterValue to) {
    const auto value = std::make_shared<ParameterValue>(to);
    return AddParameter{table}(
        id, id, "View", "Changes nothing", Effect::shows, always(std::move(domain)), to,
        [value] { return *value; }, [value](const ParameterValue& changed) { *value = changed; });
}

}  // namespace
}  // namespace lact::app

LACT_FUZZ_TARGET(script) {
    using namespace app;
    CommandTable commands;
    add_idle_commands<app::OpenFile, SaveRendering, ShowPanel, GoToView, TurnCamera, OpenScene, FindPoses,
                      SetInputs, SetRule, RunExperiment>(commands);
    ParameterTable parameters;
    (void)add_idle_parameter(parameters, "view.on", Switch{}, false);
    (void)add_idle_parameter(parameters, "rule.steps", WholeNumbers{1, 64}, 1);
    (void)add_idle_parameter(parameters, "compare.divider", Numbers{0, 1}, 0.5);
    (void)add_idle_parameter(parameters, "viewport.filter", Choices{{"nearest", "bicubic"}}, "nearest");
    (void)add_idle_parameter(parameters, "compare.side", FreeText{}, "");
    const auto json = parse_json(text_of(data, size), "script");
    if (json && json->is_array()) {
        for (const auto& step : with_current_ids(*json, commands, parameters)) {
            (void)step_words(step, commands, parameters);
        }
    }
    auto script = load_script(scratch().file("script.json", text_of(data, size)), commands, parameters);
    if (!script) {
        return script.error().what.empty() ? 1 : 0;
    }
    (void)requests_of(*script, commands, parameters);
    double now = 0;
    script->rights = ScriptRights::all;
    ScriptRunner runner(*script, commands, parameters, [&now] { return now += 1e6; });
    for (int i = 0; i < 200 && runner.step(true) == ScriptRunner::State::running; ++i) {
    }
    return 0;
}
