#include "engine/model/state_names.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact {
namespace {

using namespace std::string_view_literals;

constexpr std::array container_words{
    "model"sv,     "state_dict"sv,   "model_state_dict"sv, "model_state"sv, "module"sv,
    "_orig_mod"sv, "net"sv,          "network"sv,          "params"sv,      "weights"sv,
    "state"sv,     "online_model"sv, "checkpoint"sv,       "lvsm"sv};
constexpr std::array average_words{"ema"sv,        "ema_model"sv,      "ema_state_dict"sv,
                                   "ema_params"sv, "ema_weights"sv,    "model_ema"sv,
                                   "params_ema"sv, "state_dict_ema"sv, "ema_net"sv,
                                   "net_ema"sv,    "averaged_model"sv, "model_state_dict_ema"sv};
/// Words that wrappers put into the middle of names.
constexpr std::array inner_wrappers{"_orig_mod"sv, "_fsdp_wrapped_module"sv, "_checkpoint_wrapped_module"sv};
/// First words of the tensors of a LaCT-NVS network.
constexpr std::array network_parts{"blocks"sv, "input_linear"sv, "input_layernorm"sv,
                                   "image_token_decoder"sv};

template <class Words>
bool is_among(const Words& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::string_view first_word_of(std::string_view name) {
    return name.substr(0, name.find('.'));
}

/// One tensor of the file.
struct NamedTensor {
    std::string file_name;
    std::string prefix;  ///< "ema.module"; empty if none.
    std::string name;    ///< Without the prefix.
    bool averaged = false;
    const std::vector<std::int64_t>* shape = nullptr;

    [[nodiscard]] bool of_network() const { return is_among(network_parts, first_word_of(name)); }
};

NamedTensor parse_state_name(const std::string& file_name, const std::vector<std::int64_t>& shape) {
    NamedTensor tensor{file_name, {}, {}, false, &shape};
    std::string_view rest = file_name;
    for (std::size_t end = rest.find('.'); end != std::string_view::npos; end = rest.find('.')) {
        const std::string_view word = rest.substr(0, end);
        const bool average = is_among(average_words, word);
        if ((!average && !is_among(container_words, word) && !is_among(inner_wrappers, word)) ||
            end + 1 == rest.size()) {
            break;
        }
        tensor.averaged = tensor.averaged || average;
        tensor.prefix += tensor.prefix.empty() ? "" : ".";
        tensor.prefix += word;
        rest.remove_prefix(end + 1);
    }
    while (true) {
        const std::size_t end = rest.find('.');
        const std::string_view word = rest.substr(0, end);
        if (end == std::string_view::npos || !is_among(inner_wrappers, word)) {
            tensor.name += tensor.name.empty() ? "" : ".";
            tensor.name += word;
        }
        if (end == std::string_view::npos) {
            return tensor;
        }
        rest.remove_prefix(end + 1);
    }
}

using NamedTensors = std::vector<const NamedTensor*>;

bool names_are_unique(const NamedTensors& tensors) {
    std::set<std::string_view> names;
    return std::all_of(tensors.begin(), tensors.end(),
                       [&](const NamedTensor* tensor) { return names.insert(tensor->name).second; });
}

/// The prefix that holds the state: with most tensors of the network, then with most tensors. Those
/// without a prefix come last: they may be an optimizer.
std::string main_prefix(const NamedTensors& tensors) {
    std::map<std::string, std::pair<std::size_t, std::size_t>> counts;
    for (const NamedTensor* tensor : tensors) {
        auto& [of_network, all] = counts[tensor->prefix];
        of_network += tensor->of_network() ? 1 : 0;
        ++all;
    }
    const auto rank = [](const auto& entry) {
        return std::tuple(entry.second.first, !entry.first.empty(), entry.second.second);
    };
    return std::max_element(counts.begin(), counts.end(),
                            [&](const auto& a, const auto& b) { return rank(a) < rank(b); })
        ->first;
}

/// The state among tensors that are all averaged, or all not.
NamedTensors state_among(const NamedTensors& tensors) {
    if (tensors.empty()) {
        return {};
    }
    const std::string prefix = main_prefix(tensors);
    std::set<std::string_view> parts(network_parts.begin(), network_parts.end());
    for (const NamedTensor* tensor : tensors) {
        if (tensor->prefix == prefix) {
            parts.insert(first_word_of(tensor->name));
        }
    }
    NamedTensors state;
    std::copy_if(tensors.begin(), tensors.end(), std::back_inserter(state), [&](const NamedTensor* tensor) {
        return tensor->prefix == prefix || parts.contains(first_word_of(tensor->name));
    });
    if (!names_are_unique(state)) {
        std::erase_if(state, [&](const NamedTensor* tensor) { return tensor->prefix != prefix; });
    }
    return state;
}

/// Whether the averaged state holds everything that the other one holds of the network. If neither holds a
/// part of a LaCT-NVS network, every tensor counts.
bool average_is_complete(const NamedTensors& averaged, const NamedTensors& other) {
    const auto of_network = [](const NamedTensor* tensor) { return tensor->of_network(); };
    const bool known = std::any_of(averaged.begin(), averaged.end(), of_network) ||
                       std::any_of(other.begin(), other.end(), of_network);
    std::map<std::string_view, const std::vector<std::int64_t>*> shapes;
    for (const NamedTensor* tensor : averaged) {
        shapes[tensor->name] = tensor->shape;
    }
    return !averaged.empty() && std::all_of(other.begin(), other.end(), [&](const NamedTensor* tensor) {
        const auto found = shapes.find(tensor->name);
        return (known && !tensor->of_network()) ||
               (found != shapes.end() && *found->second == *tensor->shape);
    });
}

}  // namespace

StateSelection select_state(const TensorShapes& file) {
    std::vector<NamedTensor> all;
    all.reserve(file.size());
    for (const auto& [name, shape] : file) {
        all.push_back(parse_state_name(name, shape));
    }
    NamedTensors averaged;
    NamedTensors others;
    for (const NamedTensor& tensor : all) {
        (tensor.averaged ? averaged : others).push_back(&tensor);
    }
    averaged = state_among(averaged);
    const bool prefixed =
        std::any_of(all.begin(), all.end(), [](const NamedTensor& t) { return !t.prefix.empty(); });
    others = prefixed ? state_among(others) : others;
    const NamedTensors& state = average_is_complete(averaged, others) ? averaged : others;

    StateSelection selection;
    std::set<std::string> prefixes;
    std::set<std::string_view> taken;
    for (const NamedTensor* tensor : state) {
        selection.names.emplace(tensor->name, tensor->file_name);
        taken.insert(tensor->file_name);
        if (!tensor->prefix.empty()) {
            prefixes.insert(tensor->prefix);
        }
    }
    selection.from = fmt::format("{}", fmt::join(prefixes, " and "));
    std::set<std::string> left_out;
    for (const NamedTensor& tensor : all) {
        if (!taken.contains(tensor.file_name)) {
            left_out.insert(tensor.prefix.empty() ? std::string(first_word_of(tensor.name)) : tensor.prefix);
        }
    }
    selection.left_out.assign(left_out.begin(), left_out.end());
    return selection;
}

}  // namespace lact
