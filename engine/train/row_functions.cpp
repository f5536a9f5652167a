#include "engine/train/row_functions.h"

#include "engine/train/fused/kernels.h"
#include "engine/train/fused/launch.h"

#include <cmath>
#include <limits>
#include <optional>

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

namespace lact::training {
namespace {

using fused::Bf16;
using fused::HeadLayout;
using fused::kernels;
using fused::over_rows;
using fused::over_rows_with_gain;
using fused::read;
using fused::write;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::Variable;
using torch::autograd::variable_list;

constexpr double layer_norm_eps = 1e-5;
constexpr double read_out_eps = 1e-5;
constexpr float attention_eps = std::numeric_limits<float>::epsilon();

struct AddNorm : Function<AddNorm> {
    static variable_list forward(AutogradContext* context, const Variable& x,
                                 const std::optional<Variable>& delta, const Variable& gain) {
        const int64_t rows = x.size(0);
        const int64_t d = x.size(1);
        const bool adds = delta.has_value();
        const auto sum = adds ? at::empty_like(x) : x;
        const auto y = at::empty({rows, d}, x.options().dtype(at::kBFloat16));
        const auto statistics = at::empty({rows, 2}, x.options());
        over_rows(rows, d, [&](int64_t begin, int64_t end) {
            kernels().add_norm(x.const_data_ptr<float>(), adds ? read(*delta) : nullptr,
                               gain.const_data_ptr<float>(), d, static_cast<float>(layer_norm_eps),
                               adds ? sum.mutable_data_ptr<float>() : nullptr, write(y),
                               statistics.mutable_data_ptr<float>(), begin, end);
        });
        context->save_for_backward({sum, statistics, gain});
        context->saved_data["adds"] = adds;
        return adds ? variable_list{sum, y} : variable_list{y};
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const auto saved = context->get_saved_variables();
        const auto& [sum, statistics, gain] = std::tie(saved[0], saved[1], saved[2]);
        const bool adds = context->saved_data["adds"].toBool();
        const int64_t rows = sum.size(0);
        const int64_t d = sum.size(1);
        const auto passed = adds && gradients[0].defined() ? gradients[0].contiguous() : at::Tensor();
        const auto d_y = gradients.back().contiguous();
        const auto d_x = at::empty_like(sum);
        const auto d_delta = adds ? at::empty_like(d_y) : at::Tensor();
        const auto d_gain =
            over_rows_with_gain(rows, d, d, gain, [&](float* partial, int64_t begin, int64_t end) {
                kernels().add_norm_backward(sum.const_data_ptr<float>(), statistics.const_data_ptr<float>(),
                                            gain.const_data_ptr<float>(), read(d_y), d,
                                            passed.defined() ? passed.const_data_ptr<float>() : nullptr,
                                            d_x.mutable_data_ptr<float>(), adds ? write(d_delta) : nullptr,
                                            partial, begin, end);
            });
        return {d_x, d_delta, d_gain};
    }
};

/// Self-attention of heads [views * heads, tokens, width] as three products and two passes over the scores.
struct Attention : Function<Attention> {
    static Variable forward(AutogradContext* context, const Variable& qkv, const Variable& q_gain,
                            const Variable& k_gain, int64_t tokens) {
        const Parts parts(qkv, q_gain, tokens);
        const auto [q, k, v] = parts.split(qkv, q_gain, k_gain);
        const auto p = at::bmm(q, k.transpose(1, 2));
        over_rows(p.size(0) * tokens, tokens,
                  [&](int64_t begin, int64_t end) { kernels().softmax(write(p), tokens, begin, end); });
        const auto mixed = at::bmm(p, v);
        const auto joined = at::empty({qkv.size(0), parts.d}, qkv.options());
        over_rows(qkv.size(0), parts.d, [&](int64_t begin, int64_t end) {
            kernels().rms_from_heads(read(mixed), parts.layout(parts.d), nullptr, 0, write(joined), begin,
                                     end);
        });
        context->save_for_backward({qkv, q_gain, k_gain, p});
        return joined;
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const auto saved = context->get_saved_variables();
        const auto& qkv = saved[0];
        const auto& p = saved[3];
        const int64_t tokens = p.size(1);
        const Parts parts(qkv, saved[1], tokens);
        const auto [q, k, v] = parts.split(qkv, saved[1], saved[2]);  // Cheaper to recompute than to keep.
        const auto d_joined = gradients[0].contiguous();
        const auto d_mixed = at::empty_like(q);
        over_rows(qkv.size(0), parts.d, [&](int64_t begin, int64_t end) {
            kernels().rms_to_heads(read(d_joined), parts.layout(parts.d), nullptr, 1, 0, write(d_mixed),
                                   begin, end);
        });
        const auto d_v = at::bmm(p.transpose(1, 2), d_mixed);
        const auto d_scores = at::bmm(d_mixed, v.transpose(1, 2));
        over_rows(p.size(0) * tokens, tokens, [&](int64_t begin, int64_t end) {
            kernels().softmax_backward(read(p), write(d_scores), tokens, begin, end);
        });
        const auto d_q = at::bmm(d_scores, k);
        const auto d_k = at::bmm(d_scores.transpose(1, 2), q);
        const auto d_qkv = at::empty_like(qkv);
        const auto back = [&](const at::Tensor& heads, int part, const at::Tensor& gain, float scale) {
            return over_rows_with_gain(
                qkv.size(0), parts.d, parts.width, gain, [&](float* partial, int64_t begin, int64_t end) {
                    kernels().rms_to_heads_backward(read(qkv) + part * parts.d, parts.layout(3 * parts.d),
                                                    gain.defined() ? gain.const_data_ptr<float>() : nullptr,
                                                    scale, attention_eps, read(heads),
                                                    write(d_qkv) + part * parts.d, partial, begin, end);
                });
        };
        const auto d_q_gain = back(d_q, 0, saved[1], parts.scale());
        const auto d_k_gain = back(d_k, 1, saved[2], 1);
        back(d_v, 2, {}, 1);
        return {d_qkv, d_q_gain, d_k_gain, {}};
    }

    struct Parts {
        int64_t tokens, d, width, heads, views;
        Parts(const at::Tensor& qkv, const at::Tensor& gain, int64_t tokens_per_view)
            : tokens(tokens_per_view),
              d(qkv.size(1) / 3),
              width(gain.size(0)),
              heads(d / width),
              views(qkv.size(0) / tokens) {}
        [[nodiscard]] HeadLayout layout(int64_t stride) const { return {tokens, heads, width, stride}; }
        [[nodiscard]] float scale() const { return 1.0F / std::sqrt(static_cast<float>(width)); }
        [[nodiscard]] std::array<at::Tensor, 3> split(const at::Tensor& qkv, const at::Tensor& q_gain,
                                                      const at::Tensor& k_gain) const {
            std::array<at::Tensor, 3> result;
            for (std::size_t part = 0; part < 3; ++part) {
                result.at(part) = at::empty({views * heads, tokens, width}, qkv.options());
                const float* gain = part == 0   ? q_gain.const_data_ptr<float>()
                                    : part == 1 ? k_gain.const_data_ptr<float>()
                                                : nullptr;
                over_rows(qkv.size(0), d, [&](int64_t begin, int64_t end) {
                    kernels().rms_to_heads(read(qkv) + static_cast<int64_t>(part) * d, layout(3 * d), gain,
                                           part == 0 ? scale() : 1.0F, attention_eps, write(result.at(part)),
                                           begin, end);
                });
            }
            return result;
        }
    };
};

struct SiluHeads : Function<SiluHeads> {
    static variable_list forward(AutogradContext* context, const Variable& rows,
                                 const std::vector<bool>& normalise, int64_t tokens, int64_t heads) {
        const auto parts = static_cast<int64_t>(normalise.size());
        const int64_t d = rows.size(1) / parts;
        const HeadLayout layout{tokens, heads, d / heads, rows.size(1)};
        variable_list results;
        std::vector<int64_t> flags;
        for (int64_t part = 0; part < parts; ++part) {
            const bool unit = normalise[static_cast<std::size_t>(part)];
            const auto result =
                at::empty({rows.size(0) / tokens * heads, tokens, layout.width}, rows.options());
            over_rows(rows.size(0), d, [&](int64_t begin, int64_t end) {
                kernels().silu_to_heads(read(rows) + part * d, layout, unit, write(result), begin, end);
            });
            results.push_back(result);
            flags.push_back(unit ? 1 : 0);
        }
        context->save_for_backward({rows});
        context->saved_data["normalise"] = flags;
        context->saved_data["tokens"] = tokens;
        context->saved_data["heads"] = heads;
        return results;
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const auto saved = context->get_saved_variables();
        const auto& rows = saved[0];
        const auto flags = context->saved_data["normalise"].toIntVector();
        const auto parts = static_cast<int64_t>(flags.size());
        const int64_t d = rows.size(1) / parts;
        const int64_t heads = context->saved_data["heads"].toInt();
        const HeadLayout layout{context->saved_data["tokens"].toInt(), heads, d / heads, rows.size(1)};
        const auto d_rows = at::empty_like(rows);
        for (int64_t part = 0; part < parts; ++part) {
            const auto index = static_cast<std::size_t>(part);
            if (!gradients[index].defined()) {
                d_rows.narrow(1, part * d, d).zero_();
                continue;
            }
            const auto d_heads = gradients[index].contiguous();
            over_rows(rows.size(0), d, [&](int64_t begin, int64_t end) {
                kernels().silu_to_heads_backward(read(rows) + part * d, layout, flags[index] == 1,
                                                 read(d_heads), write(d_rows) + part * d, begin, end);
            });
        }
        return {d_rows, {}, {}, {}};
    }
};

struct NormJoined : Function<NormJoined> {
    static Variable forward(AutogradContext* context, const Variable& o, const Variable& gain,
                            int64_t heads) {
        const HeadLayout layout{o.size(1), heads, o.size(2), heads * o.size(2)};
        const int64_t rows = o.size(0) / heads * o.size(1);
        const auto joined = at::empty({rows, layout.row_stride}, o.options());
        over_rows(rows, layout.row_stride, [&](int64_t begin, int64_t end) {
            kernels().rms_from_heads(read(o), layout, gain.const_data_ptr<float>(),
                                     static_cast<float>(read_out_eps), write(joined), begin, end);
        });
        context->save_for_backward({o, gain});
        context->saved_data["heads"] = heads;
        return joined;
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const auto saved = context->get_saved_variables();
        const auto& o = saved[0];
        const auto& gain = saved[1];
        const int64_t heads = context->saved_data["heads"].toInt();
        const HeadLayout layout{o.size(1), heads, o.size(2), heads * o.size(2)};
        const int64_t rows = o.size(0) / heads * o.size(1);
        const auto d_rows = gradients[0].contiguous();
        const auto d_o = at::empty_like(o);
        const auto d_gain = over_rows_with_gain(
            rows, layout.row_stride, layout.width, gain, [&](float* partial, int64_t begin, int64_t end) {
                kernels().rms_from_heads_backward(read(o), layout, gain.const_data_ptr<float>(),
                                                  static_cast<float>(read_out_eps), read(d_rows), write(d_o),
                                                  partial, begin, end);
            });
        return {d_o, d_gain, {}};
    }
};

struct Gated : Function<Gated> {
    static Variable forward(AutogradContext* context, const Variable& gate_hidden) {
        const int64_t width = gate_hidden.size(2) / 2;
        const auto phi = at::empty({gate_hidden.size(0), gate_hidden.size(1), width}, gate_hidden.options());
        over_rows(phi.size(0) * phi.size(1), width, [&](int64_t begin, int64_t end) {
            kernels().gated(read(gate_hidden), width, write(phi), begin, end);
        });
        context->save_for_backward({gate_hidden});
        return phi;
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const auto saved = context->get_saved_variables();
        const auto d_phi = gradients[0].contiguous();
        const auto d_gate_hidden = at::empty_like(saved[0]);
        over_rows(d_phi.size(0) * d_phi.size(1), d_phi.size(2), [&](int64_t begin, int64_t end) {
            kernels().gated_backward(read(saved[0]), read(d_phi), d_phi.size(2), write(d_gate_hidden), begin,
                                     end);
        });
        return {d_gate_hidden};
    }
};

struct Gelu : Function<Gelu> {
    static Variable forward(AutogradContext* context, const Variable& x) {
        const auto y = at::empty_like(x);
        over_rows(x.numel(), 1,
                  [&](int64_t begin, int64_t end) { kernels().gelu(read(x), write(y), begin, end); });
        context->save_for_backward({x});
        return y;
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const auto saved = context->get_saved_variables();
        const auto d_y = gradients[0].contiguous();
        const auto d_x = at::empty_like(saved[0]);
        over_rows(d_x.numel(), 1, [&](int64_t begin, int64_t end) {
            kernels().gelu_backward(read(saved[0]), read(d_y), write(d_x), begin, end);
        });
        return {d_x};
    }
};

/// RMSNorm over the last dimension, computed in the type of the gain, returned in the type of x.
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& gain, std::optional<double> eps) {
    return at::rms_norm(x.to(gain.scalar_type()), {x.size(-1)}, gain, eps).to(x.scalar_type());
}

}  // namespace

bool fused_for(const at::Tensor& x) {
    return x.is_cpu() && x.scalar_type() == at::kBFloat16;
}

Normed add_norm(const at::Tensor& x, const at::Tensor& delta, const at::Tensor& gain, at::ScalarType type) {
    if (x.is_cpu() && type == at::kBFloat16) {
        const auto results =
            AddNorm::apply(x, delta.defined() ? std::optional<Variable>(delta) : std::nullopt, gain);
        return delta.defined() ? Normed{results[0], results[1]} : Normed{x, results[0]};
    }
    const auto sum = delta.defined() ? x + delta.to(x.scalar_type()) : x;
    return {sum, at::layer_norm(sum, {sum.size(-1)}, gain, {}, layer_norm_eps).to(type)};
}

at::Tensor attention(const at::Tensor& qkv, const at::Tensor& q_gain, const at::Tensor& k_gain,
                     int64_t tokens_per_view) {
    if (fused_for(qkv)) {
        return Attention::apply(qkv, q_gain, k_gain, tokens_per_view);
    }
    const int64_t width = q_gain.size(0);
    const int64_t d = qkv.size(1) / 3;
    const auto parts = qkv.view({-1, tokens_per_view, 3, d / width, width}).permute({2, 0, 3, 1, 4});
    const auto mixed = at::scaled_dot_product_attention(rms_norm(parts[0], q_gain, std::nullopt),
                                                        rms_norm(parts[1], k_gain, std::nullopt), parts[2]);
    return mixed.transpose(1, 2).reshape({qkv.size(0), d});
}

std::vector<at::Tensor> silu_heads(const at::Tensor& rows, const std::vector<bool>& normalise, int64_t tokens,
                                   int64_t heads) {
    if (fused_for(rows)) {
        return SiluHeads::apply(rows, normalise, tokens, heads);
    }
    const auto parts = at::silu(rows).chunk(static_cast<int64_t>(normalise.size()), 1);
    std::vector<at::Tensor> results;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        auto part = parts[i].reshape({-1, tokens, heads, parts[i].size(1) / heads}).transpose(1, 2);
        part = part.reshape({-1, tokens, part.size(3)});
        results.push_back(normalise[i] ? part / (part.norm(2, {-1}, /*keepdim=*/true) + 1e-5) : part);
    }
    return results;
}

at::Tensor norm_joined(const at::Tensor& o, const at::Tensor& gain, int64_t heads) {
    if (fused_for(o)) {
        return NormJoined::apply(o, gain, heads);
    }
    return rms_norm(o, gain, read_out_eps)
        .view({-1, heads, o.size(1), o.size(2)})
        .transpose(1, 2)
        .reshape({-1, heads * o.size(2)});
}

at::Tensor gated(const at::Tensor& gate_hidden) {
    if (fused_for(gate_hidden)) {
        return Gated::apply(gate_hidden);
    }
    const auto parts = gate_hidden.chunk(2, -1);
    return at::silu(parts[0]) * parts[1];
}

at::Tensor gelu(const at::Tensor& x) {
    return fused_for(x) ? Gelu::apply(x) : at::gelu(x);
}

}  // namespace lact::training
