#pragma once

#include "engine/core/error.h"
#include "engine/model/config.h"
#include "engine/model/network.h"
#include "engine/model/tensor_map.h"
#include "engine/ttt/update_rule.h"

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/ATen.h>

namespace lact {

/// A trained tensor and its name in weight files. The value is the fp32 master copy (fp64 in tests), a leaf
/// of autograd; its gradient is `value.grad()`.
struct Parameter {
    std::string name;
    at::Tensor value;
};

/// LaCT-NVS for training: the same function as the joint pass of Network (arXiv 2505.23884), differentiable
/// in its parameters, with the backward pass of the TTT layer in closed form.
class TrainableNetwork {
  public:
    /// Fresh parameters: N(0, 0.02^2), output projections N(0, (0.02 / sqrt(3 layers))^2), fast weights
    /// N(0, 2 / rows), norm weights 1, biases 0. The same seed gives the same values. `auxiliary` adds rows
    /// for silhouette and position to the output layer (auxiliary_parameter), initially 0.
    TrainableNetwork(const ModelConfig& config, const UpdateRule& rule, at::Device device,
                     at::ScalarType type, std::uint64_t seed, bool auxiliary = false);

    /// Auxiliary channels of a pixel: the logit of the silhouette, x, y, z.
    static constexpr int64_t auxiliary_channels = 4;
    /// Name of the auxiliary rows, which weight files do not hold.
    static constexpr const char* auxiliary_parameter = "auxiliary_decoder.weight";

    /// Replaces all parameters. Auxiliary rows stay unchanged where the file has none. Errors: a tensor that
    /// is missing, unknown or of another shape.
    [[nodiscard]] Result<void> load(const TensorFile& file);

    [[nodiscard]] const ModelConfig& config() const { return config_; }
    [[nodiscard]] const UpdateRule& rule() const { return rule_; }
    [[nodiscard]] const std::vector<Parameter>& parameters() const { return parameters_; }

    /// Renders target views with pose channels [b, targets, 9, h, w] from posed input views [b, inputs, 12,
    /// h, w]: images [b, targets, 3, h, w] in [0, 1], differentiable in the parameters.
    [[nodiscard]] at::Tensor forward(const at::Tensor& posed, const at::Tensor& pose) const;
    /// Images and auxiliary channels.
    struct Outputs {
        at::Tensor images;  ///< As forward().
        /// [b, targets, 4, h, w]: silhouette in (0, 1), position in world units; undefined without auxiliary
        /// rows.
        at::Tensor auxiliary;
    };
    /// forward() with the auxiliary channels.
    [[nodiscard]] Outputs forward_all(const at::Tensor& posed, const at::Tensor& pose) const;

  private:
    /// Numbers of rows. Tokens are rows of one matrix: all input views, scene by scene, then all target
    /// views.
    struct Rows {
        int64_t batch = 0;
        int64_t input = 0;
        int64_t target = 0;
    };
    [[nodiscard]] at::Tensor embed(const at::Tensor& posed, const at::Tensor& pose) const;
    [[nodiscard]] UpdateTokens rates(const BlockWeights& block, const at::Tensor& y, int64_t batch) const;
    [[nodiscard]] at::Tensor ttt(const BlockWeights& block, const at::Tensor& y, const Rows& rows,
                                 bool last) const;

    ModelConfig config_;
    UpdateRule rule_;
    at::ScalarType type_;  ///< Of matrix products; residual stream and norm weights stay fp32.
    std::vector<Parameter> parameters_;
    struct {
        at::Tensor input, input_norm, decoder_norm, decoder, auxiliary;
    } outer_;
    std::vector<BlockWeights> blocks_;  ///< The same tensors as in `parameters_`.
};

}  // namespace lact
