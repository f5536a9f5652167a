#include "engine/ttt/newton_schulz.h"

#include <vector>

#include <torch/torch.h>

namespace lact {
namespace {

torch::ScalarType working_type(const torch::Tensor& g, NsPrecision precision) {
    if (g.scalar_type() == torch::kDouble) {
        return torch::kDouble;
    }
    switch (precision) {
        case NsPrecision::bf16:
            return torch::kBFloat16;
        case NsPrecision::fp16:
            return torch::kHalf;
        case NsPrecision::fp32:
            break;
    }
    return torch::kFloat;
}

torch::Tensor divide_by_norm(const torch::Tensor& x) {
    return x / (x.norm(2, {1, 2}, /*keepdim=*/true) + 1e-7);
}

}  // namespace

torch::Tensor newton_schulz(const torch::Tensor& g, std::span<const NsCoefficients> coefficients,
                            NsPrecision precision) {
    const torch::ScalarType type = working_type(g, precision);
    // bf16 has fp32's range and is cast first, as released; fp16 would overflow before the norm is taken.
    torch::Tensor x = type == torch::kHalf ? divide_by_norm(g.to(torch::kFloat)).to(type) : divide_by_norm(g.to(type));
    const bool tall = x.size(1) > x.size(2);
    if (tall) {
        x = x.transpose(1, 2);
    }
    for (const auto& [a, b, c] : coefficients) {
        const torch::Tensor gram = torch::bmm(x, x.transpose(1, 2));
        // The order of the released expression `b * A + c * A @ A`: c A is rounded before the product.
        const torch::Tensor polynomial = b * gram + torch::bmm(c * gram, gram);
        x = a * x + torch::bmm(polynomial, x);
    }
    if (tall) {
        x = x.transpose(1, 2);
    }
    return x.to(type == torch::kDouble ? torch::kDouble : torch::kFloat);
}

torch::Tensor newton_schulz(const torch::Tensor& g, int steps, NsPrecision precision) {
    const std::vector<NsCoefficients> coefficients(static_cast<std::size_t>(steps), nvs_coefficients);
    return newton_schulz(g, coefficients, precision);
}

}  // namespace lact
