// Inspection: how it is made, its records, and the matrices of the twin.
#include "engine/session/inspection.h"

#include "engine/model/rays.h"
#include "engine/session/inspection_state.h"
#include "engine/session/twin_rows.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

namespace lact {
namespace {

bool same(const Camera& a, const Camera& b) {
    return a.width == b.width && a.height == b.height && a.fx == b.fx && a.fy == b.fy && a.cx == b.cx &&
           a.cy == b.cy && a.c2w == b.c2w;
}

Result<at::Tensor> of_step(const TwinBlock& block, TwinMatrix which) {
    switch (which) {
        case TwinMatrix::keys:
            return block.phi_k;
        case TwinMatrix::values:
            return block.v_hat;
        case TwinMatrix::effective_keys:
            return block_keys(block, AttentionSide::key);
        case TwinMatrix::effective_values:
            return block_values(block, AttentionSide::value);
        case TwinMatrix::gradient:
            return block.g1;
        case TwinMatrix::orthogonalized:
            return orthogonalized_by(block.muon, block.g1);
        case TwinMatrix::muon_left:
        case TwinMatrix::muon_right:
            if (!block.muon.p_left.defined()) {
                return fail("inspection", "the rule does not orthogonalise: there is no factor of Muon");
            }
            return which == TwinMatrix::muon_left ? block.muon.p_left : block.muon.p_right;
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

Twin only(const Twin& twin, int64_t index) {
    const auto one = [index](const at::Tensor& x) { return x.defined() ? x.slice(0, index, index + 1) : x; };
    const auto weights = [&](const FastWeights& w) { return FastWeights{one(w.w0), one(w.w1), one(w.w2)}; };
    Twin result{twin.kernel, weights(twin.initial), weights(twin.updated), one(twin.d), {}};
    for (const TwinBlock& b : twin.blocks) {
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
        found.twin = twin_of(session.rule(), found.inputs);
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

Result<Matrix> Inspection::twin_matrix(Place place, TwinMatrix which, int step, const Job& job) {
    return guarded(state_->session, "inspection", [&]() -> Result<Matrix> {
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        const auto steps = static_cast<int>(layer->twin.blocks.size());
        if (step < 0 || step >= steps) {
            return fail("inspection", fmt::format("inner step {} is not there: 0 to {}", step, steps - 1));
        }
        const MatrixKey key{place.layer, place.head, FastMatrix::w1, MatrixTime::updated};
        const auto made = [&](const at::Tensor& x) { return state_->matrix_of(key, x[place.head]); };
        switch (which) {
            case TwinMatrix::k:
                return made(layer->inputs.tokens.k);
            case TwinMatrix::v:
                return made(layer->inputs.tokens.v);
            case TwinMatrix::initial_state:
                return made(layer->twin.initial.w1);
            case TwinMatrix::state_change:
                return made(state_change(layer->twin));
            case TwinMatrix::state:
                return made(state_matrix(layer->twin));
            case TwinMatrix::updated_w1:
                return made(state_->fast()[static_cast<std::size_t>(place.layer)].w1);
            default:
                break;
        }
        LACT_TRY(const at::Tensor x, of_step(layer->twin.blocks[static_cast<std::size_t>(step)], which));
        return made(x);
    });
}

Result<Matrix> Inspection::read_matrix(Place place, ReadMatrix which, const Query& query, const Job& job) {
    return guarded(state_->session, "inspection", [&]() -> Result<Matrix> {
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        LACT_TRY(const LayerRead asked, state_->queries_of(place, query, job));
        const Twin twin = only(layer->twin, place.head);
        const auto chosen = [&] {
            switch (which) {
                case ReadMatrix::q:
                    return asked.q;
                case ReadMatrix::features:
                    return twin_features(twin.kernel, twin.updated, asked.q);
                case ReadMatrix::output:
                    return asked.o;
                case ReadMatrix::twin_output:
                    break;
            }
            return read_state(twin, asked.q);
        };
        return state_->matrix_of({place.layer, place.head, FastMatrix::w1, MatrixTime::updated}, chosen()[0]);
    });
}

Result<TwinCheckRow> Inspection::difference(Place place, const Camera& camera, const Job& job) {
    return guarded(state_->session, "twin check", [&]() -> Result<TwinCheckRow> {
        LACT_TRY(const auto* layer, state_->layer_at(place, job));
        LACT_TRY(const LayerRead asked, state_->queries_of(place, {camera, {}}, job));
        LayerInputs one = only(layer->inputs, place.head);
        one.q = asked.q;
        one.o = asked.o;
        const UpdateRule& rule = state_->session.rule();
        return row_of(place.layer, place.head, format(rule),
                      compare_with_twin(rule, with_some_queries(one), limit_of(rule)).front());
    });
}

}  // namespace lact
