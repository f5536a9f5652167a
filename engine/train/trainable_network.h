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

/// One tensor that is trained, under its name in weight files. The value is the fp32 master copy (fp64 in
/// tests), a leaf of the automatic differentiation; its gradient lies in `value.grad()`.
struct Parameter {
    std::string name;
    at::Tensor value;
};

/// LaCT-NVS that can be trained: the same function as Network's joint pass (arXiv 2505.23884), with
/// parameters that take gradients and the TTT layer's backward in closed form.
class TrainableNetwork {
  public:
    /// Fresh parameters: normal with deviation 0.02, output projections 0.02 / sqrt(3 layers), fast weights
    /// sqrt(2 / rows), gains 1, biases 0. The same seed gives the same values.
    /// `auxiliary`: the output layer gets rows for silhouette and position (auxiliary_parameter), 0 at first.
    TrainableNetwork(const ModelConfig& config, const UpdateRule& rule, at::Device device,
                     at::ScalarType type, std::uint64_t seed, bool auxiliary = false);

    /// Channels of a pixel beside colour: the logit of the silhouette, x, y, z.
    static constexpr int64_t auxiliary_channels = 4;
    /// Name of the parameter that weight files do not hold.
    static constexpr const char* auxiliary_parameter = "auxiliary_decoder.weight";

    /// Replaces all parameters; auxiliary rows stay where the file has none. Errors: a tensor that is
    /// missing, unknown or of another shape.
    [[nodiscard]] Result<void> load(const TensorFile& file);

    [[nodiscard]] const ModelConfig& config() const { return config_; }
    [[nodiscard]] const UpdateRule& rule() const { return rule_; }
    [[nodiscard]] const std::vector<Parameter>& parameters() const { return parameters_; }

    /// Pictures [b, targets, 3, h, w] in [0, 1], differentiable in the parameters, of target views given by
    /// their pose channels [b, targets, 9, h, w], from posed input views [b, inputs, 12, h, w].
    [[nodiscard]] at::Tensor forward(const at::Tensor& posed, const at::Tensor& pose) const;
    /// forward() and the auxiliary channels [b, targets, 4, h, w] (undefined without auxiliary rows): the
    /// silhouette in (0, 1), and the position in world units.
    struct Outputs {
        at::Tensor images;
        at::Tensor auxiliary;
    };
    [[nodiscard]] Outputs forward_all(const at::Tensor& posed, const at::Tensor& pose) const;

  private:
    /// Tokens are rows of one matrix: first those of all input views, scene by scene, then all targets'.
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
    at::ScalarType type_;  ///< Of matrix products; the residual stream and all gains stay wide.
    std::vector<Parameter> parameters_;
    struct {
        at::Tensor input, input_norm, decoder_norm, decoder, auxiliary;
    } outer_;
    std::vector<BlockWeights> blocks_;  ///< The same tensors as in `parameters_`.
};

}  // namespace lact
