#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/model/checkpoint.h"
#include "engine/model/config.h"
#include "engine/ttt/fast_weights.h"
#include "engine/ttt/update_rule.h"

#include <functional>
#include <vector>

#include <ATen/ATen.h>

namespace lact {

/// Slow weights of one block: three residual sub-layers x + f(LN(x)). Matrices are [out, in], as stored.
struct BlockWeights {
    struct Attention {
        at::Tensor norm, to_qkv, c_proj, q_norm, k_norm;
    } attention;
    struct Ttt {
        at::Tensor norm, to_qkv, c_proj, o_norm, lr_weight, lr_bias;
        FastWeights initial;  ///< [heads, ..] each, fp32
    } ttt;
    struct Mlp {
        at::Tensor norm, c_fc, c_proj;
    } mlp;
};

/// Intermediate tensors of one block, for tests and for the panels that show them.
struct BlockRecord {
    at::Tensor attention;  ///< [b, n, d] attention output before the residual sum
    at::Tensor lr;         ///< [b, update tokens, 3 heads] output of lr_fc, before offset and softplus
    UpdateTokens update;   ///< [b heads, update tokens, ..]; undefined in an apply-only pass
    at::Tensor q;          ///< [b heads, n, head] queries that read the fast weights
    at::Tensor o;          ///< [b heads, n, head] read-out before o_norm
    at::Tensor ttt;        ///< [b, n, d] TTT layer's output before the residual sum
    at::Tensor mlp;        ///< [b, n, d]
    at::Tensor tokens;     ///< [b, n, d] after the block
};

/// Another computation in place of the TTT step of one layer. An empty function stands for the TTT step.
struct LayerMethod {
    /// The fast weights after the update, all of the type of `initial`.
    std::function<FastWeights(const UpdateRule&, const FastWeights& initial, const UpdateTokens&)> update;
    /// The read-out [n, tokens, d_out], before the output norm, of the queries [n, tokens, d_in].
    std::function<at::Tensor(Kernel, const FastWeights&, const at::Tensor& q)> read;
};
/// One method for each layer; empty: the TTT step in all of them.
using LayerMethods = std::vector<LayerMethod>;

/// What is added to a rate's logit before the softplus: where the logit is 0, the rate is the base rate 0.01.
[[nodiscard]] double rate_offset();

/// LaCT-NVS (arXiv 2505.23884): tokens of posed images; blocks of per-view self-attention, TTT layer and
/// MLP; and a decoder from tokens to images. Immutable after construction and independent of any scene.
class Network {
  public:
    /// Copies the checkpoint's tensors to a device. `type` is the type of matrix products (kFloat,
    /// kBFloat16, kDouble), of their results, and of what is computed from them up to the next one:
    /// activations, normalised q and k, attention, phi, the read-out, and the gradients of the fast weights.
    /// The residual stream, norms, rates and the fast weights themselves stay in fp32 (fp64 with kDouble).
    Network(const Checkpoint& checkpoint, at::Device device, at::ScalarType type);

    [[nodiscard]] const ModelConfig& config() const { return config_; }
    [[nodiscard]] at::Device device() const { return device_; }
    [[nodiscard]] at::ScalarType type() const { return type_; }

    /// Initial fast weights of layer i, the same for every scene: [heads, ..] each.
    [[nodiscard]] const FastWeights& initial_fast_weights(int i) const {
        return blocks_.at(static_cast<std::size_t>(i)).ttt.initial;
    }

    /// Tokens of posed images [b, v, 12, h, w] (pose channels, then 2 * image - 1): [b, v * h w / p^2, d].
    [[nodiscard]] at::Tensor embed(const at::Tensor& posed) const;
    /// Tokens of target views from their pose channels [b, v, 9, h, w]; the image channels of targets are
    /// zero. Returns [b, v * h w / p^2, d].
    [[nodiscard]] at::Tensor embed_targets(const at::Tensor& pose) const;

    /// How a block processes its tokens x [b, n, d].
    struct Pass {
        const UpdateRule* rule = nullptr;
        int64_t tokens_per_view = 0;
        int64_t update_tokens = 0;  ///< Number of leading tokens that update the fast weights; 0: apply only.
        bool update_only = false;   ///< Skip everything after the update (last layer of set-up).
        at::Tensor token_weight{};  ///< UpdateTokens::weight of the update; undefined: all 1.
        const LayerMethod* method = nullptr;  ///< In place of the TTT step; null: the TTT step.
    };
    /// The same network with the signs of every initial W1 and of every output projection of a TTT layer
    /// flipped. It shares all other tensors.
    [[nodiscard]] Network mirrored() const;

    /// Runs block i. With update tokens it writes the updated weights to `fast`, otherwise it reads `fast`.
    [[nodiscard]] at::Tensor block(std::size_t i, const at::Tensor& x, const Pass& pass, FastWeights& fast,
                                   BlockRecord* record = nullptr) const;

    /// block() of set-up in tiles of `tile` tokens, in whole views: changes x [1, n, d] in place and writes
    /// the updated weights to `fast`. All tokens update. The gradients are summed over the tiles, so the
    /// weights agree with those of block() up to the order of sums, and in bf16 up to the rounding of each
    /// tile's gradient; every inner step projects the tokens again. `pass.method` has no update of its own,
    /// which would need all tokens at once.
    void update_in_tiles(std::size_t i, at::Tensor& x, const Pass& pass, int64_t tile,
                         FastWeights& fast) const;

    /// Images [b, v, 3, h, w] in [0, 1] from the tokens of the last block.
    [[nodiscard]] at::Tensor decode(const at::Tensor& tokens, int64_t views, int64_t height,
                                    int64_t width) const;

  private:
    [[nodiscard]] at::Tensor attention(const BlockWeights& block, const at::Tensor& x,
                                       int64_t tokens_per_view) const;
    [[nodiscard]] at::Tensor ttt(const BlockWeights& block, const at::Tensor& x, const Pass& pass,
                                 FastWeights& fast, BlockRecord* record) const;
    [[nodiscard]] at::Tensor read_out(const BlockWeights& block, const at::Tensor& x, const Pass& pass,
                                      const FastWeights& fast, BlockRecord* record) const;
    [[nodiscard]] UpdateTokens update_tokens(const BlockWeights& block, const at::Tensor& x,
                                             BlockRecord* record) const;
    [[nodiscard]] at::Tensor head_projection(const BlockWeights& block, const at::Tensor& x, int part) const;
    [[nodiscard]] at::Tensor mlp(const BlockWeights& block, const at::Tensor& x) const;
    [[nodiscard]] at::Tensor product(const at::Tensor& x, const at::Tensor& weight) const;
    /// On the device, in the type of the residual stream; through pinned memory to a GPU, so that the copy
    /// does not wait for queued work.
    [[nodiscard]] at::Tensor upload(const at::Tensor& values) const;

    ModelConfig config_;
    at::Device device_;
    at::ScalarType type_;
    at::ScalarType residual_type_;
    at::Tensor input_linear_, input_norm_, decoder_norm_, decoder_linear_;
    std::vector<BlockWeights> blocks_;
};

}  // namespace lact
