#include "tests/support/small_model.h"

#include <ATen/ATen.h>

namespace lact::test {

ModelConfig small_config() {
    ModelConfig config;
    config.layers = 2;
    config.d = 32;
    config.attention_head = 8;
    config.ttt_head = 16;
    config.hidden_multiple = 1.5;
    config.patch = 4;
    return config;
}

TensorFile random_weights(const ModelConfig& config) {
    at::manual_seed(7);
    TensorFile file;
    for (const auto& [name, shape] : expected_shapes(config)) {
        file.tensors[name] = at::randn(shape) * 0.1;
    }
    return file;
}

}  // namespace lact::test
