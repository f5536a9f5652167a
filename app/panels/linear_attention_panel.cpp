#include "app/panels/linear_attention_panel.h"

#include "app/core/parameters.h"
#include "app/panels/place_choice.h"
#include "app/panels/signed_colour.h"
#include "app/window/icons.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace lact::app {
namespace {

/// A matrix inside an answer, sharing its life.
std::shared_ptr<const Matrix> matrix_in(const std::shared_ptr<const Answered>& answer) {
    const Matrix* matrix = answer ? answer->get<Matrix>() : nullptr;
    return matrix == nullptr ? nullptr : std::shared_ptr<const Matrix>(answer, matrix);
}

}  // namespace

const std::vector<LinearAttentionPanel::Pair>& LinearAttentionPanel::pairs() {
    static const std::vector<Pair> all = {
        {"state", "S | W1",
         "Left: S, computed from keys and values alone as linear attention does (S0 + phi(k)^T v~, with the "
         "weight norm). Right: W1 as the layer learned it. They are the same matrix.",
         TwinMatrix::state, TwinMatrix::updated_w1, "S, linear attention", "W1, test-time training", "hidden",
         "output", true},
        {"change", "S0 | dS",
         "S0: the state before the photos (W1 initial). dS: what all tokens of the photos add.",
         TwinMatrix::initial_state, TwinMatrix::state_change, "S0", "change of S", "hidden", "output", false},
        {"keys", "keys | values",
         "phi(k), the effective key of each token of the photos, and v~, its effective value (with rate, "
         "sign "
         "and Muon's factor): one row a token.",
         TwinMatrix::keys, TwinMatrix::effective_values, "phi(k)", "v~", "token", "channel", false},
        {"muon", "G | M(G)", "The gradient G1 = phi(k)^T v^ before and after Newton-Schulz (Muon).",
         TwinMatrix::gradient, TwinMatrix::orthogonalized, "G1", "M(G1)", "hidden", "output", false},
    };
    return all;
}

void LinearAttentionPanel::draw(window::PanelContext& context) {
    const Published& now = *services_.published;
    if (!now.weights || !now.state) {
        ImGui::TextColored(context.colours.muted, "There is no state yet.");
        return;
    }
    if (window::begin_rows("place")) {
        draw_place_choice(context, services_);
        window::end_rows();
    }
    draw_difference(context);
    draw_matrices(context);
    draw_attention(context);
}

void LinearAttentionPanel::draw_difference(window::PanelContext& context) {
    const auto& camera = services_.view->rested;
    if (camera) {
        difference_ =
            services_.questions->ask("linear.difference", AskDifference{services_.view->place(), *camera});
    }
    const TwinCheckRow* row = difference();
    if (row == nullptr) {
        ImGui::TextColored(context.colours.muted, "%s",
                           difference_ ? difference_->problem.c_str() : "comparing both ways ...");
        return;
    }
    const bool good = row->applicable() && !row->failed();
    ImGui::PushFont(context.fonts.bold, 0);
    ImGui::TextColored(good ? context.colours.good : context.colours.error, "%s difference %.1e",
                       good ? window::icon::check : window::icon::warning, row->rel);
    ImGui::PopFont();
    window::tip(
        context,
        fmt::format("max |o_ttt - o_linear| / max |o_ttt| of this layer and head, for what this camera "
                    "asks. Both ways in fp32 from the same inputs, Newton-Schulz in fp32: at most {:.0e} "
                    "is allowed. In fp64: {:.1e}. What the precision in use costs is another number, "
                    "{:.1e}: it is no error.",
                    row->tolerance, row->rel_fp64, row->precision));
    ImGui::SameLine();
    ImGui::TextColored(context.colours.muted, "of %.0e allowed, fp32", row->tolerance);
    ImGui::TextColored(context.colours.muted, "phi(q) moved by %.0f %%", 100 * row->moved);
    window::tip(
        context,
        "How far the update of W0 and W2 moved the query's features: |phi_after(q) - phi_before(q)| / "
        "|phi_before(q)|. The photos act through this, too; S and the attention do not show it.");
}

void LinearAttentionPanel::draw_side(window::PanelContext& context, MatrixView& map, const char* name,
                                     const char* asks, TwinMatrix which, const Pair& pair, ImVec2 space,
                                     float range) {
    const Place place = services_.view->place();
    const auto answer = services_.questions->ask(asks, AskTwinMatrix{place, which, 0});
    if (services_.questions->fresh(asks)) {
        map.show(matrix_in(answer), context);
    }
    ImGui::BeginGroup();
    if (answer && !answer->problem.empty()) {
        ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + space.x);
        ImGui::TextColored(context.colours.muted, "%s: %s", name, answer->problem.c_str());
        ImGui::PopTextWrapPos();
    } else if (map.shown()) {
        ImGui::TextColored(context.colours.muted, "%s  %d x %d", name, map.shown()->rows,
                           map.shown()->columns);
        MatrixView::Style style;
        style.range = range;
        style.name = fmt::format("layer {}, head {}, {}", place.layer, place.head, name);
        style.rows = pair.rows;
        style.columns = pair.columns;
        map.draw(context, asks, space, style, map.shown()->rows > 2 * map.shown()->columns);
    } else {
        ImGui::TextColored(context.colours.muted, "%s ...", name);
    }
    ImGui::EndGroup();
}

void LinearAttentionPanel::draw_matrices(window::PanelContext& context) {
    ImGui::Separator();
    for (std::size_t i = 0; i < pairs().size(); ++i) {
        if (i > 0) {
            ImGui::SameLine(0, 10 * context.scale);
        }
        if (ImGui::RadioButton(pairs()[i].title, pair_ == i)) {
            (void)services_.parameters->set("linear.matrices", pairs()[i].id);
        }
        window::tip(context, pairs()[i].tooltip);
    }
    const auto chosen = services_.parameters->get("linear.matrices");
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
    draw_side(context, left_, pair.left_name, "linear.left", pair.left, pair, space,
              pair.one_range ? both : left_.largest());
    const bool left_moved = left_.moved();
    ImGui::SameLine();
    draw_side(context, right_, pair.right_name, "linear.right", pair.right, pair, space,
              pair.one_range ? both : right_.largest());
    if (pair.one_range && left_.shown() && right_.shown()) {
        // One matrix seen twice: both maps show the same part.
        if (left_moved) {
            right_.follow(left_);
        } else if (right_.moved()) {
            left_.follow(right_);
        }
        window::colour_bar(window::ColourMap::diverging, -both, both);
    }
}

void LinearAttentionPanel::draw_attention(window::PanelContext& context) {
    ViewState& view = *services_.view;
    ImGui::SeparatorText("Attention over the photos");
    const auto patch = view.selection.patch();
    if (!view.rested) {
        ImGui::TextColored(context.colours.muted, "while the camera moves: nothing");
    } else {
        Query query{*view.rested, std::nullopt};
        if (patch) {
            query.patch = std::array<int, 2>{patch->column, patch->row};
        }
        attention_ =
            services_.questions->ask("linear.attention", AskAttention{view.place(), query, view.side});
    }
    int side = view.side == Side::value ? 0 : 1;
    for (const int option : {0, 1}) {
        if (ImGui::RadioButton(option == 0 ? "value side" : "key side", side == option)) {
            (void)services_.parameters->set("linear.side", option == 0 ? "value" : "key");
        }
        window::tip(
            context,
            "On which side Muon's factor stands: with the values (A = phi(q) phi(k)^T) or with the keys. "
            "Both are exact and give the same output, but their weights differ: a map means something "
            "only with the name of its side.");
        ImGui::SameLine();
    }
    if (patch) {
        ImGui::TextColored(context.colours.muted, "patch %d, %d%s", patch->column, patch->row,
                           view.selection.pinned ? " (pinned)" : "");
    } else {
        ImGui::TextColored(context.colours.muted, "all patches: point at the view");
    }
    const AttentionMap* map = attention();
    if (map == nullptr) {
        ImGui::TextColored(context.colours.muted, "%s", attention_ ? attention_->problem.c_str() : "...");
        return;
    }
    const bool fresh = view.rested && services_.questions->fresh("linear.attention");
    draw_photos(context, *map, fresh);
    draw_shares(context, *map);
    ImGui::PushTextWrapPos(0);
    ImGui::TextColored(context.colours.muted, "%s", map->label.c_str());
    ImGui::PopTextWrapPos();
}

void LinearAttentionPanel::draw_photos(window::PanelContext& context, const AttentionMap& map, bool fresh) {
    const Published& now = *services_.published;
    const auto& scene = *now.scene;
    const int patch = now.weights->config.patch;
    const int columns = scene.size.width / patch;
    const int rows = scene.size.height / patch;
    const auto cells = static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows);
    if (cells == 0 || map.tokens.size() != cells * scene.inputs.size()) {
        return;  // an answer about another choice of photos
    }
    double largest = 1e-12;
    for (const double value : map.tokens) {
        largest = std::max(largest, std::abs(value));
    }
    const float gap = ImGui::GetStyle().ItemSpacing.x / 2;
    const float width = ImGui::GetContentRegionAvail().x;
    const auto count = static_cast<float>(scene.inputs.size());
    const float per_line = std::clamp(std::ceil(count / 2), 1.0F, 8.0F);
    const float side = (width - gap * (per_line - 1)) / per_line;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    for (std::size_t i = 0; i < scene.inputs.size(); ++i) {
        if (i % static_cast<std::size_t>(per_line) != 0) {
            ImGui::SameLine(0, gap);
        }
        const ImVec2 corner = ImGui::GetCursorScreenPos();
        const float height = side * static_cast<float>(rows) / static_cast<float>(columns);
        ImGui::Dummy({side, height});
        const window::Rect rect{corner, {corner.x + side, corner.y + height}};
        if (const auto& photo = textures_.thumbnail(context.canvas, scene, scene.inputs[i])) {
            context.canvas.draw_picture(list, photo, rect, window::Filter::bicubic);
        }
        const std::span values = std::span(map.tokens).subspan(i * cells, cells);
        paint_signed(list, rect, values, columns, largest, fresh ? 1.0F : 0.5F);
        if (ImGui::IsItemHovered()) {
            const ImVec2 mouse = ImGui::GetIO().MousePos;
            const int column =
                std::clamp(static_cast<int>((mouse.x - corner.x) / side * columns), 0, columns - 1);
            const int row = std::clamp(static_cast<int>((mouse.y - corner.y) / height * rows), 0, rows - 1);
            const auto token = static_cast<std::size_t>(row * columns + column);
            ImGui::SetTooltip("photo %zu, patch %d, %d: share %+.4f", scene.inputs[i], column, row,
                              values[token]);
        }
    }
    window::colour_bar(window::ColourMap::diverging, static_cast<float>(-largest),
                       static_cast<float>(largest));
}

void LinearAttentionPanel::draw_shares(window::PanelContext& context, const AttentionMap& map) {
    const auto& inputs = services_.published->scene->inputs;
    if (map.views.size() != inputs.size()) {
        return;
    }
    ImGui::TextColored(context.colours.muted, "Shares of the read-out (they sum to one)");
    window::tip(context,
                "s0: what the initial state answers; the others: what each photo's tokens add, at fixed "
                "P and D. Signed. What would be missing without a photo is another question.");
    std::vector<SignedBar> bars = {{"S0", map.s0, 0}};
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        bars.push_back({fmt::format("{}", inputs[i]), map.views[i], i + 1});
    }
    draw_signed_bars(context, "shares", bars);
}

}  // namespace lact::app
