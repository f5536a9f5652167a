#include "app/commands/script.h"

#include "engine/core/text_file.h"
#include "engine/scene/json_field.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

namespace {

using nlohmann::json;

constexpr std::string_view step_forms =
    R"(A step is {"action": ID, "with": {...}}, {"set": ID, "to": VALUE, "over": seconds}, )"
    R"({"wait": "idle" or seconds} or {"at": seconds}.)";

std::string step_name(std::size_t index) {
    return fmt::format("step {}", index);
}

/// The same error, its place preceded by the step.
tl::unexpected<Error> in_step(Error error, const std::string& place) {
    error.where = error.where.empty() ? place : place + ": " + error.where;
    return tl::unexpected<Error>(std::move(error));
}

Result<void> check_keys(const json& step, std::string_view first, std::string_view second,
                        std::string_view third = {}) {
    for (const auto& [key, value] : step.items()) {
        if (key != first && key != second && key != third) {
            return fail({}, fmt::format("'{}' has no place beside '{}'", key, first),
                        std::string(step_forms));
        }
    }
    return {};
}

/// The id of a command or parameter.
Result<std::string> id_of(const json& step, const char* key) {
    if (!step[key].is_string()) {
        return fail({}, fmt::format("'{}' is no text", key), std::string(step_forms));
    }
    return step[key].get<std::string>();
}

Result<double> time_of(const json& step, const char* key) {
    const json& time = step[key];
    if (!time.is_number() || time.get<double>() < 0 || time.get<double>() > longest_script_wait) {
        return fail({}, fmt::format("'{}' is {}, not a time from 0 to {} seconds", key, dump_json(time),
                                    longest_script_wait));
    }
    return time.get<double>();
}

Result<ScriptStep> parse_wait(const json& step) {
    LACT_CHECK(check_keys(step, "wait", "wait"));
    const json& wait = step["wait"];
    if (wait == "idle") {
        return WaitIdle{};
    }
    if (wait.is_number() && wait.get<double>() >= 0 && wait.get<double>() <= longest_script_wait) {
        return WaitSeconds{wait.get<double>()};
    }
    return fail(
        {}, fmt::format("'wait' is neither \"idle\" nor a time from 0 to {} seconds", longest_script_wait));
}

Result<ScriptStep> parse_step(const json& step, const CommandTable& commands,
                              const ParameterTable& parameters) {
    constexpr std::array kinds{"action", "set", "wait", "at"};
    const auto count = step.is_object() ? std::count_if(kinds.begin(), kinds.end(),
                                                        [&](const char* kind) { return step.contains(kind); })
                                        : 0;
    if (count != 1) {
        return fail({},
                    count == 0 ? "it has none of action, set, wait and at"
                               : "it has several of action, set, wait and at",
                    std::string(step_forms));
    }
    if (step.contains("wait")) {
        return parse_wait(step);
    }
    if (step.contains("at")) {
        LACT_CHECK(check_keys(step, "at", "at"));
        LACT_TRY(const double seconds, time_of(step, "at"));
        return WaitUntil{seconds};
    }
    if (step.contains("action")) {
        LACT_CHECK(check_keys(step, "action", "with"));
        RunCommand run;
        LACT_TRY(run.id, id_of(step, "action"));
        run.with = step.value("with", json::object());
        LACT_CHECK(commands.check(run.id, run.with));
        run.id = commands.find(run.id)->id;  // Not an alias.
        return run;
    }
    LACT_CHECK(check_keys(step, "set", "to", "over"));
    SetParameter set;
    LACT_TRY(set.id, id_of(step, "set"));
    if (!step.contains("to")) {
        return fail({}, "'to' is missing", std::string(step_forms));
    }
    LACT_TRY(set.to, value_from_json(step["to"]));
    LACT_TRY(const ParameterValue now, parameters.get(set.id));
    set.id = parameters.find(set.id)->id;
    if (step.contains("over")) {
        LACT_TRY(set.over, time_of(step, "over"));
        if (!now.is_number() || !set.to.is_number()) {
            return fail({}, fmt::format("'{}' is no number: it cannot be set over time", set.id));
        }
    }
    return set;
}

}  // namespace

Result<Script> parse_script(const json& json, const std::string& where, const CommandTable& commands,
                            const ParameterTable& parameters) {
    if (!json.is_array()) {
        return fail(where, "it is no list of steps", std::string(step_forms));
    }
    Script script;
    for (std::size_t i = 0; i < json.size(); ++i) {
        auto step = parse_step(json[i], commands, parameters);
        if (!step) {
            return in_step(std::move(step.error()), where + ": " + step_name(i));
        }
        script.steps.push_back(std::move(*step));
    }
    return script;
}

Result<Script> load_script(const std::filesystem::path& path, const CommandTable& commands,
                           const ParameterTable& parameters) {
    LACT_TRY(const json values, parse_json_file(path));
    return parse_script(values, path.string(), commands, parameters);
}

json with_current_ids(json steps, const CommandTable& commands, const ParameterTable& parameters) {
    const auto rename = [](json& step, const char* key, const auto& table) {
        if (const auto id = step.find(key); id != step.end() && id->is_string()) {
            if (const auto* row = table.find(id->template get<std::string>()); row != nullptr) {
                *id = row->id;
            }
        }
    };
    for (json& step : steps) {
        if (step.is_object()) {
            rename(step, "action", commands);
            rename(step, "set", parameters);
        }
    }
    return steps;
}

std::string step_words(const json& step, const CommandTable& commands, const ParameterTable& parameters) {
    const auto plain = [](const json& value) {
        return value.is_string() ? value.get<std::string>() : dump_json(value);
    };
    if (!step.is_object()) {
        return dump_json(step);
    }
    if (step.contains("at")) {
        return fmt::format("until {} s", plain(step["at"]));
    }
    if (step.contains("wait")) {
        return step["wait"] == "idle" ? std::string("wait until all is computed")
                                      : fmt::format("wait {} s", plain(step["wait"]));
    }
    if (step.contains("set")) {
        const std::string id = plain(step["set"]);
        const Parameter* parameter = parameters.find(id);
        const std::string value = step.contains("to") ? plain(step["to"]) : std::string();
        return fmt::format("{}: {}{}", parameter != nullptr ? parameter->title : id,
                           value.empty() ? "none" : value,
                           step.contains("over") ? fmt::format(", over {} s", plain(step["over"])) : "");
    }
    const std::string id = step.contains("action") ? plain(step["action"]) : dump_json(step);
    const Command* command = commands.find(id);
    std::string words = command != nullptr ? command->title : id;
    if (const auto with = step.find("with"); with != step.end() && with->is_object()) {
        const char* before = ": ";
        for (const auto& [name, value] : with->items()) {
            words += before + plain(value);
            before = ", ";
        }
    }
    return words;
}

ScriptRunner::ScriptRunner(Script script, const CommandTable& commands, const ParameterTable& parameters,
                           std::function<double()> now)
    : script_(std::move(script)),
      commands_(&commands),
      parameters_(&parameters),
      now_(std::move(now)),
      state_(script_.steps.empty() ? State::done : State::running) {}

ScriptRunner::State ScriptRunner::step(bool idle) {
    if (state_ != State::running) {
        return state_;
    }
    auto over = advance(idle);
    if (!over && script_.pass_over && std::holds_alternative<SetParameter>(script_.steps[next_])) {
        script_.pass_over(over.error());
        over = true;
    }
    if (!over) {
        error_ = in_step(std::move(over.error()), step_name(next_)).value();
        state_ = State::failed;
    } else if (*over) {
        wait_began_.reset();
        if (++next_ == script_.steps.size()) {
            state_ = State::done;
        }
    }
    return state_;
}

double ScriptRunner::seconds_left() const {
    const double begun = began_ ? now_() - *began_ : 0;
    double at = begun;
    for (std::size_t i = next_; i < script_.steps.size(); ++i) {
        const ScriptStep& step = script_.steps[i];
        // Part of the current step is over.
        const double over = i == next_ && wait_began_ ? now_() - *wait_began_ : 0;
        if (const auto* until = std::get_if<WaitUntil>(&step)) {
            at = std::max(at, until->seconds);
        } else if (const auto* wait = std::get_if<WaitSeconds>(&step)) {
            at += std::max(0.0, wait->seconds - over);
        } else if (const auto* set = std::get_if<SetParameter>(&step)) {
            at += std::max(0.0, set->over - over);
        }
    }
    return at - begun;
}

namespace {

/// What a step touches. One that is not known counts as the worst.
Effect effect_of(const ScriptStep& step, const CommandTable& commands, const ParameterTable& parameters) {
    if (const auto* run = std::get_if<RunCommand>(&step)) {
        const Command* command = commands.find(run->id);
        return command == nullptr ? Effect::ends : command->touches(run->with);
    }
    if (const auto* set = std::get_if<SetParameter>(&step)) {
        const Parameter* parameter = parameters.find(set->id);
        return parameter == nullptr ? Effect::ends : parameter->touches(set->to);
    }
    return Effect::shows;
}

/// Whether rights allow an effect. Files that are there are a question of their own.
bool allows(ScriptRights rights, Effect effect) {
    switch (effect) {
        case Effect::shows:
            return true;
        case Effect::customizes:
            return rights >= ScriptRights::customizes;
        case Effect::opens:
            return rights >= ScriptRights::opens;
        case Effect::writes:
        case Effect::starts:
        case Effect::ends:
            break;
    }
    return rights >= ScriptRights::new_files;
}

/// The file, or the folder that is not empty, that a step would write into.
std::optional<std::filesystem::path> replaced_file(const ScriptStep& step, const CommandTable& commands) {
    const auto* run = std::get_if<RunCommand>(&step);
    const Command* command = run != nullptr ? commands.find(run->id) : nullptr;
    return command != nullptr && command->touches(run->with) == Effect::writes
               ? command->replaced_by(run->with)
               : std::nullopt;
}

std::string request_words(const ScriptStep& step, const CommandTable& commands,
                          const ParameterTable& parameters) {
    if (const auto* run = std::get_if<RunCommand>(&step)) {
        const Command* command = commands.find(run->id);
        std::string words = command == nullptr ? run->id : command->title;
        for (const auto& [name, value] : run->with.items()) {
            words += ": " + (value.is_string() ? value.get<std::string>() : dump_json(value));
        }
        return words + (replaced_file(step, commands) ? ", replaces the file" : "");
    }
    const auto& set = std::get<SetParameter>(step);
    const Parameter* parameter = parameters.find(set.id);
    return fmt::format("{}: {}", parameter == nullptr ? set.id : parameter->title, set.to.shown());
}

}  // namespace

std::vector<std::string> requests_of(const Script& script, const CommandTable& commands,
                                     const ParameterTable& parameters) {
    std::vector<std::string> requests;
    for (const ScriptStep& step : script.steps) {
        if (effect_of(step, commands, parameters) != Effect::shows) {
            requests.push_back(request_words(step, commands, parameters));
        }
    }
    return requests;
}

/// Sets the value of this moment; true once it is the final one.
Result<bool> ScriptRunner::advance_set(const SetParameter& set) {
    if (set.over <= 0) {
        LACT_CHECK(parameters_->set(set.id, set.to));
        return true;
    }
    if (!wait_began_) {
        wait_began_ = now_();
        LACT_TRY(const ParameterValue from, parameters_->get(set.id));
        set_from_ = from.is_number() ? from.get<double>() : 0;
    }
    const double t = std::clamp((now_() - *wait_began_) / set.over, 0.0, 1.0);
    const double value = std::lerp(set_from_, set.to.get<double>(), t * t * (3 - 2 * t));
    const Parameter* parameter = parameters_->find(set.id);
    const bool counts = parameter != nullptr && std::holds_alternative<WholeNumbers>(parameter->domain());
    LACT_CHECK(parameters_->set(set.id, t >= 1   ? set.to
                                        : counts ? ParameterValue(std::llround(value))
                                                 : ParameterValue(value)));
    return t >= 1;
}

Result<bool> ScriptRunner::forbidden() const {
    const ScriptStep& step = script_.steps[next_];
    if (script_.rights == ScriptRights::all) {
        return false;
    }
    if (!allows(script_.rights, effect_of(step, *commands_, *parameters_))) {
        if (script_.refused) {
            script_.refused(
                {"left out: " + request_words(step, *commands_, *parameters_), step_name(next_), {}, false});
        }
        return true;
    }
    if (const auto file = replaced_file(step, *commands_)) {
        return fail(file->string(), "is there already, and a script replaces no file",
                    "Choose another name, or run with --overwrite.");
    }
    return false;
}

Result<bool> ScriptRunner::advance(bool idle) {
    began_ = began_.value_or(now_());
    const ScriptStep& step = script_.steps[next_];
    if (!wait_began_) {
        LACT_TRY(const bool passed_over, forbidden());
        if (passed_over) {
            return true;
        }
    }
    if (const auto* run = std::get_if<RunCommand>(&step)) {
        LACT_CHECK(commands_->run(run->id, run->with));
        return true;
    }
    if (const auto* set = std::get_if<SetParameter>(&step)) {
        return advance_set(*set);
    }
    if (const auto* until = std::get_if<WaitUntil>(&step)) {
        return now_() - *began_ >= until->seconds;
    }
    const bool first = !wait_began_;
    if (first) {
        wait_began_ = now_();
    }
    if (const auto* seconds = std::get_if<WaitSeconds>(&step)) {
        return now_() - *wait_began_ >= seconds->seconds;
    }
    if (const auto* until = std::get_if<WaitFor>(&step)) {
        return !first && until->over();
    }
    return !first && idle;
}

Result<Tour> load_tour(const std::filesystem::path& path, const CommandTable& commands,
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
                 parse_script(step.value("steps", nlohmann::json::array()), where, commands, parameters));
        tour.push_back(
            {step["title"].get<std::string>(), step["text"].get<std::string>(), std::move(script)});
    }
    return tour;
}

}  // namespace lact::app
