#include "engine/train/train_config.h"

#include "engine/core/counted.h"
#include "engine/core/json_numbers.h"
#include "engine/core/text_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* hint =
    "The fields of a training configuration are described in engine/train/train_config.h.";

template <class T>
using Names = std::span<const std::pair<std::string_view, T>>;

constexpr std::array<std::pair<std::string_view, Decay>, 3> decays{
    {{"constant", Decay::constant}, {"linear", Decay::linear}, {"cosine", Decay::cosine}}};
constexpr std::array<std::pair<std::string_view, TrainPrecision>, 3> precisions{
    {{"bf16", TrainPrecision::bf16}, {"fp32", TrainPrecision::fp32}, {"auto", TrainPrecision::automatic}}};
constexpr std::array<std::pair<std::string_view, OptimizerKind>, 2> optimizers{
    {{"muon", OptimizerKind::muon}, {"adamw", OptimizerKind::adamw}}};

/// The fields of every part, declared once for reading, writing and comparing. `F` has text, flag, count,
/// optional_count, real, choice, range, families and object; `C` is the configuration, const for writing.
template <class F, class C>
void visit_model(F& f, C& c) {
    f.count("layers", c.layers, 1, 256);
    f.count("d", c.d, 8, 16384);
    f.count("attention_head", c.attention_head, 1, 1024);
    f.count("ttt_head", c.ttt_head, 1, 16384);
    f.real("hidden_multiple", c.hidden_multiple, 0.01, 64);
    f.count("patch", c.patch, 1, 64);
    f.flag("query_is_key", c.query_is_key);
}

template <class F, class C>
void visit_shape(F& f, C& c) {
    f.count("size", c.size, 8, 2048);
    f.count("batch", c.batch, 1, 4096);
    f.range("inputs", c.inputs, 256);
    f.range("targets", c.targets, 256);
}

template <class F, class C>
void visit_stage(F& f, C& c) {
    visit_shape(f, c);
    f.list(
        "in_turn_with", c.in_turn_with, [](auto& inner, auto& part) { visit_shape(inner, part); }, false);
    f.count("steps", c.steps, 1, 1'000'000'000);
    f.real("learning_rate", c.learning_rate, 0, 1);
    f.real("end_learning_rate", c.end_learning_rate, 0, 1);
    f.choice("decay", c.decay, Names<Decay>(decays));
    f.real("decay_fraction", c.decay_fraction, 1e-6, 1);
}

template <class F, class C>
void visit_optimizer(F& f, C& c) {
    f.choice("kind", c.kind, Names<OptimizerKind>(optimizers));
    f.real("weight_decay", c.weight_decay, 0, 10);
    f.real("beta1", c.beta1, 0, 0.999999);
    f.real("beta2", c.beta2, 0, 0.999999);
    f.real("muon_momentum", c.muon_momentum, 0, 0.999999);
    f.real("clip", c.clip, 0, 1e6);
    f.real("ema_decay", c.ema_decay, 0, 0.999999);
}

template <class F, class C>
void visit_auxiliary(F& f, C& c) {
    f.real("silhouette", c.silhouette, 0, 1000);
    f.real("position", c.position, 0, 1000);
}

template <class F, class C>
void visit_cache(F& f, C& c) {
    f.count("views", c.views, 2, 512);
    f.count("reuse", c.reuse, 1, 1000);
    f.count("scenes", c.scenes, 1, 1'000'000);
}

/// The fields that affect the weights.
template <class F, class C>
void visit_learning(F& f, C& c) {
    f.text("name", c.name);
    f.object(
        "model", c.model, [](auto& inner, auto& part) { visit_model(inner, part); }, true);
    f.text("rule", c.rule);
    f.families("family", c.families);
    f.list(
        "stages", c.stages, [](auto& inner, auto& part) { visit_stage(inner, part); }, true);
    f.count("warm_up_steps", c.warm_up_steps, 0, 1'000'000);
    f.object(
        "optimizer", c.optimizer, [](auto& inner, auto& part) { visit_optimizer(inner, part); }, false);
    f.real("foreground_weight", c.foreground_weight, 0, 1000);
    f.object(
        "auxiliary", c.auxiliary, [](auto& inner, auto& part) { visit_auxiliary(inner, part); }, false);
    f.real("gradient_difference_weight", c.gradient_difference_weight, 0, 1000);
    f.real("gradient_difference_from", c.gradient_difference_from, 0, 1);
    f.choice("precision", c.precision, Names<TrainPrecision>(precisions));
    f.flag("augmentations", c.augmentations);
    f.real("augmentation_log_gamma", c.augmentation_log_gamma, 0, 3);
    f.count("seed", c.seed, 0, 1'000'000'000'000);
    f.count("first_seed", c.first_seed, 0, static_cast<long long>(training_seed_end) - 1);
    f.optional_count("turns", c.turns, 1, 1'000'000);
    f.object(
        "cache", c.cache, [](auto& inner, auto& part) { visit_cache(inner, part); }, false);
}

/// How the run is watched and kept.
template <class F, class C>
void visit_watching(F& f, C& c) {
    f.real("checkpoint_minutes", c.checkpoint_minutes, 0, 1440);
    f.count("evaluation_steps", c.evaluation_steps, 0, 1'000'000'000);
    f.count("evaluation_scenes", c.evaluation_scenes, 1, 100'000);
    f.count("curve_steps", c.curve_steps, 1, 1'000'000);
    f.count("threads", c.threads, 0, 1024);
    f.count("workers", c.workers, 0, 1024);
    f.count("loader_threads", c.loader_threads, 0, 1024);
}

class Writer {
  public:
    Json json = Json::object();

    void text(const char* name, const std::string& value) { json[name] = value; }
    void flag(const char* name, bool value) { json[name] = value; }
    template <class T>
    void count(const char* name, T value, long long, long long) {
        json[name] = value;
    }
    /// Leaves out the least value, which is the default.
    template <class T>
    void optional_count(const char* name, T value, long long least, long long most) {
        if (value > least) {
            count(name, value, least, most);
        }
    }
    void real(const char* name, double value, double, double) { json[name] = value; }
    template <class T>
    void choice(const char* name, T value, Names<T> names) {
        for (const auto& [text, known] : names) {
            if (known == value) {
                json[name] = text;
            }
        }
    }
    void range(const char* name, const CountRange& value, int) { json[name] = {value.min, value.max}; }
    void families(const char* name, const std::vector<const WorldFamily*>& values) {
        if (values.size() == 1) {
            json[name] = values.front()->source;
            return;
        }
        for (const WorldFamily* family : values) {
            json[name].push_back(family->source);
        }
    }
    template <class T, class Visit>
    void object(const char* name, const T& value, Visit visit, bool) {
        Writer inner;
        visit(inner, value);
        json[name] = std::move(inner.json);
    }
    template <class T, class Visit>
    void list(const char* name, const std::vector<T>& values, Visit visit, bool required) {
        if (values.empty() && !required) {
            return;
        }
        json[name] = Json::array();
        for (const T& value : values) {
            Writer inner;
            visit(inner, value);
            json[name].push_back(std::move(inner.json));
        }
    }
};

/// Reads the fields of one JSON object and remembers the first error.
class Reader {
  public:
    Reader(const Json& json, std::string file, std::string path)
        : json_(json), file_(std::move(file)), path_(std::move(path)) {}

    void text(const char* name, std::string& value) {
        if (const Json* found = find(name)) {
            if (!found->is_string() || found->get_ref<const std::string&>().empty()) {
                return expected(name, "a text");
            }
            value = found->get<std::string>();
        }
    }
    void flag(const char* name, bool& value) {
        if (const Json* found = find(name)) {
            if (!found->is_boolean()) {
                return expected(name, "true or false");
            }
            value = found->get<bool>();
        }
    }
    template <class T>
    void count(const char* name, T& value, long long least, long long most) {
        if (const Json* found = find(name)) {
            if (!is_count(*found, least, most)) {
                return expected(name, fmt::format("a whole number from {} to {}", least, most));
            }
            value = found->get<T>();
        }
    }
    template <class T>
    void optional_count(const char* name, T& value, long long least, long long most) {
        count(name, value, least, most);
    }
    void real(const char* name, double& value, double least, double most) {
        if (const Json* found = find(name)) {
            if (!found->is_number() || !(found->get<double>() >= least) || !(found->get<double>() <= most)) {
                return expected(name, fmt::format("a number from {} to {}", least, most));
            }
            value = found->get<double>();
        }
    }
    template <class T>
    void choice(const char* name, T& value, Names<T> names) {
        const Json* found = find(name);
        if (found == nullptr) {
            return;
        }
        std::vector<std::string_view> allowed;
        for (const auto& [text, known] : names) {
            if (found->is_string() && found->get_ref<const std::string&>() == text) {
                value = known;
                return;
            }
            allowed.push_back(text);
        }
        expected(name, fmt::format("one of \"{}\"", fmt::join(allowed, "\", \"")));
    }
    void range(const char* name, CountRange& value, int most) {
        const Json* found = find(name);
        if (found == nullptr) {
            return;
        }
        if (is_count(*found, 1, most)) {
            value = {found->get<int>(), found->get<int>()};
        } else if (found->is_array() && found->size() == 2 && is_count((*found)[0], 1, most) &&
                   is_count((*found)[1], (*found)[0].get<long long>(), most)) {
            value = {(*found)[0].get<int>(), (*found)[1].get<int>()};
        } else {
            expected(name, fmt::format("[fewest, most] with 1 <= fewest <= most <= {}", most));
        }
    }
    void families(const char* name, std::vector<const WorldFamily*>& values) {
        const Json* found = find(name);
        if (found == nullptr) {
            return;
        }
        // "both" is what older configurations call the two families there were.
        const Json list = *found == "both"    ? Json::array({"general", "scenes"})
                          : found->is_array() ? *found
                                              : Json::array({*found});
        values.clear();
        for (const Json& entry : list) {
            const bool named = entry.is_string() && !entry.get_ref<const std::string&>().empty();
            const auto family = named ? find_family(entry.get_ref<const std::string&>())
                                      : Result<const WorldFamily*>(nullptr);
            if (!named || !family) {
                return set(fail(place(name),
                                fmt::format("is {}, the name or file of a family of worlds was expected{}",
                                            shown(*found), named ? ": " + family.error().message() : ""),
                                hint));
            }
            values.push_back(*family);
        }
        if (values.empty()) {
            expected(name, "at least one family of worlds");
        }
    }
    template <class T, class Visit>
    void object(const char* name, T& value, Visit visit, bool required) {
        const Json* found = find(name, required);
        if (found != nullptr) {
            descend(*found, name, value, visit);
        }
    }
    template <class T, class Visit>
    void list(const char* name, std::vector<T>& values, Visit visit, bool required) {
        const Json* found = find(name, required);
        if (found == nullptr) {
            return;
        }
        if (!found->is_array() || found->empty()) {
            return expected(name, "a list of at least one object");
        }
        for (std::size_t i = 0; i < found->size(); ++i) {
            descend((*found)[i], fmt::format("{}[{}]", name, i), values.emplace_back(), visit);
        }
    }

    /// The first error, or one for a field that nobody asked for.
    Result<void> finish() {
        if (!error_) {
            return error_;
        }
        for (const auto& [name, value] : json_.items()) {
            if (!known_.contains(name)) {
                return fail(place(name), "is an unknown field",
                            fmt::format("Known here: {}.", fmt::join(known_, ", ")));
            }
        }
        return {};
    }

  private:
    template <class T, class Visit>
    void descend(const Json& json, const std::string& name, T& value, Visit visit) {
        if (!json.is_object()) {
            return set(fail(place(name), fmt::format("is {}, an object was expected", shown(json)), hint));
        }
        Reader inner(json, file_, path_ + name + ".");
        visit(inner, value);
        if (auto result = inner.finish(); !result) {
            set(std::move(result));
        }
    }
    const Json* find(const std::string& name, bool required = false) {
        known_.insert(name);
        const auto found = json_.find(name);
        if (found == json_.end()) {
            if (required) {
                set(fail(place(name), "is missing", hint));
            }
            return nullptr;
        }
        return &*found;
    }
    static bool is_count(const Json& value, long long least, long long most) {
        return whole_number(value, least, most).has_value();
    }
    static std::string shown(const Json& value) {
        constexpr std::size_t longest = 60;
        return dump_json(value, -1, true).substr(0, longest);
    }
    [[nodiscard]] std::string place(const std::string& name) const { return file_ + ": " + path_ + name; }
    void expected(const std::string& name, const std::string& what) {
        set(fail(place(name), fmt::format("is {}, {} was expected", shown(json_.at(name)), what), hint));
    }
    void set(Result<void> error) {
        if (error_) {
            error_ = std::move(error);
        }
    }

    const Json& json_;
    std::string file_;
    std::string path_;
    std::set<std::string> known_;
    Result<void> error_;
};

Result<void> check_model(const TrainConfig& config, const std::string& where) {
    const ModelConfig& model = config.model;
    if (model.layers < 1 || model.d < 1 || model.ttt_head < 1) {
        return fail(where + ": model", "needs layers, d and ttt_head", hint);
    }
    for (const auto& [name, head] :
         {std::pair("attention_head", model.attention_head), {"ttt_head", model.ttt_head}}) {
        if (model.d % head != 0) {
            return fail(fmt::format("{}: model.{}", where, name),
                        fmt::format("is {}, which does not divide d = {}", head, model.d));
        }
    }
    if (model.fast_hidden() < 1) {
        return fail(where + ": model.hidden_multiple",
                    fmt::format("is {}, which leaves no hidden channel of ttt_head = {}",
                                model.hidden_multiple, model.ttt_head));
    }
    const auto rule = parse_update_rule(config.rule);
    if (!rule) {
        return fail(where + ": rule", rule.error().what, rule.error().hint);
    }
    const std::string reason =
        incompatibility(*rule, model.ttt_head, model.fast_hidden(), model.query_is_key);
    return reason.empty() ? Result<void>{} : fail(where + ": rule", reason);
}

Result<void> check_families(const TrainConfig& config, const std::string& where) {
    for (const WorldFamily* const family : config.families) {
        if (config.auxiliary.any() && family->kind != WorldKind::object) {
            return fail(
                where + ": auxiliary",
                fmt::format("needs objects on white, but {} has scenes with surroundings", family->name),
                "Leave it out, or train on another family.");
        }
    }
    return {};
}

Result<void> check_shape(const BatchShape& shape, const TrainConfig& config, const std::string& place) {
    if (shape.size % config.model.patch != 0) {
        return fail(place + ".size", fmt::format("is {}, which is not a multiple of the patch, {}",
                                                 shape.size, config.model.patch));
    }
    if (const int views = shape.inputs.max + shape.targets.max; views > config.cache.views) {
        return fail(place,
                    fmt::format("asks for up to {} and {}, {} in all, but "
                                "cache.views draws {} of a scene",
                                counted(shape.inputs.max, "input"), counted(shape.targets.max, "target"),
                                counted(views, "view"), config.cache.views),
                    "Raise cache.views, or ask for fewer.");
    }
    return {};
}

Result<void> check_stages(const TrainConfig& config, const std::string& where) {
    for (std::size_t i = 0; i < config.stages.size(); ++i) {
        const TrainStage& stage = config.stages[i];
        const std::string place = fmt::format("{}: stages[{}]", where, i);
        LACT_CHECK(check_shape(stage, config, place));
        for (std::size_t k = 0; k < stage.in_turn_with.size(); ++k) {
            LACT_CHECK(
                check_shape(stage.in_turn_with[k], config, fmt::format("{}.in_turn_with[{}]", place, k)));
        }
        if (stage.decay != Decay::constant && stage.end_learning_rate > stage.learning_rate) {
            return fail(place + ".end_learning_rate",
                        fmt::format("is {}, above the learning rate {} that it falls from",
                                    stage.end_learning_rate, stage.learning_rate));
        }
    }
    if (config.cache.scenes < config.cache.reuse) {
        return fail(where + ": cache.scenes", fmt::format("is {}, at least cache.reuse = {} was expected",
                                                          config.cache.scenes, config.cache.reuse));
    }
    return {};
}

/// The first difference of two JSON values.
std::string difference(const Json& before, const Json& now, const std::string& path) {
    if (before.is_object() && now.is_object()) {
        for (const auto& [name, value] : before.items()) {
            const std::string inner =
                difference(value, now.value(name, Json()), path.empty() ? name : path + "." + name);
            if (!inner.empty()) {
                return inner;
            }
        }
        for (const auto& [name, value] : now.items()) {
            if (!before.contains(name)) {
                return difference(Json(), value, path.empty() ? name : path + "." + name);
            }
        }
        return {};
    }
    if (before.is_array() && now.is_array() && before.size() == now.size()) {
        for (std::size_t i = 0; i < before.size(); ++i) {
            const std::string inner = difference(before[i], now[i], fmt::format("{}[{}]", path, i));
            if (!inner.empty()) {
                return inner;
            }
        }
        return {};
    }
    return before == now ? std::string()
                         : fmt::format("{}: {}, not {}", path, dump_json(now), dump_json(before));
}

}  // namespace

std::vector<int> TrainStage::sizes() const {
    std::set<int, std::greater<>> all;
    for (std::size_t turn = 0; turn < turns(); ++turn) {
        all.insert(shape(turn).size);
    }
    return {all.begin(), all.end()};
}

long long TrainConfig::steps() const {
    long long sum = 0;
    for (const TrainStage& stage : stages) {
        sum += stage.steps;
    }
    return sum;
}

Result<TrainConfig> parse_train_config(std::string_view text, const std::string& where) {
    try {
        LACT_TRY(const Json json, parse_ordered_json(text, where));
        if (!json.is_object()) {
            return fail(where, "is not a JSON object", hint);
        }
        TrainConfig config;
        Reader reader(json, where, "");
        visit_learning(reader, config);
        visit_watching(reader, config);
        LACT_CHECK(reader.finish());
        LACT_CHECK(check_train_config(config, where));
        return config;
    } catch (const std::exception& error) {
        return fail(where, fmt::format("is not valid JSON: {}", error.what()));
    }
}

Result<void> check_train_config(const TrainConfig& config, const std::string& where) {
    LACT_CHECK(check_model(config, where));
    LACT_CHECK(check_families(config, where));
    return check_stages(config, where);
}

Result<TrainConfig> load_train_config(const std::filesystem::path& path) {
    LACT_TRY(const std::string text, read_text_file(path));
    return parse_train_config(text, path.string());
}

std::string format_train_config(const TrainConfig& config) {
    Writer writer;
    visit_learning(writer, config);
    visit_watching(writer, config);
    return dump_json(writer.json, 2);
}

UpdateRule train_rule(const TrainConfig& config) {
    return parse_update_rule(config.rule).value_or(UpdateRule{});
}

Result<TrainConfig> with_steps(TrainConfig config, long long steps) {
    const auto stages = static_cast<long long>(config.stages.size());
    if (steps < stages) {
        return fail("--steps", fmt::format("{} fewer than the {} of the configuration",
                                           counted(steps, "step is", "steps are"), counted(stages, "stage")));
    }
    const auto before = static_cast<double>(config.steps());
    double requested = 0;
    long long given = 0;
    for (long long i = 0; i < stages; ++i) {
        TrainStage& stage = config.stages[static_cast<std::size_t>(i)];
        requested += static_cast<double>(stage.steps);
        const long long end = std::llround(requested / before * static_cast<double>(steps));
        // At least one step for this stage and for each later one.
        stage.steps = std::clamp(end - given, 1LL, steps - given - (stages - 1 - i));
        given += stage.steps;
    }
    return config;
}

namespace {

/// The rate at `progress` in [0, 1), the completed fraction of the stage.
double stage_rate(const TrainStage& stage, double progress) {
    const double begin = 1 - stage.decay_fraction;
    if (stage.decay == Decay::constant || progress <= begin) {
        return stage.learning_rate;
    }
    const double u = (progress - begin) / stage.decay_fraction;
    const double kept = stage.decay == Decay::linear ? 1 - u : 0.5 * (1 + std::cos(std::numbers::pi * u));
    return stage.end_learning_rate + (stage.learning_rate - stage.end_learning_rate) * kept;
}

}  // namespace

double learning_rate(const TrainConfig& config, long long step) {
    const double warm_up =
        config.warm_up_steps > 0 ? std::min(1.0, static_cast<double>(step + 1) / config.warm_up_steps) : 1.0;
    std::size_t stage = 0;
    long long in_stage = step;
    while (stage + 1 < config.stages.size() && in_stage >= config.stages[stage].steps) {
        in_stage -= config.stages[stage++].steps;
    }
    const TrainStage& current = config.stages[stage];
    return warm_up * stage_rate(current, static_cast<double>(in_stage) / static_cast<double>(current.steps));
}

Result<TrainConfig> decay_branch(TrainConfig config, long long step, long long decay_steps,
                                 double end_learning_rate) {
    if (step < 1 || step > config.steps()) {
        return fail("decay branch", fmt::format("{} of {} done: the branch needs a step of the run", step,
                                                counted(config.steps(), "step is", "steps are")));
    }
    if (decay_steps < 1) {
        return fail("decay branch", fmt::format("of {} was asked for, at least one was expected",
                                                counted(decay_steps, "step")));
    }
    const double rate = learning_rate(config, step - 1);
    // A rate of the warm-up must not rise further.
    config.warm_up_steps = static_cast<int>(std::min<long long>(config.warm_up_steps, step));
    std::size_t at = 0;
    long long before = 0;
    while (before + config.stages[at].steps < step) {
        before += config.stages[at++].steps;
    }
    // The stages that are cut off count in the numbers of the worlds that were trained on.
    for (const TrainStage& stage : config.stages) {
        config.turns = std::max(config.turns, static_cast<int>(stage.turns()));
    }
    config.stages.resize(at + 1);
    TrainStage& done = config.stages.back();
    TrainStage decay = done;
    done.steps = step - before;
    done.decay = Decay::constant;
    decay.steps = decay_steps;
    decay.learning_rate = rate;
    decay.end_learning_rate = std::min(rate, end_learning_rate);
    decay.decay = Decay::linear;
    decay.decay_fraction = 1;
    config.stages.push_back(decay);
    return config;
}

std::string incompatibility(const TrainConfig& before, const TrainConfig& now) {
    Writer a;
    Writer b;
    visit_learning(a, before);
    visit_learning(b, now);
    return difference(a.json, b.json, "");
}

}  // namespace lact
