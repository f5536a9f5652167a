#include "engine/linear/vittt_form.h"

#include "engine/linear/features.h"

#include <vector>

namespace lact {

namespace {

at::Tensor wide(const at::Tensor& x) {
    return x.to(at::kDouble);
}

/// D of a gradient: 1 / (norm + 1), with the norm over the dimensions `summed`.
at::Tensor damping(const at::Tensor& g, at::IntArrayRef summed) {
    return 1 / (g.square().sum(summed, /*keepdim=*/true).sqrt() + 1);
}

/// The 3 x 3 window around every position, zeros outside: [batch, d, positions, 9].
at::Tensor windows(const at::Tensor& x) {
    const auto batch = x.size(0);
    const auto d = x.size(1);
    return at::im2col(wide(x), {3, 3}, {1, 1}, {1, 1}, {1, 1}).view({batch, d, 9, -1}).mT();
}

at::Tensor as_image(const at::Tensor& rows, const ConvForm& form, const at::Tensor& like) {
    return rows.unflatten(2, {form.h, form.w}).to(like.scalar_type());
}

PositionAttention shares_of(const at::Tensor& added, const at::Tensor& initial) {
    // added [positions, channels], initial [channels]
    const at::Tensor o = initial + added.sum(0);
    const at::Tensor size = o.square().sum();
    return {at::matmul(added, o) / size, (initial * o).sum().div(size).item<double>()};
}

}  // namespace

GluForm glu_form(const GluWeights& initial, const at::Tensor& k, const at::Tensor& v) {
    const double s = 1.0 / (3.0 * static_cast<double>(k.size(1)));
    const at::Tensor gate = wide_product(k, initial.gate);
    const at::Tensor linear = wide_product(k, initial.linear);
    const at::Tensor values = s * wide(v) * gate * at::sigmoid(gate);
    const at::Tensor written = wide_product(k.mT(), values);
    const at::Tensor on_gate = at::silu_backward(s * wide(v) * linear, gate);
    const at::Tensor gate_change = wide_product(k.mT(), on_gate);
    GluForm form;
    form.keys = wide(k);
    form.values = values * damping(written, {1});
    form.initial = wide(initial.linear);
    form.gate_before = wide(initial.gate);
    form.gate_after = form.gate_before + gate_change * damping(gate_change, {1});
    return form;
}

at::Tensor read_state(const GluForm& form, const at::Tensor& q) {
    const at::Tensor opened = wide_product(q, form.gate_after);
    const at::Tensor state = form.initial + at::matmul(form.keys.mT(), form.values);
    return (opened * at::sigmoid(opened) * wide_product(q, state)).to(q.scalar_type());
}

at::Tensor read_attention(const GluForm& form, const at::Tensor& q) {
    const at::Tensor opened = wide_product(q, form.gate_after);
    const at::Tensor a = wide_product(q, form.keys.mT());
    const at::Tensor o = wide_product(q, form.initial) + at::matmul(a, form.values);
    return (opened * at::sigmoid(opened) * o).to(q.scalar_type());
}

ConvForm conv_form(const at::Tensor& w, const at::Tensor& k, const at::Tensor& v) {
    const double s = 1.0 / (3.0 * static_cast<double>(k.size(2) * k.size(3)));
    ConvForm form;
    form.h = k.size(2);
    form.w = k.size(3);
    form.keys = windows(k);
    const at::Tensor values = s * wide(v).flatten(2);
    const at::Tensor g = at::matmul(form.keys.mT(), values.unsqueeze(3)).squeeze(3);  // [batch, d, 9]
    form.values = values * damping(g, {2});
    form.initial = wide(w).flatten(2);
    return form;
}

at::Tensor read_state(const ConvForm& form, const at::Tensor& q) {
    const at::Tensor kernels =
        form.initial.unsqueeze(3) + at::matmul(form.keys.mT(), form.values.unsqueeze(3));
    return as_image(at::matmul(windows(q), kernels).squeeze(3), form, q);
}

at::Tensor read_attention(const ConvForm& form, const at::Tensor& q) {
    const at::Tensor windows_q = windows(q);
    const at::Tensor own = at::matmul(windows_q, form.initial.unsqueeze(3)).squeeze(3);
    std::vector<at::Tensor> channels;
    for (std::int64_t c = 0; c < q.size(1); ++c) {
        const at::Tensor a = at::matmul(windows_q.select(1, c), form.keys.select(1, c).mT());
        channels.push_back(at::matmul(a, form.values.select(1, c).unsqueeze(2)).squeeze(2));
    }
    return as_image(own + at::stack(channels, 1), form, q);
}

PositionAttention position_attention(const GluForm& form, const at::Tensor& q, std::int64_t first,
                                     std::int64_t heads, std::int64_t position) {
    const auto part = [&](const at::Tensor& x) { return x.slice(0, first, first + heads); };
    const at::Tensor x = wide(part(q)).slice(1, position, position + 1);  // [heads, 1, d]
    const at::Tensor opened = at::matmul(x, part(form.gate_after));
    const at::Tensor gate = opened * at::sigmoid(opened);
    const at::Tensor a = at::matmul(part(form.keys), x.mT());  // [heads, positions, 1]
    const at::Tensor added = (a * part(form.values) * gate).transpose(0, 1).flatten(1);
    return shares_of(added, (at::matmul(x, part(form.initial)) * gate).flatten());
}

PositionAttention position_attention(const ConvForm& form, const at::Tensor& q, std::int64_t image,
                                     std::int64_t position) {
    const at::Tensor x = windows(q).select(0, image).select(1, position).unsqueeze(2);  // [d, 9, 1]
    const at::Tensor a = at::matmul(form.keys.select(0, image), x).squeeze(2);          // [d, positions]
    const at::Tensor added = (a * form.values.select(0, image)).t();
    return shares_of(added, (form.initial.select(0, image) * x.squeeze(2)).sum(1));
}

}  // namespace lact
