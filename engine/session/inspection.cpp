// Inspection: how it is made, its records, and the matrices of the twin.
#include "engine/session/inspection.h"

#include "engine/model/rays.h"
#include "engine/model/tensor_map.h"
#include "engine/session/equivalence_rows.h"
#include "engine/session/inspection_state.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

namespace lact {

namespace {

bool same(const Camera& a, const Camera& b) {
    return a.width == b.width && a.height == b.height && a.fx == b.fx && a.fy == b.fy && a.cx == b.cx &&
           a.cy == b.cy && a.c2w == b.c2w;
}

Result<at::Tensor> of_step(const LinearBlock& block, LinearMatrix which) {
    switch (which) {
        case LinearMatrix::keys:
            return block.phi_k;
        case LinearMatrix::values:
            return block.v_hat;
        case LinearMatrix::effective_keys:
            return block_keys(block, AttentionSide::key);
        case LinearMatrix::effective_values:
            return block_values(block, AttentionSide::value);
        case LinearMatrix::gradient:
            return block.g1;
        case LinearMatrix::orthogonalized:
            return orthogonalized_by(block.muon, block.g1);
        case LinearMatrix::muon_left:
        case LinearMatrix::muon_right:
            if (!block.muon.p_left.defined()) {
                return fail("inspection", "the rule does not orthogonalise: there is no factor of Muon");
            }
            return which == LinearMatrix::muon_left ? block.muon.p_left : block.muon.p_right;
        default:
            return fail("inspection", "this matrix does not belong to a step");
    }
}

}  // namespace

std::string_view to_string(Side side) {
    return side == Side::value ? "value" : "key";
}

Result<Side> parse_side(std::string_view text) {
    if (text == "value" || text == "key") {
        return text == "value" ? Side::value : Side::key;
    }
    return fail("side", fmt::format("'{}' is not known", text), "Sides are value and key.");
}

std::vector<double> numbers(const at::Tensor& x) {
    const at::Tensor values = x.to(at::kCPU, at::kDouble).contiguous();
    const double* first = values.const_data_ptr<double>();
    return {first, first + values.numel()};
}

LinearForm only(const LinearForm& form, int64_t index) {
    const auto one = [index](const at::Tensor& x) { return x.defined() ? x.slice(0, index, index + 1) : x; };
    const auto weights = [&](const FastWeights& w) { return FastWeights{one(w.w0), one(w.w1), one(w.w2)}; };
    LinearForm result{form.kernel, weights(form.initial), weights(form.updated), one(form.d), {}};
    for (const LinearBlock& b : form.blocks) {
        const MuonFactor muon{one(b.muon.p_left), one(b.muon.p_right), one(b.muon.sigma),
                              one(b.muon.sigma_after)};
        result.blocks.push_back(
            {weights(b.before), one(b.phi_k), one(b.v_hat), one(b.g0), one(b.g1), one(b.g2), muon, one(b.d)});
    }
    return result;
}

Result<void> Inspection::State::check(Place place) const {
    const ModelConfig& config = network().config();
    if (place.layer < 0 || place.layer >= config.layers || place.head < 0 ||
        place.head >= config.ttt_heads()) {
        return fail("inspection",
                    fmt::format("layer {} head {} is not there: layers 0 to {}, heads 0 to {}", place.layer,
                                place.head, config.layers - 1, config.ttt_heads() - 1));
    }
    return {};
}

Result<const Inspection::State::Layer*> Inspection::State::layer_at(Place place, const Job& job) {
    LACT_CHECK(check(place));
    if (!layer || layer->index != place.layer) {
        if (!posed.defined()) {
            posed = posed_views(inputs);
        }
        LACT_TRY(const LayerInputs recorded,
                 record_layer(network(), session.rule(), fast(), posed, place.layer, job));
        if (job.stopped()) {
            return cancelled();
        }
        Layer found{place.layer, converted(recorded, at::kFloat), {}};
        found.form = linear_form_of(session.rule(), found.inputs);
        layer = std::move(found);
    }
    return &*layer;
}

Result<LayerRead> Inspection::State::queries_of(Place place, const Query& query, const Job& job) {
    LACT_CHECK(check(place));
    LACT_CHECK(check_sizes(std::span(&query.camera, 1), network().config().patch));
    if (!read || read->layer != place.layer || !same(read->camera, query.camera)) {
        const at::Tensor pose = pose_channels(std::span(&query.camera, 1)).unsqueeze(0);
        LACT_TRY(LayerRead made, record_read(network(), session.rule(), fast(), pose, place.layer, job));
        read = Read{place.layer, query.camera, {made.q.to(at::kFloat), made.o.to(at::kFloat)}};
    }
    const auto head = [&](const at::Tensor& x) { return x.slice(0, place.head, place.head + 1); };
    LayerRead result{head(read->queries.q), head(read->queries.o)};
    if (query.patch) {
        const int columns = query.camera.width / network().config().patch;
        const int rows = query.camera.height / network().config().patch;
        const auto [column, row] = *query.patch;
        if (column < 0 || column >= columns || row < 0 || row >= rows) {
            return fail("inspection",
                        fmt::format("patch {},{} is outside of {} x {} patches", column, row, columns, rows));
        }
        const int64_t token = static_cast<int64_t>(row) * columns + column;
        result = {result.q.slice(1, token, token + 1), result.o.slice(1, token, token + 1)};
    }
    return result;
}

Matrix Inspection::State::matrix_of(const MatrixKey& key, const at::Tensor& values) const {
    const at::Tensor on_cpu = values.to(at::kCPU, at::kFloat).contiguous();
    const float* first = on_cpu.const_data_ptr<float>();
    return {key, static_cast<int>(on_cpu.size(0)), static_cast<int>(on_cpu.size(1)),
            std::vector<float>(first, first + on_cpu.numel()), session.generation()};
}

Inspection::Inspection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Inspection::~Inspection() = default;
Inspection::Inspection(Inspection&&) noexcept = default;
Inspection& Inspection::operator=(Inspection&&) noexcept = default;

Result<Inspection> Inspection::of(const Session& session, std::vector<PreparedView> inputs) {
    if (!session.ready()) {
        return fail("inspection", "there is no state yet: the input views were not set up");
    }
    LACT_CHECK(check_set_up(session.model(), inputs, session.rule()));
    auto state = std::make_unique<State>(session.snapshot());
    const int patch = session.model().config().patch;
    for (const PreparedView& view : inputs) {
        state->grid.views.push_back(view.index);
    }
    state->grid.rows = inputs.front().camera.height / patch;
    state->grid.columns = inputs.front().camera.width / patch;
    state->inputs = std::move(inputs);
    return Inspection(std::move(state));
}

const Session& Inspection::session() const {
    return state_->session;
}
const std::vector<PreparedView>& Inspection::inputs() const {
    return state_->inputs;
}
const TokenGrid& Inspection::grid() const {
    return state_->grid;
}

Result<Matrix> Inspection::linear_matrix(Place place, LinearMatrix which, int step, const Job& job) {
    return guarded(state_->session, "inspection", [&]() -> Result<Matrix> {
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        const auto steps = static_cast<int>(layer->form.blocks.size());
        if (step < 0 || step >= steps) {
            return fail("inspection", fmt::format("inner step {} is not there: 0 to {}", step, steps - 1));
        }
        const MatrixKey key{place.layer, place.head, FastMatrix::w1, MatrixTime::updated};
        const auto made = [&](const at::Tensor& x) { return state_->matrix_of(key, x[place.head]); };
        switch (which) {
            case LinearMatrix::k:
                return made(layer->inputs.tokens.k);
            case LinearMatrix::v:
                return made(layer->inputs.tokens.v);
            case LinearMatrix::initial_state:
                return made(layer->form.initial.w1);
            case LinearMatrix::state_change:
                return made(state_change(layer->form));
            case LinearMatrix::state:
                return made(state_matrix(layer->form));
            case LinearMatrix::updated_w1:
                return made(state_->fast()[static_cast<std::size_t>(place.layer)].w1);
            default:
                break;
        }
        LACT_TRY(const at::Tensor x, of_step(layer->form.blocks[static_cast<std::size_t>(step)], which));
        return made(x);
    });
}

Result<Matrix> Inspection::read_matrix(Place place, ReadMatrix which, const Query& query, const Job& job) {
    return guarded(state_->session, "inspection", [&]() -> Result<Matrix> {
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        LACT_TRY(const LayerRead asked, state_->queries_of(place, query, job));
        const LinearForm form = only(layer->form, place.head);
        const auto chosen = [&] {
            switch (which) {
                case ReadMatrix::q:
                    return asked.q;
                case ReadMatrix::features:
                    return form_features(form.kernel, form.updated, asked.q);
                case ReadMatrix::output:
                    return asked.o;
                case ReadMatrix::form_output:
                    break;
            }
            return read_state(form, asked.q);
        };
        return state_->matrix_of({place.layer, place.head, FastMatrix::w1, MatrixTime::updated}, chosen()[0]);
    });
}

Result<EquivalenceRow> Inspection::difference(Place place, const Camera& camera, const Job& job) {
    return guarded(state_->session, "twin check", [&]() -> Result<EquivalenceRow> {
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        LACT_TRY(const LayerRead asked, state_->queries_of(place, {camera, {}}, job));
        LayerInputs one = only(layer->inputs, place.head);
        one.q = asked.q;
        one.o = asked.o;
        const UpdateRule& rule = state_->session.rule();
        return row_of(place.layer, place.head, format(rule),
                      compare_with_form(rule, with_some_queries(one), limit_of(rule)).front());
    });
}

// Inspection: raw tensors for other programs. README.md holds the names and the formulae.
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

void add_form(Names& names, const LinearForm& form, const LayerRead& asked) {
    names.add("twin.phi_q", form_features(form.kernel, form.updated, asked.q));
    names.add("twin.w0", form.updated.w0);
    names.add("twin.w2", form.updated.w2);
    names.add("twin.s", state_matrix(form));
    names.add("twin.s_change", state_change(form));
    names.add("twin.d", form.d.squeeze(1));
    names.add("twin.o", read_state(form, asked.q));
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

void add_attention(Names& names, const LinearForm& form, const LayerRead& asked, AttentionSide side,
                   int64_t tokens_per_view) {
    const TokenShares shares = token_shares(form, asked.q, side);
    names.add("shares.tokens", shares.tokens);
    names.add("shares.views", view_sums(shares.tokens, tokens_per_view));
    names.add("shares.s0", shares.s0.unsqueeze(0));
    if (asked.q.size(1) == 1) {
        const AttentionRow row = attention_row(form, asked.q, side);
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
        const LinearForm form = only(layer->form, place.head);
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
        add_form(names, form, asked);
        add_attention(names, form, asked, attention_side(side), layer->inputs.tokens_per_view);
        return write_safetensors(path, file);
    });
}

}  // namespace lact
