#pragma once

#include "engine/train/fused/kernels.h"

#include <algorithm>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

namespace lact::fused {

[[nodiscard]] inline const Bf16* read(const at::Tensor& x) {
    return static_cast<const Bf16*>(x.const_data_ptr());
}
[[nodiscard]] inline Bf16* write(const at::Tensor& x) {
    return static_cast<Bf16*>(x.mutable_data_ptr());
}

/// Runs `work(begin, end)` on ranges of rows on the threads of Torch; small work stays on one thread.
template <class Work>
void over_rows(int64_t rows, int64_t width, const Work& work) {
    constexpr int64_t values_worth_a_thread = 16384;
    at::parallel_for(0, rows, std::max<int64_t>(1, values_worth_a_thread / std::max<int64_t>(1, width)),
                     work);
}

/// The same for work that adds to a gradient summed over rows: each thread has its own sum in
/// `work(sum, begin, end)`. Returns the total in the shape of `gain`; undefined where `gain` is.
template <class Work>
at::Tensor over_rows_with_gain(int64_t rows, int64_t row_width, int64_t gain_width, const at::Tensor& gain,
                               const Work& work) {
    at::internal::lazy_init_num_threads();  // Afterwards over_rows() uses as many threads as there are sums.
    const auto sums = at::zeros({at::get_num_threads(), gain_width}, at::kFloat);
    float* const first = sums.mutable_data_ptr<float>();
    over_rows(rows, row_width, [&](int64_t begin, int64_t end) {
        work(first + at::get_thread_num() * gain_width, begin, end);
    });
    return gain.defined() ? sums.sum(0) : at::Tensor();
}

}  // namespace lact::fused
