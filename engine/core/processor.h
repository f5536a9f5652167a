#pragma once

namespace lact {

/// Whether this processor multiplies matrices of a narrow type by instructions of its own: AVX512-BF16 and
/// AVX512-FP16 on x86, which every processor with AMX for the type has, too. Without them such products take
/// several times as long as those of fp32. Other architectures are taken to have them.
[[nodiscard]] bool has_bf16_products();
[[nodiscard]] bool has_fp16_products();

}  // namespace lact
