#include "engine/model/network.h"

#include "engine/model/rays.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include <ATen/ATen.h>

namespace lact {
namespace {

constexpr double layer_norm_eps = 1e-5;

/// LayerNorm without bias, in the type of the residual stream.
at::Tensor layer_norm(const at::Tensor& x, const at::Tensor& weight) {
    return at::layer_norm(x, {x.size(-1)}, weight, {}, layer_norm_eps);
}

/// RMSNorm computed in the type of its weight (fp32) and returned in the type of x. Without eps: machine
/// epsilon, as in torch.
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, std::optional<double> eps = {}) {
    return at::rms_norm(x.to(weight.scalar_type()), {x.size(-1)}, weight, eps).to(x.scalar_type());
}

/// x / (L2 norm over channels + 1e-5); the norm of bf16 tokens is computed in fp32.
at::Tensor l2_normalised(const at::Tensor& x) {
    const auto wide = x.scalar_type() == at::kBFloat16 ? x.to(at::kFloat) : x;
    return (wide / (wide.norm(2, {-1}, /*keepdim=*/true) + 1e-5)).to(x.scalar_type());
}

}  // namespace

double rate_offset() {
    constexpr double base_rate = 0.01;
    return base_rate + std::log(-std::expm1(-base_rate));  // Inverse of the softplus.
}

Network::Network(const Checkpoint& checkpoint, at::Device device, at::ScalarType type)
    : config_(checkpoint.config),
      device_(device),
      type_(type),
      residual_type_(type == at::kDouble ? at::kDouble : at::kFloat) {
    const auto tensor = [&](const std::string& name, at::ScalarType as) {
        return checkpoint.file.tensors.at(name)
            .to(device_, as, /*non_blocking=*/false, /*copy=*/true)
            .contiguous();
    };
    const auto matrix = [&](const std::string& name) { return tensor(name + ".weight", type_); };
    const auto norm = [&](const std::string& name) { return tensor(name + ".weight", residual_type_); };
    input_linear_ = matrix("input_linear");
    input_norm_ = norm("input_layernorm");
    decoder_norm_ = norm("image_token_decoder.0");
    decoder_linear_ = matrix("image_token_decoder.1");
    for (int i = 0; i < config_.layers; ++i) {
        const std::string base = "blocks." + std::to_string(i) + ".module_list.";
        BlockWeights block;
        block.attention = {norm(base + "0.ln"), matrix(base + "0.f.to_qkv"), matrix(base + "0.f.c_proj"),
                           norm(base + "0.f.q_norm"), norm(base + "0.f.k_norm")};
        const std::string ttt = base + "1.f.";
        const auto fast = [&](const char* name) { return tensor(ttt + name, residual_type_); };
        block.ttt = {norm(base + "1.ln"), matrix(ttt + "to_qkv"), matrix(ttt + "c_proj"),
                     norm(ttt + "o_norm"),
                     // Rates are computed in fp32 at every precision.
                     tensor(ttt + "lr_fc.weight", residual_type_), tensor(ttt + "lr_fc.bias", residual_type_),
                     FastWeights{fast("w0"), fast("w1"), fast("w2")}};
        block.mlp = {norm(base + "2.ln"), matrix(base + "2.f.c_fc"), matrix(base + "2.f.c_proj")};
        blocks_.push_back(std::move(block));
    }
}

Network Network::mirrored() const {
    Network mirror = *this;
    for (BlockWeights& block : mirror.blocks_) {
        block.ttt.initial.w1 = -block.ttt.initial.w1;
        block.ttt.c_proj = -block.ttt.c_proj;
    }
    return mirror;
}

at::Tensor Network::product(const at::Tensor& x, const at::Tensor& weight) const {
    return at::linear(x.to(weight.scalar_type()), weight);
}

at::Tensor Network::upload(const at::Tensor& values) const {
    if (!device_.is_cuda() || !values.is_cpu()) {
        return values.to(device_, residual_type_);
    }
    return values.pin_memory().to(device_, residual_type_, /*non_blocking=*/true);
}

at::Tensor Network::embed(const at::Tensor& posed) const {
    const auto patches = patchify(upload(posed), config_.patch);
    return layer_norm(product(patches, input_linear_).to(residual_type_), input_norm_);
}

at::Tensor Network::embed_targets(const at::Tensor& pose) const {
    // Tokens are (ph pw c). The image channels of a target view are zero, so only the columns of the nine
    // pose channels in each group of twelve contribute.
    const auto patches = patchify(upload(pose), config_.patch);
    const auto columns = input_linear_.view({config_.d, -1, 12}).slice(2, 0, 9).reshape({config_.d, -1});
    return layer_norm(product(patches, columns).to(residual_type_), input_norm_);
}

at::Tensor Network::attention(const BlockWeights& block, const at::Tensor& x, int64_t tokens_per_view) const {
    const int64_t b = x.size(0);
    const int64_t n = x.size(1);
    const int64_t heads = config_.attention_heads();
    const auto per_view = layer_norm(x, block.attention.norm).view({-1, tokens_per_view, config_.d});
    const auto qkv = product(per_view, block.attention.to_qkv)
                         .view({-1, tokens_per_view, 3, heads, config_.attention_head})
                         .permute({2, 0, 3, 1, 4});
    const auto q = rms_norm(qkv[0], block.attention.q_norm);
    const auto k = rms_norm(qkv[1], block.attention.k_norm);
    const auto mixed = at::scaled_dot_product_attention(q, k, qkv[2]);
    return product(mixed.transpose(1, 2).reshape({b, n, config_.d}), block.attention.c_proj)
        .to(residual_type_);
}

/// One of q, k, v (part 0, 1, 2 of `to_qkv`) after silu, split into heads: [b heads, n, head].
at::Tensor Network::head_projection(const BlockWeights& block, const at::Tensor& x, int part) const {
    const int64_t b = x.size(0);
    const int64_t n = x.size(1);
    // Weights trained with q replaced by k have no rows for q.
    const int64_t row = config_.query_is_key ? part - 1 : part;
    const auto weight = block.ttt.to_qkv.slice(0, row * config_.d, (row + 1) * config_.d);
    return at::silu(product(x, weight))
        .view({b, n, config_.ttt_heads(), config_.ttt_head})
        .transpose(1, 2)
        .reshape({b * config_.ttt_heads(), n, config_.ttt_head});
}

UpdateTokens Network::update_tokens(const BlockWeights& block, const at::Tensor& x,
                                    BlockRecord* record) const {
    const int64_t b = x.size(0);
    const int64_t n = x.size(1);
    const int64_t heads = config_.ttt_heads();
    UpdateTokens tokens;
    tokens.k = l2_normalised(head_projection(block, x, 1));
    tokens.v = head_projection(block, x, 2);
    const auto lr = at::linear(x, block.ttt.lr_weight, block.ttt.lr_bias);
    // Rate-major: index = rate * heads + head.
    const auto rates = at::softplus(lr + rate_offset())
                           .view({b, n, 3, heads})
                           .permute({2, 0, 3, 1})
                           .reshape({3, b * heads, n, 1});
    tokens.lr0 = rates[0];
    tokens.lr1 = rates[1];
    tokens.lr2 = rates[2];
    if (record != nullptr) {
        record->lr = lr;
        record->update = tokens;
    }
    return tokens;
}

at::Tensor Network::ttt(const BlockWeights& block, const at::Tensor& tokens, const Pass& pass,
                        FastWeights& fast, BlockRecord* record) const {
    const auto x = layer_norm(tokens, block.ttt.norm);
    if (pass.update_tokens > 0) {
        const int64_t b = x.size(0);
        const auto& [w0, w1, w2] = block.ttt.initial;
        const FastWeights initial{w0.repeat({b, 1, 1}), w1.repeat({b, 1, 1}), w2.repeat({b, 1, 1})};
        UpdateTokens learned = update_tokens(block, x.slice(1, 0, pass.update_tokens), record);
        learned.weight = pass.token_weight;
        const bool own = pass.method != nullptr && pass.method->update;
        fast = own ? pass.method->update(*pass.rule, initial, learned)
                   : update_fast_weights(*pass.rule, initial, learned);
    }
    return pass.update_only ? at::Tensor() : read_out(block, x, pass, fast, record);
}

/// The layer's output [b, n, d] from its normalised tokens x.
at::Tensor Network::read_out(const BlockWeights& block, const at::Tensor& x, const Pass& pass,
                             const FastWeights& fast, BlockRecord* record) const {
    const int64_t b = x.size(0);
    const int64_t n = x.size(1);
    const bool read_with_key = pass.rule->read_with == ReadWith::key || config_.query_is_key;
    const auto q = l2_normalised(head_projection(block, x, read_with_key ? 1 : 0));
    const bool own_read = pass.method != nullptr && pass.method->read;
    const auto o = own_read ? pass.method->read(pass.rule->kernel, fast, q)
                            : apply_fast_weights(pass.rule->kernel, fast, q);
    if (record != nullptr) {
        record->q = q;
        record->o = o;
    }
    const auto joined = rms_norm(o, block.ttt.o_norm, layer_norm_eps)
                            .view({b, config_.ttt_heads(), n, config_.ttt_head})
                            .transpose(1, 2)
                            .reshape({b, n, config_.d});
    return product(joined, block.ttt.c_proj).to(residual_type_);
}

at::Tensor Network::mlp(const BlockWeights& block, const at::Tensor& x) const {
    const auto hidden = at::gelu(product(layer_norm(x, block.mlp.norm), block.mlp.c_fc));
    return product(hidden, block.mlp.c_proj).to(residual_type_);
}

at::Tensor Network::block(std::size_t i, const at::Tensor& input, const Pass& pass, FastWeights& fast,
                          BlockRecord* record) const {
    const BlockWeights& weights = blocks_[i];
    const auto attended = attention(weights, input, pass.tokens_per_view);
    auto x = input + attended;
    const auto read = ttt(weights, x, pass, fast, record);
    if (record != nullptr) {
        record->attention = attended;
        record->ttt = read;
    }
    if (pass.update_only) {
        return {};
    }
    x = x + read;
    const auto expanded = mlp(weights, x);
    x = x + expanded;
    if (record != nullptr) {
        record->mlp = expanded;
        record->tokens = x;
    }
    return x;
}

namespace {

void add_to(at::Tensor& sum, const at::Tensor& part) {
    if (part.defined()) {
        sum = sum.defined() ? sum.add_(part) : part;
    }
}

}  // namespace

void Network::update_in_tiles(std::size_t i, at::Tensor& x, const Pass& pass, int64_t tile,
                              FastWeights& fast) const {
    const BlockWeights& weights = blocks_[i];
    const auto each_tile = [&](const auto& use) {
        for (int64_t first = 0; first < x.size(1); first += tile) {
            use(first, x.slice(1, first, std::min(first + tile, x.size(1))));
        }
    };
    each_tile([&](int64_t, at::Tensor part) { part.add_(attention(weights, part, pass.tokens_per_view)); });
    fast = update_fast_weights(*pass.rule, weights.ttt.initial, [&](const FastWeights& now) {
        FastWeights sum;
        each_tile([&](int64_t first, const at::Tensor& part) {
            UpdateTokens tokens = update_tokens(weights, layer_norm(part, weights.ttt.norm), nullptr);
            if (pass.token_weight.defined()) {
                tokens.weight = pass.token_weight.slice(1, first, first + part.size(1));
            }
            const FastWeights gradient = inner_gradient(*pass.rule, now, tokens);
            add_to(sum.w0, gradient.w0);
            add_to(sum.w1, gradient.w1);
            add_to(sum.w2, gradient.w2);
        });
        return sum;
    });
    if (pass.update_only) {
        return;
    }
    each_tile([&](int64_t, at::Tensor part) {
        part.add_(read_out(weights, layer_norm(part, weights.ttt.norm), pass, fast, nullptr));
        part.add_(mlp(weights, part));
    });
}

at::Tensor Network::decode(const at::Tensor& tokens, int64_t views, int64_t height, int64_t width) const {
    const auto values =
        at::sigmoid(product(layer_norm(tokens, decoder_norm_), decoder_linear_).to(residual_type_));
    return unpatchify(values, views, height, width, config_.patch);
}

}  // namespace lact
