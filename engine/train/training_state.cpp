#include "engine/train/training_state.h"

#include "engine/core/counted.h"
#include "engine/core/json_numbers.h"
#include "engine/core/text_file.h"
#include "engine/model/safetensors.h"

#include <exception>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

using PlainJson = nlohmann::json;

constexpr const char* key = "lact_training";
constexpr int version = 1;
constexpr std::string_view parameter_prefix = "parameters.";
constexpr std::string_view optimizer_prefix = "optimizer.";

void add(std::map<std::string, at::Tensor>& tensors, std::string_view prefix,
         const std::map<std::string, at::Tensor>& more) {
    for (const auto& [name, tensor] : more) {
        tensors.emplace(std::string(prefix) + name, tensor.detach().to(at::kCPU).contiguous());
    }
}

/// Name, version and fingerprint of the families.
PlainJson describe_families(const TrainConfig& config) {
    PlainJson families = PlainJson::array();
    for (const WorldFamily* const family : config.families) {
        families.push_back(
            {{"name", family->name}, {"version", family->version}, {"fingerprint", family->fingerprint}});
    }
    return families;
}

std::string describe(const TrainingState& state) {
    const TrainingProgress& progress = state.progress;
    return dump_json(PlainJson{{"version", version},
                               {"step", progress.step},
                               {"skipped", progress.skipped},
                               {"seconds", progress.seconds},
                               {"smoothed_mse", progress.smoothed_mse},
                               {"parent", progress.parent},
                               {"revision", progress.revision},
                               {"scenes_before", progress.scenes_before},
                               {"hours_before", progress.hours_before},
                               {"families", describe_families(state.config)},
                               {"config", format_train_config(state.config)}});
}

Result<long long> count_of(const PlainJson& json, const char* name, const std::string& where) {
    const auto value = whole_number(json.at(name), 0, most_training_count);
    return value ? Result<long long>(*value)
                 : fail(fmt::format("{}: {}", where, name),
                        fmt::format("is {}, a count was expected", dump_json(json.at(name))));
}

Result<double> amount_of(const PlainJson& json, const char* name, const std::string& where) {
    const auto value = finite_number(json.at(name), 0, most_training_amount);
    return value ? Result<double>(*value)
                 : fail(fmt::format("{}: {}", where, name),
                        fmt::format("is {}, an amount was expected", dump_json(json.at(name))));
}

Result<TrainingState> parse(const std::string& where, const std::string& text) {
    LACT_TRY(const PlainJson json, parse_json(text, where));
    if (json.at("version") != version) {
        return fail(where, fmt::format("is a checkpoint of version {}, this program reads version {}",
                                       dump_json(json.at("version")), version));
    }
    TrainingState state;
    LACT_TRY(state.config, parse_train_config(json.at("config").get<std::string>(), where + ": config"));
    LACT_TRY(const long long step, count_of(json, "step", where));
    LACT_TRY(const long long skipped, count_of(json, "skipped", where));
    LACT_TRY(const double seconds, amount_of(json, "seconds", where));
    LACT_TRY(const double smoothed_mse, amount_of(json, "smoothed_mse", where));
    state.progress = {step,
                      skipped,
                      seconds,
                      smoothed_mse,
                      json.at("parent").get<std::string>(),
                      json.at("revision").get<std::string>(),
                      0,
                      0};
    if (json.contains("scenes_before")) {
        LACT_TRY(state.progress.scenes_before, count_of(json, "scenes_before", where));
        LACT_TRY(state.progress.hours_before, amount_of(json, "hours_before", where));
    }
    // States of older versions have no fingerprints; their families have not changed since.
    if (json.contains("families") && json["families"] != describe_families(state.config)) {
        return fail(where, "was trained on families that have changed since",
                    "Restore their files, or begin a new run with --init.");
    }
    if (state.progress.step < 0 || state.progress.step > state.config.steps()) {
        return fail(where, fmt::format("says that {} of {} done", state.progress.step,
                                       counted(state.config.steps(), "step is", "steps are")));
    }
    return state;
}

}  // namespace

Result<void> write_training_state(const std::filesystem::path& path, const TrainingState& state) {
    try {
        TensorFile file;
        add(file.tensors, parameter_prefix, state.parameters);
        add(file.tensors, optimizer_prefix, state.optimizer);
        file.metadata[key] = describe(state);
        return write_safetensors(path, file);
    } catch (const std::exception& error) {
        return fail(path.string(), fmt::format("cannot be written: {}", error.what()));
    }
}

Result<TrainingState> read_training_state(const std::filesystem::path& path) {
    LACT_TRY(const TensorFile file, read_safetensors(path));
    const auto text = file.metadata.find(key);
    if (text == file.metadata.end()) {
        return fail(path.string(), "is not the checkpoint of a training run",
                    "Use --init to begin with weights.");
    }
    try {
        LACT_TRY(TrainingState state, parse(path.string(), text->second));
        for (const auto& [name, tensor] : file.tensors) {
            // Copies: the tensors that were read are read-only and keep the bytes of the whole file.
            if (name.starts_with(parameter_prefix)) {
                state.parameters.emplace(name.substr(parameter_prefix.size()), tensor.clone());
            } else if (name.starts_with(optimizer_prefix)) {
                state.optimizer.emplace(name.substr(optimizer_prefix.size()), tensor.clone());
            } else {
                return fail(path.string() + ": " + name, "is an unknown tensor");
            }
        }
        return state;
    } catch (const std::exception& error) {
        return fail(path.string(), fmt::format("is a damaged checkpoint: {}", error.what()));
    }
}

}  // namespace lact
