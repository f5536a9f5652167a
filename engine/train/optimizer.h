#pragma once

#include "engine/core/error.h"
#include "engine/train/train_config.h"
#include "engine/train/trainable_network.h"

#include <map>
#include <string>
#include <vector>

#include <ATen/ATen.h>

namespace lact {

/// Result of one step.
struct OptimizerStep {
    double gradient_norm = 0;  ///< Before clipping.
    bool skipped = false;      ///< The gradient was not finite and the parameters are unchanged.
};

/// Decoupled AdamW (arXiv 1711.05101) and Muon with the scaling of Moonlight (arXiv 2502.16982: updates of
/// 0.2 sqrt(max(rows, columns)), so that both use the same learning rate). Projections that are stored
/// together (to_qkv) are orthogonalised separately. Keeps an exponential moving average of the parameters.
class Optimizer {
  public:
    Optimizer(std::vector<Parameter> parameters, const OptimizerOptions& options);

    /// Clips, checks, updates the parameters and their average, and clears the gradients.
    OptimizerStep step(double learning_rate);

    [[nodiscard]] long long steps() const { return steps_; }
    /// The averaged parameters by name; the parameters themselves without an average.
    [[nodiscard]] std::map<std::string, at::Tensor> averaged() const;

    /// The state that resumes a run bit for bit: moments, momenta, averages, step count.
    [[nodiscard]] std::map<std::string, at::Tensor> state() const;
    /// Restores state(). Errors: a tensor is missing or has another shape.
    [[nodiscard]] Result<void> load_state(const std::map<std::string, at::Tensor>& state);

  private:
    [[nodiscard]] bool uses_muon(const Parameter& parameter) const;
    void adamw(const std::vector<at::Tensor>& gradients, double learning_rate);
    void muon(const std::vector<at::Tensor>& gradients, double learning_rate);

    std::vector<Parameter> parameters_;
    OptimizerOptions options_;
    long long steps_ = 0;
    std::vector<at::Tensor> first_, second_, average_;  ///< One for each parameter; `second_` unused by Muon.
};

}  // namespace lact
