#include "app/ui/linear_attention_panel.h"

#include "app/commands/parameter_table.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace lact::app {

namespace {

/// Returns the matrix of an answer; it shares ownership with the answer.
std::shared_ptr<const Matrix> matrix_in(const std::shared_ptr<const Answered>& answer) {
    const Matrix* matrix = answer ? answer->get<Matrix>() : nullptr;
    return matrix == nullptr ? nullptr : std::shared_ptr<const Matrix>(answer, matrix);
}

/// Empty while the camera moves.
std::optional<StateQuery> difference_query(const Document& document) {
    return document.rested ? std::optional<StateQuery>(EquivalenceQuery{document.place(), *document.rested})
                           : std::nullopt;
}

/// The verdict of the equivalence check, then what fp32 measures, as information.
void draw_verdict(const PanelContext& context, const EquivalenceRow& row) {
    if (!row.applicable()) {
        ImGui::TextColored(context.colours.muted, "%s", row.status.c_str());
        return;
    }
    ImGui::PushFont(context.fonts.bold, 0);
    if (row.failed()) {
        ImGui::TextColored(context.colours.error, "%s not equal in fp64: %.1e (limit %.0e)", icon::warning,
                           row.rel_fp64, row.limit);
    } else {
        ImGui::TextColored(context.colours.good, "%s equal in fp64: %.1e (limit %.0e)", icon::check,
                           row.rel_fp64, row.limit);
    }
    ImGui::PopFont();
    tip(context,
        fmt::format(
            "max |o_ttt − o_linear| / max |o_ttt| of this layer and head for the queries of this camera (at "
            "most {}, evenly spread), both forms in fp64 from the same recorded inputs, over both factors of "
            "Muon{}. It compares outputs, with Newton-Schulz in fp64.",
            largest_query_count, row.step_by_step_fp64 ? ", the largest of single inner steps" : ""));
    ImGui::TextColored(context.colours.muted, "fp32: %.1e; rounding alone %.1e", row.rel_fp32,
                       row.rounding_fp32);
    tip(context,
        fmt::format(
            "Information, not judged: the same difference in fp32 with Newton-Schulz in fp32{}. Rounding: "
            "fp32 against fp64, of the layer or of its linear-attention form, whichever is larger. What "
            "the precision of the running layer costs in its output is another number, {:.1e}.",
            row.step_by_step_fp32
                ? fmt::format(", the largest of single inner steps (after all of them {:.1e})",
                              row.drift_fp32)
                : "",
            row.precision));
}

}  // namespace

const std::vector<LinearAttentionPanel::Pair>& LinearAttentionPanel::pairs() {
    static const std::vector<Pair> all = {
        {"state", "S | W1",
         "Left: the state S of linear attention, from keys and values alone (S0 D + ∑ φ(k)⊤ ṽ D_I over "
         "tokens "
         "and inner steps). Right: W1 after test-time training. In exact arithmetic they are one matrix; the "
         "running W1 "
         "differs by its precision, which the line below this choice states.",
         LinearMatrix::state, LinearMatrix::updated_w1, "S, linear attention", "W1 as it runs",
         "S0 D[column] + ∑ φ(k)[row] ṽ[column] D_I[column]", "W1 after the update, in the running precision",
         "hidden", "output", true},
        {"change", "S0 | ΔS",
         "S0: the initial state (initial W1). ΔS: what the tokens of all input photos write, over all inner "
         "steps (S - S0 D); "
         "Muon and the weight norm act on their sum.",
         LinearMatrix::initial_state, LinearMatrix::state_change, "S0", "ΔS", "W1 before the update",
         "∑ φ(k)[row] ṽ[column] D_I[column]", "hidden", "output", false},
        {"keys", "keys | values",
         "φ(k): the effective key of each token of the input photos. ṽ: its effective value, with rate, "
         "sign and Muon's right factor. One row per token. Both of the first inner step.",
         LinearMatrix::keys, LinearMatrix::effective_values, "φ(k)", "effective values",
         "φ of the token's key, before the step", "±η1 v P (MSE: η1 (v - f(k)) P), P: Muon's factor", "token",
         "channel", false},
        {"muon", "G | M(G)",
         "The gradient G1 = φ(k)⊤ v̂ before and after Newton-Schulz (Muon) in fp64, of the first inner step.",
         LinearMatrix::gradient, LinearMatrix::orthogonalized, "G1", "M(G1)", "∑ φ(k)[row] v̂[column]",
         "Newton-Schulz of G1", "hidden", "output", false},
    };
    return all;
}

void LinearAttentionPanel::draw(PanelContext& context) {
    const Snapshot& now = *services_.snapshot;
    if (!now.weights || !now.state) {
        ImGui::TextColored(context.colours.muted, "No state: open a scene and weights.");
        return;
    }
    if (begin_rows("place")) {
        draw_place_choice(context, services_);
        end_rows();
    }
    section(context, services_, "Equivalence",
            {"linear-attention form", "S and S0", "feature φ", "P", "D", "share"});
    draw_difference(context);
    draw_matrices(context);
    attention_.draw(context);
}

LinearAttentionPanel::Pair LinearAttentionPanel::adapted(const Pair& listed) const {
    Pair pair = listed;
    const bool muon = has_muon(services_);
    if (pair.left == LinearMatrix::state && services_.document->recomputed_w1) {
        pair.right = LinearMatrix::exact_w1;
        pair.right_name = "W1 recomputed in fp64";
        pair.right_formula =
            muon ? "W1 after the update, Newton-Schulz in fp64" : "W1 after the update in fp64";
    } else if (pair.right == LinearMatrix::orthogonalized && !muon) {
        pair.title = "G";
        pair.tooltip = "The gradient G1 = φ(k)⊤ v̂ of the first inner step. The rule has no Muon.";
        pair.right_name = nullptr;  // It would be G1 again.
    } else if (pair.right == LinearMatrix::effective_values && !muon) {
        pair.right_formula = "±η1 v (MSE: η1 (v - f(k)))";
    }
    return pair;
}

LinearAttentionPanel::Pair LinearAttentionPanel::shown_pair() const {
    const auto chosen = std::ranges::find_if(
        pairs(), [this](const Pair& one) { return services_.document->linear_matrices == one.id; });
    return adapted(chosen == pairs().end() ? pairs().front() : *chosen);
}

bool LinearAttentionPanel::shows_state() const {
    return shown_pair().left == LinearMatrix::state;
}

void LinearAttentionPanel::draw_difference(PanelContext& context) {
    if (const auto query = difference_query(*services_.document)) {
        difference_ = services_.document->queries.ask("linear.difference", *query);
    }
    const EquivalenceRow* row = difference();
    if (row == nullptr) {
        ImGui::TextColored(context.colours.muted, "%s",
                           difference_ ? difference_->problem.c_str() : "Comparing both forms...");
        return;
    }
    const AnswerScope scope(services_.document->queries.fresh("linear.difference"));
    draw_verdict(context, *row);
    ImGui::TextColored(context.colours.muted, "the update changed φ(q) by %.0f %%", 100 * row->moved);
    tip(context,
        "Change of the query features by the update of W0 and W2: |φ_after(q) − φ_before(q)| / "
        "|φ_before(q)|. This effect of the photos is visible neither in S nor in the attention.");
}

void LinearAttentionPanel::draw_side(PanelContext& context, const PairSide& side, const Pair& pair,
                                     ImVec2 space, float range) {
    const Place place = services_.document->place();
    MatrixView& map = side.map;
    const auto answer = services_.document->queries.ask(side.asks, LinearMatrixQuery{place, side.which, 0});
    if (services_.document->queries.fresh(side.asks)) {
        map.show(matrix_in(answer), context);
        side.answer = answer;
    }
    const AnswerScope scope(!answer || services_.document->queries.fresh(side.asks));
    if (answer && !answer->problem.empty()) {
        ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + space.x);
        ImGui::TextColored(context.colours.muted, "%s: %s", side.name, answer->problem.c_str());
        ImGui::PopTextWrapPos();
    } else if (map.shown()) {
        ImGui::TextColored(context.colours.muted, "%s  %d x %d", side.name, map.shown()->rows,
                           map.shown()->columns);
        MatrixView::Style style;
        style.range = range;
        style.name = fmt::format("layer {}, head {}, {}", place.layer, place.head, side.name);
        style.rows = pair.rows;
        style.columns = pair.columns;
        style.formula = side.formula;
        // The maps are drawn in sequence: the mark follows the pointer with a delay of one frame.
        style.mark = side.other.hovered();
        if (pair.one_range && side.other.shown()) {
            style.other = side.other.shown().get();
            style.other_name = side.other_name;
        }
        map.draw(context, side.asks, space, style, map.shown()->rows > 2 * map.shown()->columns);
        if (!pair.one_range) {  // Else one bar stands below both.
            gfx::colour_bar(gfx::ColourMap::diverging, -range, range, space.x);
        }
    } else {
        ImGui::TextColored(context.colours.muted, "%s: computing...", side.name);
    }
}

void LinearAttentionPanel::draw_pair_choice(PanelContext& context) {
    Flow flow;
    for (const Pair& listed : pairs()) {
        const Pair one = adapted(listed);
        if (flow.radio(context, one.title, services_.document->linear_matrices == one.id, one.tooltip)) {
            services_.dispatch->set("linear.matrices", one.id);
        }
    }
}

void LinearAttentionPanel::draw_distance(PanelContext& context) {
    const bool recomputed = services_.document->recomputed_w1;
    Flow flow;
    if (flow.radio(context, "W1 as it runs", !recomputed,
                   "The W1 of the current state, in the precision in which the layer runs.")) {
        services_.dispatch->set("linear.w1", "running");
    }
    if (flow.radio(
            context, "recomputed", recomputed,
            "W1 of the same step from the same recorded inputs, in fp64 with Newton-Schulz in fp64, as S "
            "evaluates Muon.")) {
        services_.dispatch->set("linear.w1", "recomputed");
    }
    distance_ =
        services_.document->queries.ask("linear.distance", StateDistanceQuery{services_.document->place()});
    const StateDistance* distance = this->distance();
    if (distance == nullptr) {
        ImGui::TextColored(context.colours.muted, "%s",
                           distance_ ? distance_->problem.c_str() : "Comparing S and W1...");
        return;
    }
    const AnswerScope scope(services_.document->queries.fresh("linear.distance"));
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(distance_text(*distance, recomputed).c_str());
    ImGui::PopTextWrapPos();
    tip(context,
        "The distance of the two matrices shown below: max |W1 − S| / max |W1|, and |W1 − S| / |W1| in "
        "Frobenius norms.");
}

void LinearAttentionPanel::draw_matrices(PanelContext& context) {
    ImGui::Separator();
    draw_pair_choice(context);
    distance_.reset();
    if (shows_state()) {
        draw_distance(context);
    }
    const Pair pair = shown_pair();
    const float gap = ImGui::GetStyle().ItemSpacing.x;
    const float width = (ImGui::GetContentRegionAvail().x - gap) / 2;
    const ImVec2 space{width, std::min(width, graph_height(context, 0.45F))};
    const float both = std::max(left_.largest(), right_.largest());
    draw_side(context,
              {left_, left_answer_, right_, "linear.left", pair.left, pair.left_name, pair.right_name,
               pair.left_formula},
              pair, space, pair.one_range ? both : left_.largest());
    const bool left_moved = left_.moved();
    ImGui::SameLine();
    if (pair.right_name == nullptr) {
        right_.show(nullptr, context);
        right_answer_.reset();
        ImGui::PushTextWrapPos(0);
        ImGui::TextColored(context.colours.muted, "The rule has no Muon.");
        ImGui::PopTextWrapPos();
        return;
    }
    draw_side(context,
              {right_, right_answer_, left_, "linear.right", pair.right, pair.right_name, pair.left_name,
               pair.right_formula},
              pair, space, pair.one_range ? both : right_.largest());
    if (pair.one_range && left_.shown() && right_.shown()) {
        // Both maps show the same part of the matrix.
        if (left_moved) {
            right_.follow(left_);
        } else if (right_.moved()) {
            left_.follow(right_);
        }
        gfx::colour_bar(gfx::ColourMap::diverging, -both, both);
    }
}

Result<PanelData> LinearAttentionPanel::data() const {
    const Place place = services_.document->place();
    const Pair pair = shown_pair();
    const auto distance_query =
        shows_state() ? std::optional<StateQuery>(StateDistanceQuery{place}) : std::nullopt;
    LACT_CHECK(check_current(services_, {{difference_.get(), difference_query(*services_.document)},
                                         {distance_.get(), distance_query},
                                         {left_answer_.get(), LinearMatrixQuery{place, pair.left, 0}},
                                         {right_answer_.get(), LinearMatrixQuery{place, pair.right, 0}}}));
    PanelData data;
    if (const EquivalenceRow* row = difference()) {
        data.push_back(make_table(
            "difference",
            {"rel_fp64", "limit", "rel_fp32", "rounding_fp32", "running_precision", "phi_moved"},
            {row->rel_fp64, row->limit, row->rel_fp32, row->rounding_fp32, row->precision, row->moved}));
        data.back().about = about_query(difference_->query);
    }
    if (const StateDistance* one = distance()) {
        data.push_back(make_table(
            "S and W1",
            {"running_largest", "running_frobenius", "recomputed_largest", "recomputed_frobenius"},
            {one->running.largest, one->running.frobenius, one->exact.largest, one->exact.frobenius}));
    }
    for (const auto& [map, name] : {std::pair{&left_, pair.left_name}, std::pair{&right_, pair.right_name}}) {
        if (map->shown() && name != nullptr) {
            const Matrix& matrix = *map->shown();
            data.push_back(make_matrix(name, matrix.columns, {matrix.values.begin(), matrix.values.end()}));
        }
    }
    LACT_TRY(const PanelData attention, attention_.data());
    data.insert(data.end(), attention.begin(), attention.end());
    return data;
}

}  // namespace lact::app
