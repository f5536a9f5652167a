// Inspection: raw tensors for other programs. README.md holds the names and the formulae.
#include "engine/model/tensor_map.h"
#include "engine/session/inspection_state.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

namespace lact {
namespace {

/// Collects tensors of one head, kept as a batch of one; what a rule does not have is left out.
class Names {
  public:
    explicit Names(TensorFile& file) : file_(file) {}

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

void add_inputs(Names& names, const LayerInputs& inputs, const LayerRead& asked, const FastWeights& updated) {
    names.add("k", inputs.tokens.k);
    names.add("v", inputs.tokens.v);
    names.add("lr0", inputs.tokens.lr0.squeeze(2));
    names.add("lr1", inputs.tokens.lr1.squeeze(2));
    names.add("lr2", inputs.tokens.lr2.squeeze(2));
    names.add("initial.", inputs.initial);
    names.add("updated.", updated);
    names.add("q", asked.q);
    names.add("o", asked.o);
}

void add_twin(Names& names, const Twin& twin, const LayerRead& asked) {
    names.add("twin.phi_q", twin_features(twin.kernel, twin.updated, asked.q));
    names.add("twin.w0", twin.updated.w0);
    names.add("twin.w2", twin.updated.w2);
    names.add("twin.s", state_matrix(twin));
    names.add("twin.s_change", state_change(twin));
    names.add("twin.d", twin.d.squeeze(1));
    names.add("twin.o", read_state(twin, asked.q));
    for (std::size_t i = 0; i < twin.blocks.size(); ++i) {
        const TwinBlock& block = twin.blocks[i];
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

void add_attention(Names& names, const Twin& twin, const LayerRead& asked, AttentionSide side,
                   int64_t tokens_per_view) {
    const TokenShares shares = token_shares(twin, asked.q, side);
    names.add("shares.tokens", shares.tokens);
    names.add("shares.views", view_sums(shares.tokens, tokens_per_view));
    names.add("shares.s0", shares.s0.unsqueeze(0));
    if (asked.q.size(1) == 1) {
        const AttentionRow row = attention_row(twin, asked.q, side);
        for (std::size_t i = 0; i < row.weights.size(); ++i) {
            names.add(fmt::format("step{}.a", i), row.weights[i]);
        }
    }
}

}  // namespace

Result<void> Inspection::write_tensors(const std::filesystem::path& path, Place place, const Query& query,
                                       Side side, const std::map<std::string, std::string>& metadata,
                                       const Job& job) {
    return guarded(state_->session, "export", [&]() -> Result<void> {
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        LACT_TRY(const LayerRead asked, state_->queries_of(place, query, job));
        const Twin twin = only(layer->twin, place.head);
        const FastWeights& fast = state_->fast()[static_cast<std::size_t>(place.layer)];
        const auto head = [&](const at::Tensor& x) { return x.slice(0, place.head, place.head + 1); };
        TensorFile file;
        file.metadata = metadata;
        file.metadata["rule"] = format(state_->session.rule());
        file.metadata["layer"] = std::to_string(place.layer);
        file.metadata["head"] = std::to_string(place.head);
        file.metadata["side"] = std::string(to_string(side));
        file.metadata["tokens_per_view"] = std::to_string(layer->inputs.tokens_per_view);
        Names names(file);
        add_inputs(names, only(layer->inputs, place.head), asked,
                   {head(fast.w0), head(fast.w1), head(fast.w2)});
        add_twin(names, twin, asked);
        add_attention(names, twin, asked, attention_side(side), layer->inputs.tokens_per_view);
        return write_safetensors(path, file);
    });
}

}  // namespace lact
