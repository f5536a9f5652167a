#include "app/runtime/engine_state.h"

#include <algorithm>

namespace lact::app {

bool EngineState::set_up_due() const {
    return pending.weights || (snapshot->weights && !pending.empty() && (pending.scene || snapshot->scene));
}

bool EngineState::frame_is_of_state() const {
    return snapshot->frame && snapshot->state && snapshot->frame->generation == snapshot->state->generation;
}

std::shared_ptr<const Frame> EngineState::frame_at(const Camera& from) const {
    return frame_is_of_state() && snapshot->frame->camera == from ? snapshot->frame : nullptr;
}

bool EngineState::pair_incomplete() const {
    return comparison.ready && snapshot->pair && !snapshot->pair->whole;
}

bool EngineState::left_out_frame_due() const {
    return comparison.frame_left_out && comparison.frame_requested && camera.value;
}

const StateQueries::value_type* EngineState::open_query() const {
    for (const auto& query : queries) {
        const auto known = snapshot->answers.find(query.first);
        if (known == snapshot->answers.end() || !snapshot->state ||
            known->second->generation != snapshot->state->generation ||
            !same(known->second->query, query.second)) {
            return &query;
        }
    }
    return nullptr;
}

bool EngineState::table_row_due() const {
    return comparison.ready && comparison.table_requested && !comparison.table_left.empty();
}

bool EngineState::table_stopped() const {
    const auto& table = snapshot->table;
    if (!table || table->rows.size() >= table->of || comparison.sides_due) {
        return false;
    }
    // Sides that are being made again have no problem.
    return comparison.ready ? comparison.table_left.empty() : !snapshot->compare_problem.empty();
}

bool EngineState::experiment_due() const {
    return experiment.running || (experiment.request && has_state());
}

void EngineState::set_queries(StateQueries newer) {
    queries = std::move(newer);
    const auto dropped = [&](const auto& answer) { return !queries.contains(answer.first); };
    if (std::ranges::any_of(snapshot->answers, dropped)) {
        // Of the same version: nothing came that a reader would wait for.
        auto next = std::make_shared<Snapshot>(*snapshot);
        std::erase_if(next->answers, dropped);
        snapshot = std::move(next);
    }
}

void EngineState::resume_table() {
    if (!snapshot->table || !comparison.table_left.empty()) {
        return;
    }
    const auto& rows = snapshot->table->rows;
    for (const std::size_t view : comparison.table_views) {
        if (std::ranges::find(rows, view, &CompareRow::view) == rows.end()) {
            comparison.table_left.push_back(view);
        }
    }
}

void EngineState::request_experiment(ExperimentRequest request) {
    give_up_experiment();
    publish([&](Snapshot& next) { next.requested_experiment = request.id; });
    experiment.request = std::move(request);
}

void EngineState::give_up_experiment() {
    experiment.request.reset();
    experiment.given_up = experiment.running;
    if (!snapshot->requested_experiment.empty()) {
        publish([](Snapshot& next) { next.requested_experiment.clear(); });
    }
}

void EngineState::drop_requests() {
    pending = {};
    comparison.table_left.clear();
    give_up_experiment();
}

}  // namespace lact::app
