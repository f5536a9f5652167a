#include "engine/train/trainable_network.h"

#include "engine/model/network.h"
#include "engine/model/rays.h"
#include "engine/train/inner_update.h"
#include "engine/train/row_functions.h"

#include <cmath>

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

namespace lact {
namespace {

constexpr double layer_norm_eps = 1e-5;
constexpr double deviation = 0.02;

/// Makes the parameters in the order of the forward pass, each a leaf of autograd.
class ParameterMaker {
  public:
    ParameterMaker(std::vector<Parameter>& parameters, at::TensorOptions options, std::uint64_t seed)
        : parameters_(&parameters), options_(options), generator_(at::detail::createCPUGenerator(seed)) {}

    at::Tensor normal(const std::string& name, at::IntArrayRef shape, double spread) {
        // Drawn on the CPU in fp32, so the values depend on the seed alone.
        return keep(name, at::normal(0.0, spread, shape, generator_));
    }
    at::Tensor ones(const std::string& name, int64_t size) { return keep(name, at::ones({size})); }
    at::Tensor zeros(const std::string& name, at::IntArrayRef shape) { return keep(name, at::zeros(shape)); }

  private:
    at::Tensor keep(const std::string& name, const at::Tensor& value) {
        const auto leaf = value.to(options_).requires_grad_(true);
        parameters_->push_back({name, leaf});
        return leaf;
    }

    std::vector<Parameter>* parameters_;
    at::TensorOptions options_;
    at::Generator generator_;
};

/// x W^T with W converted to the type of x.
at::Tensor project(const at::Tensor& x, const at::Tensor& weight) {
    return at::linear(x, weight.to(x.scalar_type()));
}

}  // namespace

TrainableNetwork::TrainableNetwork(const ModelConfig& config, const UpdateRule& rule, at::Device device,
                                   at::ScalarType type, std::uint64_t seed, bool auxiliary)
    : config_(config), rule_(rule), type_(type) {
    const auto wide = type == at::kDouble ? at::kDouble : at::kFloat;
    ParameterMaker make(parameters_, at::TensorOptions().dtype(wide).device(device), seed);
    const int64_t d = config.d;
    const int64_t p2 = static_cast<int64_t>(config.patch) * config.patch;
    const int64_t head = config.ttt_head;
    const int64_t heads = config.ttt_heads();
    const int64_t hidden = config.fast_hidden();
    const double output = deviation / std::sqrt(3.0 * config.layers);
    outer_.input = make.normal("input_linear.weight", {d, 12 * p2}, deviation);
    outer_.input_norm = make.ones("input_layernorm.weight", d);
    for (int i = 0; i < config.layers; ++i) {
        const std::string base = "blocks." + std::to_string(i) + ".module_list.";
        const std::string ttt = base + "1.f.";
        BlockWeights block;
        block.attention.norm = make.ones(base + "0.ln.weight", d);
        block.attention.to_qkv = make.normal(base + "0.f.to_qkv.weight", {3 * d, d}, deviation);
        block.attention.c_proj = make.normal(base + "0.f.c_proj.weight", {d, d}, output);
        block.attention.q_norm = make.ones(base + "0.f.q_norm.weight", config.attention_head);
        block.attention.k_norm = make.ones(base + "0.f.k_norm.weight", config.attention_head);
        block.ttt.norm = make.ones(base + "1.ln.weight", d);
        const double in = std::sqrt(2.0 / static_cast<double>(head));
        block.ttt.initial.w0 = make.normal(ttt + "w0", {heads, head, hidden}, in);
        block.ttt.initial.w1 =
            make.normal(ttt + "w1", {heads, hidden, head}, std::sqrt(2.0 / static_cast<double>(hidden)));
        block.ttt.initial.w2 = make.normal(ttt + "w2", {heads, head, hidden}, in);
        block.ttt.to_qkv =
            make.normal(ttt + "to_qkv.weight", {(config.query_is_key ? 2 : 3) * d, d}, deviation);
        block.ttt.c_proj = make.normal(ttt + "c_proj.weight", {d, d}, output);
        block.ttt.lr_weight = make.normal(ttt + "lr_fc.weight", {3 * heads, d}, deviation);
        block.ttt.lr_bias = make.zeros(ttt + "lr_fc.bias", {3 * heads});
        block.ttt.o_norm = make.ones(ttt + "o_norm.weight", head);
        block.mlp.norm = make.ones(base + "2.ln.weight", d);
        block.mlp.c_fc = make.normal(base + "2.f.c_fc.weight", {4 * d, d}, deviation);
        block.mlp.c_proj = make.normal(base + "2.f.c_proj.weight", {d, 4 * d}, output);
        blocks_.push_back(std::move(block));
    }
    outer_.decoder_norm = make.ones("image_token_decoder.0.weight", d);
    outer_.decoder = make.normal("image_token_decoder.1.weight", {3 * p2, d}, deviation);
    if (auxiliary) {
        outer_.auxiliary = make.zeros(auxiliary_parameter, {auxiliary_channels * p2, d});
    }
}

Result<void> TrainableNetwork::load(const TensorFile& file) {
    const bool without_auxiliary = outer_.auxiliary.defined() && !file.tensors.contains(auxiliary_parameter);
    const std::size_t expected = parameters_.size() - (without_auxiliary ? 1 : 0);
    if (file.tensors.size() != expected) {
        return fail("weights",
                    std::to_string(file.tensors.size()) + " tensors instead of " + std::to_string(expected),
                    "The file belongs to another configuration.");
    }
    const auto kept = [&](const std::string& name) {
        return without_auxiliary && name == auxiliary_parameter;
    };
    for (const auto& [name, value] : parameters_) {
        const auto found = file.tensors.find(name);
        if (kept(name)) {
            continue;
        }
        if (found == file.tensors.end() || found->second.sizes() != value.sizes()) {
            return fail(name, found == file.tensors.end() ? "is not in the weights" : "has another shape",
                        "The file belongs to another configuration.");
        }
    }
    const at::NoGradGuard no_grad;
    for (const auto& [name, value] : parameters_) {
        if (!kept(name)) {
            value.copy_(file.tensors.at(name));
        }
    }
    return {};
}

at::Tensor TrainableNetwork::embed(const at::Tensor& posed, const at::Tensor& pose) const {
    const auto rows = [&](const at::Tensor& views) {
        return patchify(views, config_.patch).flatten(0, 1).to(type_);
    };
    // The image channels of targets are zero: only the nine pose columns of each group of twelve matter.
    const auto columns = outer_.input.view({config_.d, -1, 12}).slice(2, 0, 9).reshape({config_.d, -1});
    const auto tokens = at::cat({project(rows(posed), outer_.input), project(rows(pose), columns)}, 0);
    return at::layer_norm(tokens.to(outer_.input_norm.scalar_type()), {config_.d}, outer_.input_norm, {},
                          layer_norm_eps);
}

UpdateTokens TrainableNetwork::rates(const BlockWeights& block, const at::Tensor& y, int64_t batch) const {
    const int64_t heads = config_.ttt_heads();
    const auto lr =
        at::linear(y.to(block.ttt.lr_weight.scalar_type()), block.ttt.lr_weight, block.ttt.lr_bias);
    // Rate-major: index = rate * heads + head. One scene or one head alone would make a view with strides of
    // it, and fused kernels read rates as they lie.
    const auto all = at::softplus(lr + rate_offset())
                         .view({batch, -1, 3, heads})
                         .permute({2, 0, 3, 1})
                         .reshape({3, batch * heads, -1, 1})
                         .contiguous();
    return {{}, {}, all[0], all[1], all[2], {}};
}

at::Tensor TrainableNetwork::ttt(const BlockWeights& block, const at::Tensor& y, const Rows& rows,
                                 bool last) const {
    const int64_t d = config_.d;
    const int64_t heads = config_.ttt_heads();
    const auto halves = y.split_with_sizes({rows.input, rows.target}, 0);
    const auto& from_input = halves[0];
    const auto& from_target = halves[1];
    const bool reads_key = config_.query_is_key || rule_.read_with == ReadWith::key;
    // Rows of to_qkv: (q,) k, v. Nothing reads the queries of the input tokens after the last layer.
    const int64_t key_row = config_.query_is_key ? 0 : d;
    const bool input_queries = !last && !reads_key;
    const auto weight = block.ttt.to_qkv.to(type_);
    const auto input_weight = input_queries ? weight : weight.narrow(0, key_row, 2 * d);
    auto parts = training::silu_heads(
        at::linear(from_input, input_weight),
        input_queries ? std::vector<bool>{true, true, false} : std::vector<bool>{true, false},
        rows.input / rows.batch, heads);
    UpdateTokens tokens = rates(block, from_input, rows.batch);
    tokens.v = parts.back();
    tokens.k = parts[parts.size() - 2];
    const auto repeated = [&](const at::Tensor& w) { return w.repeat({rows.batch, 1, 1}); };
    const auto& [w0, w1, w2] = block.ttt.initial;
    const FastWeights fast =
        training::update_fast_weights(rule_, {repeated(w0), repeated(w1), repeated(w2)}, tokens);

    const auto query_weight = weight.narrow(0, reads_key ? key_row : 0, d);
    const auto q =
        training::silu_heads(at::linear(from_target, query_weight), {true}, rows.target / rows.batch, heads);
    const auto read = [&](const at::Tensor& x) {
        return training::norm_joined(training::apply_fast_weights(rule_.kernel, fast, x), block.ttt.o_norm,
                                     heads);
    };
    auto joined = read(q[0]);
    if (!last) {
        joined = at::cat({read(reads_key ? tokens.k : parts[0]), joined}, 0);
    }
    return project(joined, block.ttt.c_proj);
}

at::Tensor TrainableNetwork::forward(const at::Tensor& posed, const at::Tensor& pose) const {
    return forward_all(posed, pose).images;
}

TrainableNetwork::Outputs TrainableNetwork::forward_all(const at::Tensor& posed,
                                                        const at::Tensor& pose) const {
    const int64_t batch = posed.size(0);
    const int64_t height = posed.size(3);
    const int64_t width = posed.size(4);
    const int64_t tokens = height * width / config_.patch / config_.patch;
    const Rows rows{batch, batch * posed.size(1) * tokens, batch * pose.size(1) * tokens};
    at::Tensor x = embed(posed, pose);
    at::Tensor delta;
    const auto next = [&](const at::Tensor& gain) {
        auto normed = training::add_norm(x, delta, gain, type_);
        x = normed.sum;
        return normed.y;
    };
    for (const auto& block : blocks_) {
        const bool last = &block == &blocks_.back();
        const auto qkv = project(next(block.attention.norm), block.attention.to_qkv);
        delta = project(training::attention(qkv, block.attention.q_norm, block.attention.k_norm, tokens),
                        block.attention.c_proj);
        const auto y = next(block.ttt.norm);
        delta = ttt(block, y, rows, last);
        if (last) {
            x = x.narrow(0, rows.input, rows.target);
        }
        delta = project(training::gelu(project(next(block.mlp.norm), block.mlp.c_fc)), block.mlp.c_proj);
    }
    const auto wide = outer_.decoder_norm.scalar_type();
    const auto decoded = next(outer_.decoder_norm);
    const auto image_of = [&](const at::Tensor& values) {
        return unpatchify(values.view({batch, -1, values.size(1)}), pose.size(1), height, width,
                          config_.patch);
    };
    Outputs outputs;
    outputs.images = image_of(at::sigmoid(project(decoded, outer_.decoder).to(wide)));
    if (outer_.auxiliary.defined()) {
        const auto values = image_of(project(decoded, outer_.auxiliary).to(wide));
        outputs.auxiliary = at::cat({at::sigmoid(values.slice(2, 0, 1)), values.slice(2, 1)}, 2);
    }
    return outputs;
}

}  // namespace lact
