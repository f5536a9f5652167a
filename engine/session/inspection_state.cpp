#include "engine/session/inspection_state.h"

#include "engine/model/rays.h"

#include <fmt/format.h>

namespace lact {

std::vector<double> numbers(const at::Tensor& x) {
    const at::Tensor values = x.to(at::kCPU, at::kDouble).contiguous();
    const double* first = values.const_data_ptr<double>();
    return {first, first + values.numel()};
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
        layer.reset();  // Its memory is for the next one.
        LACT_CHECK(check_layer(session.model(), inputs, session.rule(), 1));
        if (!posed.defined()) {
            posed = posed_views(inputs);
        }
        LACT_TRY(const LayerInputs recorded,
                 record_layer(network(), session.rule(), fast(), posed, place.layer, job));
        if (job.stopped()) {
            return cancelled();
        }
        Layer found{place.layer, converted(recorded, at::kFloat), {}, recorded.tokens};
        found.form = linear_form_of(session.rule(), found.inputs);
        layer = std::move(found);
    }
    return &*layer;
}

Result<LayerRead> Inspection::State::queries_of(Place place, const Query& query, const Job& job) {
    LACT_CHECK(check(place));
    LACT_CHECK(check_sizes(std::span(&query.camera, 1), network().config()));
    if (!read || read->layer != place.layer || read->camera != query.camera) {
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

}  // namespace lact
