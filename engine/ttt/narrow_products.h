#pragma once

#include <ATen/ATen.h>

namespace lact {

/// How products of bf16 or fp16 matrices are computed.
enum class NarrowProducts {
    native,   ///< In their own type, by the instructions of the device.
    in_fp32,  ///< In fp32, rounded to the type where the type would round: operands, products and sums.
};

/// The faster one on this device: native, unless it is a CPU without instructions for the type
/// (engine/core/processor.h).
[[nodiscard]] NarrowProducts faster_products(at::ScalarType type, const at::Device& device);

/// Rounds to `type`. With NarrowProducts::in_fp32 the values stay in fp32 storage; native tensors, and those
/// of fp32 and fp64, are rounded by their own type already.
class NarrowRounding {
  public:
    NarrowRounding(at::ScalarType type, NarrowProducts products)
        : type_(type),
          storage_(products == NarrowProducts::in_fp32 && (type == at::kBFloat16 || type == at::kHalf)
                       ? at::kFloat
                       : type) {}
    /// `x` with values of the type, in the type of the products.
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const { return x.to(type_).to(storage_); }

  private:
    at::ScalarType type_;
    at::ScalarType storage_;
};

}  // namespace lact
