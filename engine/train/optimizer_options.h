#pragma once

namespace lact {

/// AdamW for all parameters, or Muon for the matrices of the blocks and AdamW for the rest.
enum class OptimizerKind { adamw, muon };

struct OptimizerOptions {
    OptimizerKind kind = OptimizerKind::muon;
    double weight_decay = 0.1;  ///< Decoupled; on matrices, not on gains and biases.
    double beta1 = 0.9;
    double beta2 = 0.95;
    double muon_momentum = 0.95;
    double clip = 1.0;        ///< Largest norm of the whole gradient; 0: never clipped.
    double ema_decay = 0.99;  ///< Of the averaged parameters that are evaluated and shipped; 0: no average.

    friend bool operator==(const OptimizerOptions&, const OptimizerOptions&) = default;
};

}  // namespace lact
