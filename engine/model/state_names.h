#pragma once

#include "engine/model/config.h"

#include <map>
#include <string>
#include <vector>

namespace lact {

/// Which tensors of a file are the state of the network, and how they are named there.
struct StateSelection {
    std::map<std::string, std::string> names;  ///< Name in the network -> name in the file.
    /// Where the state lies in the file: the prefixes that were removed, "ema.module"; several are joined by
    /// " and ". Empty if names have no prefix.
    std::string from;
    std::vector<std::string> left_out;  ///< First words of what lies beside it, "optimizer", in name order.
};

/// Selects the state among the tensors of a file. Names are words joined by '.'; dictionaries in each other
/// give such names, too.
///
/// - Leading words of wrappers are removed, in any number and order: containers of training scripts (`model`,
///   `state_dict`, `model_state_dict`, `params`, `net`, …), `module` of data-parallel training, `_orig_mod`
///   of torch.compile. `_orig_mod` and the words of FSDP are removed within names, too.
/// - Averaged weights (`ema`, `ema_model`, `params_ema`, …) are preferred if they are complete: if they hold
///   every tensor of the other state, with its shape.
/// - If two tensors get one name (`model.w` and `net.w`), the prefix with most tensors of a LaCT-NVS network
///   is taken, then the one with most tensors, then the first by name.
/// - What lies beside a state with a prefix (optimizer, losses) is left out, unless its first word is a part
///   of the network.
[[nodiscard]] StateSelection select_state(const TensorShapes& file);

}  // namespace lact
