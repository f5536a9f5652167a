#include "app/ui/linear_attention_panel.h"

#include "app/commands/parameter_table.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"

#include <algorithm>

#include <fmt/format.h>

namespace lact::app {

namespace {

/// Returns the matrix of an answer; it shares ownership with the answer.
std::shared_ptr<const Matrix> matrix_in(const std::shared_ptr<const Answered>& answer) {
    const Matrix* matrix = answer ? answer->get<Matrix>() : nullptr;
    return matrix == nullptr ? nullptr : std::shared_ptr<const Matrix>(answer, matrix);
}

}  // namespace

const std::vector<LinearAttentionPanel::Pair>& LinearAttentionPanel::pairs() {
    static const std::vector<Pair> all = {
        {"state", "S | W1",
         "Left: the state S of linear attention, from keys and values alone (S0 + φ(k)⊤ ṽ, then weight "
         "norm). Right: W1 after test-time training. Both are the same matrix up to rounding.",
         LinearMatrix::state, LinearMatrix::updated_w1, "S, linear attention", "W1, test-time training",
         "(S0 + ∑ φ(k)[row] ṽ[column]) D[column]", "W1 after the update", "hidden", "output", true},
        {"change", "S0 | ΔS",
         "S0: the initial state (initial W1). ΔS: the sum over all tokens of the input photos.",
         LinearMatrix::initial_state, LinearMatrix::state_change, "S0", "change of S", "W1 before the update",
         "∑ φ(k)[row] ṽ[column] D[column]", "hidden", "output", false},
        {"keys", "keys | values",
         "φ(k): the effective key of each token of the input photos. ṽ: its effective value, with rate, "
         "sign and Muon's right factor. One row per token.",
         LinearMatrix::keys, LinearMatrix::effective_values, "φ(k)", "effective values",
         "φ of the token's key, before the step", "(±η1 v) P, P: Muon's factor", "token", "channel", false},
        {"muon", "G | M(G)", "The gradient G1 = φ(k)⊤ v̂ before and after Newton-Schulz (Muon).",
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
    draw_difference(context);
    draw_matrices(context);
    attention_.draw(context);
}

void LinearAttentionPanel::draw_difference(PanelContext& context) {
    const auto& camera = services_.document->rested;
    if (camera) {
        difference_ = services_.document->queries.ask("linear.difference",
                                                      EquivalenceQuery{services_.document->place(), *camera});
    }
    const EquivalenceRow* row = difference();
    if (row == nullptr) {
        ImGui::TextColored(context.colours.muted, "%s",
                           difference_ ? difference_->problem.c_str() : "Comparing both forms...");
        return;
    }
    const bool good = row->applicable() && !row->failed();
    ImGui::PushFont(context.fonts.bold, 0);
    ImGui::TextColored(good ? context.colours.good : context.colours.error, "%s Difference %.1e",
                       good ? icon::check : icon::warning, row->rel);
    ImGui::PopFont();
    tip(context,
        fmt::format("max |o_ttt − o_linear| / max |o_ttt| of this layer and head for the queries of this "
                    "camera. Both forms in fp32 from the same inputs, Newton-Schulz in fp32; tolerance "
                    "{:.0e}. In fp64: {:.1e}. The effect of the current precision is a separate number, "
                    "{:.1e}, and no error.",
                    row->tolerance, row->rel_fp64, row->precision));
    ImGui::SameLine();
    ImGui::TextColored(context.colours.muted, "tolerance %.0e, fp32", row->tolerance);
    ImGui::TextColored(context.colours.muted, "φ(q) changed by %.0f %%", 100 * row->moved);
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
    }
    ImGui::BeginGroup();
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
    } else {
        ImGui::TextColored(context.colours.muted, "%s: computing...", side.name);
    }
    ImGui::EndGroup();
}

void LinearAttentionPanel::draw_matrices(PanelContext& context) {
    ImGui::Separator();
    Flow flow;
    for (std::size_t i = 0; i < pairs().size(); ++i) {
        if (flow.radio(context, pairs()[i].title, pair_ == i, pairs()[i].tooltip)) {
            services_.dispatch->set("linear.matrices", pairs()[i].id);
        }
    }
    const auto chosen = services_.dispatch->parameters().get("linear.matrices");
    for (std::size_t i = 0; i < pairs().size(); ++i) {
        if (chosen && *chosen == pairs()[i].id) {
            pair_ = i;
        }
    }
    const Pair& pair = pairs()[pair_];
    const float gap = ImGui::GetStyle().ItemSpacing.x;
    const float width = (ImGui::GetContentRegionAvail().x - gap) / 2;
    const ImVec2 space{width, std::min(width, ImGui::GetContentRegionAvail().y * 0.45F)};
    const float both = std::max(left_.largest(), right_.largest());
    draw_side(context,
              {left_, right_, "linear.left", pair.left, pair.left_name, pair.right_name, pair.left_formula},
              pair, space, pair.one_range ? both : left_.largest());
    const bool left_moved = left_.moved();
    ImGui::SameLine();
    draw_side(
        context,
        {right_, left_, "linear.right", pair.right, pair.right_name, pair.left_name, pair.right_formula},
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

PanelData LinearAttentionPanel::data() const {
    PanelData data;
    if (const EquivalenceRow* row = difference()) {
        data.push_back(make_table("difference",
                                  {"rel", "tolerance", "rel_fp64", "running_precision", "phi_moved"},
                                  {row->rel, row->tolerance, row->rel_fp64, row->precision, row->moved}));
    }
    const Pair& pair = pairs()[pair_];
    for (const auto& [map, name] : {std::pair{&left_, pair.left_name}, std::pair{&right_, pair.right_name}}) {
        if (map->shown()) {
            const Matrix& matrix = *map->shown();
            data.push_back(make_matrix(name, matrix.columns, {matrix.values.begin(), matrix.values.end()}));
        }
    }
    const PanelData attention = attention_.data();
    data.insert(data.end(), attention.begin(), attention.end());
    return data;
}

}  // namespace lact::app
