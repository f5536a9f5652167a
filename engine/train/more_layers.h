#pragma once

#include "engine/model/config.h"

#include <map>
#include <string>

#include <ATen/ATen.h>

namespace lact {

/// Whether `wanted` is `has` with more layers and nothing else changed.
[[nodiscard]] bool is_deeper(const ModelConfig& wanted, const ModelConfig& has);

/// The same weights with `layers` layers, at least as many as they have, that render the same images. New
/// layers are spread evenly, each behind the one it copies (as in progressive stacking, Gong et al., ICML
/// 2019); the output projections of its attention, TTT layer and MLP are 0, so that its residual branches
/// add nothing until training changes them.
[[nodiscard]] std::map<std::string, at::Tensor> with_more_layers(
    const std::map<std::string, at::Tensor>& tensors, int has, int layers);

}  // namespace lact
