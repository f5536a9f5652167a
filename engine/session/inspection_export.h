#pragma once

#include "engine/linear/form.h"
#include "engine/linear/layer_inputs.h"
#include "engine/model/tensor_map.h"

namespace lact {

/// One layer and head for export, each tensor a batch of one.
struct HeadRecord {
    LayerInputs inputs;
    LinearForm form;
    FastWeights updated;  ///< Fast weights of the layer after the update.
    LayerRead read;       ///< Queries of one patch or all patches of the camera, and the output for them.
    at::Tensor all_q;     ///< Queries of all patches of the camera, for the means of centred shares.
    at::Tensor exact_w1;  ///< W1 after the update, recomputed in fp64 (LinearMatrix::exact_w1).
};

/// The tensors of Inspection::write_tensors() in fp32 on the CPU: inputs, linear-attention form, and shares
/// and attention rows with the given factor of Muon. docs/inspect.md lists names and formulae. Tensors that
/// the rule does not have are absent.
[[nodiscard]] TensorFile inspection_tensors(const HeadRecord& record, MuonFactor factor);

}  // namespace lact
