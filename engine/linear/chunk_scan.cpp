#include "engine/linear/chunk_scan.h"

namespace lact {

at::Tensor momentum_products(const at::Tensor& alpha) {
    const auto chunks = alpha.size(1);
    // Row j, column i holds alpha_j where j > i and 1 elsewhere; products down the columns are the betas.
    const at::Tensor below = at::ones({chunks, chunks}, alpha.options().dtype(at::kBool)).tril(-1);
    const at::Tensor factors = at::where(below, alpha.unsqueeze(2), at::ones({}, alpha.options()));
    return factors.cumprod(1).tril();
}

at::Tensor chunk_coefficients(const at::Tensor& alpha) {
    return momentum_products(alpha).cumsum(1);
}

}  // namespace lact
