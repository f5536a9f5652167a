#include "engine/session/inspection_export.h"

#include "engine/linear/attention.h"

#include <string>

#include <ATen/ATen.h>
#include <fmt/format.h>

namespace lact {
namespace {

/// Adds tensors of one head, each a batch of one, to a file. Skips undefined tensors.
class TensorNames {
  public:
    explicit TensorNames(TensorFile& file) : file_(file) {}

    void add(const std::string& name, const at::Tensor& x) {
        if (x.defined()) {
            file_.tensors[name] = x[0].to(at::kCPU, at::kFloat).contiguous();
        }
    }
    void add(const std::string& prefix, const FastWeights& weights) {
        add(prefix + "w0", weights.w0);
        add(prefix + "w1", weights.w1);
        add(prefix + "w2", weights.w2);
    }

  private:
    TensorFile& file_;
};

void add_inputs(TensorNames& names, const LayerInputs& inputs, const LayerRead& read,
                const FastWeights& updated, const at::Tensor& exact_w1) {
    names.add("k", inputs.tokens.k);
    names.add("v", inputs.tokens.v);
    names.add("lr0", inputs.tokens.lr0.squeeze(2));
    names.add("lr1", inputs.tokens.lr1.squeeze(2));
    names.add("lr2", inputs.tokens.lr2.squeeze(2));
    names.add("initial.", inputs.initial);
    names.add("updated.", updated);
    names.add("recomputed.w1", exact_w1);
    names.add("q", read.q);
    names.add("o", read.o);
}

void add_form(TensorNames& names, const LinearForm& form, const LayerRead& read) {
    names.add("twin.phi_q", form_features(form.kernel, form.updated, read.q));
    names.add("twin.w0", form.updated.w0);
    names.add("twin.w2", form.updated.w2);
    names.add("twin.s", state_matrix(form));
    names.add("twin.s_change", state_change(form));
    names.add("twin.d", form.d.squeeze(1));
    names.add("twin.o", read_state(form, read.q));
    for (std::size_t i = 0; i < form.blocks.size(); ++i) {
        const LinearBlock& block = form.blocks[i];
        const std::string step = fmt::format("step{}.", i);
        names.add(step + "phi_k", block.phi_k);
        names.add(step + "v_hat", block.v_hat);
        names.add(step + "g0", block.g0);
        names.add(step + "g1", block.g1);
        names.add(step + "g2", block.g2);
        names.add(step + "p_left", block.muon.p_left);
        names.add(step + "p_right", block.muon.p_right);
        names.add(step + "sigma", block.muon.sigma);
        names.add(step + "sigma_after", block.muon.sigma_after);
        names.add(step + "d", block.d.squeeze(1));
    }
}

void add_attention(TensorNames& names, const LinearForm& form, const LayerRead& read, const at::Tensor& all_q,
                   MuonFactor factor, int64_t tokens_per_view) {
    const auto add_shares = [&](const std::string& prefix, const MeanRead& mean) {
        const TokenShares shares = token_shares(form, read.q, factor, mean);
        names.add(prefix + "tokens", shares.tokens);
        names.add(prefix + "views", view_sums(shares.tokens, tokens_per_view));
        names.add(prefix + "s0", shares.s0.unsqueeze(0));
    };
    add_shares("shares.", {});
    const MeanRead mean = mean_read(form, all_q);
    names.add("twin.mean_phi_q", mean.phi_q);
    add_shares("shares.centred.", mean);
    if (read.q.size(1) == 1) {
        const AttentionRow row = attention_row(form, read.q, factor);
        for (std::size_t i = 0; i < row.weights.size(); ++i) {
            names.add(fmt::format("step{}.a", i), row.weights[i]);
        }
    }
}

}  // namespace

TensorFile inspection_tensors(const HeadRecord& record, MuonFactor factor) {
    TensorFile file;
    TensorNames names(file);
    add_inputs(names, record.inputs, record.read, record.updated, record.exact_w1);
    add_form(names, record.form, record.read);
    names.add("q_all", record.all_q);
    add_attention(names, record.form, record.read, record.all_q, factor, record.inputs.tokens_per_view);
    return file;
}

}  // namespace lact
