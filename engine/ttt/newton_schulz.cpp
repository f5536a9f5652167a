#include "engine/ttt/newton_schulz.h"

#include <vector>

#include <ATen/ATen.h>

namespace lact {

namespace {

at::ScalarType working_type(const at::Tensor& g, NsPrecision precision) {
    if (g.scalar_type() == at::kDouble) {
        return at::kDouble;
    }
    switch (precision) {
        case NsPrecision::bf16:
            return at::kBFloat16;
        case NsPrecision::fp16:
            return at::kHalf;
        case NsPrecision::fp32:
            break;
    }
    return at::kFloat;
}

at::Tensor divide_by_norm(const at::Tensor& x) {
    return x / (x.norm(2, {1, 2}, /*keepdim=*/true) + 1e-7);
}

}  // namespace

at::Tensor newton_schulz(const at::Tensor& g, std::span<const NsCoefficients> coefficients,
                         NsPrecision precision) {
    return newton_schulz(g, coefficients, precision, faster_products(working_type(g, precision), g.device()));
}

at::Tensor newton_schulz(const at::Tensor& g, std::span<const NsCoefficients> coefficients,
                         NsPrecision precision, NarrowProducts products) {
    const at::ScalarType type = working_type(g, precision);
    const NarrowRounding rounded(type, products);
    // bf16 has fp32's range and is cast first, as released; fp16 would overflow before the norm is taken.
    at::Tensor x = rounded(type == at::kHalf ? divide_by_norm(g.to(at::kFloat)) : divide_by_norm(g.to(type)));
    const bool tall = x.size(1) > x.size(2);
    if (tall) {
        x = x.transpose(1, 2);
    }
    for (const auto& [a, b, c] : coefficients) {
        const at::Tensor gram = rounded(at::bmm(x, x.transpose(1, 2)));
        // The order of the released expression `b * A + c * A @ A`: c A is rounded before the product.
        const at::Tensor squared = rounded(at::bmm(rounded(c * gram), gram));
        const at::Tensor polynomial = rounded(rounded(b * gram) + squared);
        x = rounded(rounded(a * x) + rounded(at::bmm(polynomial, x)));
    }
    if (tall) {
        x = x.transpose(1, 2);
    }
    return x.to(type == at::kDouble ? at::kDouble : at::kFloat);
}

at::Tensor newton_schulz(const at::Tensor& g, int steps, NsPrecision precision) {
    const std::vector<NsCoefficients> coefficients(static_cast<std::size_t>(steps), nvs_coefficients);
    return newton_schulz(g, coefficients, precision);
}

}  // namespace lact
