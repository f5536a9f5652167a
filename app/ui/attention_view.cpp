#include "app/ui/attention_view.h"

#include "app/commands/parameter_table.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/photo_grid.h"
#include "app/ui/signed_colour.h"
#include "app/ui/widgets.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

namespace {

/// Number of photos per row, so that a cell is nearly square.
int photos_per_line(std::size_t photos) {
    return std::max(1, static_cast<int>(std::ceil(std::sqrt(static_cast<double>(photos)))));
}

/// Paints one map over all photos in a rectangle, in colours relative to the largest |value| of the map.
void paint_map(const AttentionMap& map, const gfx::Rect& rect, std::size_t photos, PatchGrid grid,
               float strength) {
    double largest = 1e-12;
    for (const double value : map.tokens) {
        largest = std::max(largest, std::abs(value));
    }
    const int across = photos_per_line(photos);
    const int down = (static_cast<int>(photos) + across - 1) / across;
    const float gap = 1;
    const float width = (rect.max.x - rect.min.x) / static_cast<float>(across);
    const float height = (rect.max.y - rect.min.y) / static_cast<float>(down);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    for (std::size_t i = 0; i < photos; ++i) {
        const auto column = static_cast<float>(static_cast<int>(i) % across);
        const auto row = static_cast<float>(static_cast<int>(i) / across);
        const ImVec2 corner{rect.min.x + column * width, rect.min.y + row * height};
        const gfx::Rect one{corner, {corner.x + width - gap, corner.y + height - gap}};
        list.AddRectFilled(one.min, one.max, ImGui::GetColorU32(ImGuiCol_FrameBg));
        paint_signed(list, one, std::span(map.tokens).subspan(i * grid.cells(), grid.cells()), grid.columns,
                     largest, strength);
    }
}

/// Names the photo with the largest share, for the tooltip.
std::string summary(const AttentionMap& map, const std::vector<std::size_t>& inputs) {
    std::size_t most = 0;
    for (std::size_t i = 1; i < map.views.size(); ++i) {
        most = std::abs(map.views[i]) > std::abs(map.views[most]) ? i : most;
    }
    return fmt::format("S0 {:+.2f}, photo {} {:+.2f}; {}", map.s0, inputs[most], map.views[most],
                       cancellation_text(map));
}

}  // namespace

std::string cancellation_text(const AttentionMap& map) {
    return fmt::format("{}: Σ|s| {:.2f}, Σ s {:.2f}",
                       map.absolute_sum > 1.01 * std::abs(map.sum) ? "shares cancel in part" : "shares",
                       map.absolute_sum, map.sum);
}

void AttentionSheetView::draw(PanelContext& context, const PanelServices& services, const Query& query) {
    const Snapshot& now = *services.snapshot;
    const ModelConfig& config = now.weights->config;
    const auto answer = services.document->queries.ask(
        "linear.sheet", AttentionSheetQuery{query, services.document->attention});
    const bool fresh = services.document->queries.fresh("linear.sheet");
    if (answer) {
        shown_ = answer;
    }
    const AttentionSheet* maps = sheet();
    const auto heads = static_cast<std::size_t>(config.ttt_heads());
    const PatchGrid grid = patch_grid(now);
    const std::size_t photos = now.scene->inputs.size();
    if (maps == nullptr || maps->size() != heads * static_cast<std::size_t>(config.layers) ||
        maps->front().tokens.size() != photos * grid.cells()) {
        ImGui::TextColored(
            context.colours.muted, "%s",
            answer && !answer->problem.empty() ? answer->problem.c_str() : "Computing all layers...");
        return;
    }
    const AnswerScope scope(fresh, "sheet of attention");
    const float name = ImGui::CalcTextSize("00 ").x;
    const float gap = 3 * context.scale;
    const float cell = (ImGui::GetContentRegionAvail().x - name) / static_cast<float>(heads) - gap;
    const float side = std::min(cell, 120 * context.scale);
    ImGui::TextColored(context.colours.muted, "Rows: layers, columns: heads; each map has its own range");
    for (int layer = 0; layer < config.layers; ++layer) {
        ImGui::AlignTextToFramePadding();
        ImGui::TextColored(context.colours.muted, "%d", layer);
        for (int head = 0; head < config.ttt_heads(); ++head) {
            ImGui::SameLine(name + static_cast<float>(head) * (side + gap));
            const auto index = static_cast<std::size_t>(layer) * heads + static_cast<std::size_t>(head);
            const AttentionMap& map = (*maps)[index];
            ImGui::PushID(static_cast<int>(index));
            const ImVec2 corner = ImGui::GetCursorScreenPos();
            if (ImGui::InvisibleButton("cell", {side, side}, ImGuiButtonFlags_EnableNav)) {
                services.dispatch->set("matrix.layer", layer);
                services.dispatch->set("matrix.head", head);
            }
            const gfx::Rect rect{corner, {corner.x + side, corner.y + side}};
            paint_map(map, rect, photos, grid, fresh ? 1.0F : 0.5F);
            const bool chosen = services.document->place() == Place{layer, head};
            if (chosen || ImGui::IsItemHovered()) {
                ImGui::GetWindowDrawList()->AddRect(
                    rect.min, rect.max,
                    ImGui::GetColorU32(chosen ? context.colours.accent : context.colours.muted), 0,
                    2 * context.scale);
            }
            tip(context, fmt::format("Layer {}, head {}: {}. Click: select it.", layer, head,
                                     summary(map, now.scene->inputs)));
            ImGui::PopID();
        }
    }
}

namespace {

std::vector<double> as_doubles(const std::vector<float>& values) {
    return {values.begin(), values.end()};
}

/// Of the first inner step, and of the last where there are several.
std::string entropy_text(const AttentionMap& map) {
    return map.entropy_bits.size() == 1
               ? fmt::format("{:.1f}", map.entropy_bits.front())
               : fmt::format("{:.1f} (step 1) … {:.1f} (step {})", map.entropy_bits.front(),
                             map.entropy_bits.back(), map.entropy_bits.size());
}

std::string place_text(Place place) {
    return fmt::format("layer {}, head {}", place.layer, place.head);
}

}  // namespace

Selection AttentionView::selection() const {
    Selection selection = services_.document->selection;
    selection.hovered = hovered_;
    selection.hovered_input = hovered_input_;
    return selection;
}

std::optional<Query> AttentionView::query() const {
    const auto& camera = services_.document->rested;
    if (!camera) {
        return std::nullopt;
    }
    Query query{*camera, std::nullopt};
    if (const auto patch = selected_patch(selection(), patch_grid(*services_.snapshot))) {
        query.patch = std::array<int, 2>{patch->column, patch->row};
    }
    return query;
}

std::optional<InputPatch> AttentionView::input() const {
    const auto& scene = services_.snapshot->scene;
    const auto input = selected_input(selection(), patch_grid(*services_.snapshot));
    return scene && input && input->input < scene->inputs.size() ? input : std::nullopt;
}

TokenQuery AttentionView::token_query(const InputPatch& input, const Camera& camera) const {
    return {services_.document->place(), patch_grid(*services_.snapshot).token(input), camera,
            services_.document->attention};
}

void AttentionView::draw(PanelContext& context) {
    Document& view = *services_.document;
    hovered_ = view.selection.hovered;
    hovered_input_ = view.selection.hovered_input;
    ImGui::SeparatorText("Attention over the photos");
    draw_choices(context);
    const auto query = this->query();
    if (!query) {
        ImGui::TextColored(context.colours.muted, "Not computed while the camera moves");
        return;
    }
    patches_ = std::max(1, static_cast<int>(patch_grid(*services_.snapshot).cells()));
    if (view.all_heads) {
        sheet_.draw(context, services_, *query);
        return;
    }
    query_.reset();
    token_.reset();
    map_ = services_.document->queries.ask("linear.attention",
                                           AttentionQuery{view.place(), *query, view.attention});
    if (map() == nullptr) {
        ImGui::TextColored(context.colours.muted, "%s", map_ ? map_->problem.c_str() : "Computing...");
        return;
    }
    {
        const bool fresh = view.queries.fresh("linear.attention");
        const AnswerScope scope(fresh, "attention");
        draw_photos(context, *map(), fresh);
        draw_shares(context, *map());
    }
    draw_vectors(context, *query);
    ImGui::PushTextWrapPos(0);
    ImGui::TextColored(context.colours.muted, "%s", map()->label.c_str());
    ImGui::PopTextWrapPos();
}

void AttentionView::draw_choices(PanelContext& context) {
    const Document& view = *services_.document;
    Flow flow;
    const auto choice = [&](const char* parameter, const char* value, const char* label, bool on,
                            const char* tooltip) {
        if (flow.radio(context, label, on, tooltip)) {
            services_.dispatch->set(parameter, value);
        }
    };
    if (has_muon(services_)) {
        const char* factors =
            "Muon's factor multiplies the values (right factor, A = φ(q) φ(k)⊤) or the keys (left factor). "
            "Both forms are exact and give the same output, but their attention weights differ.";
        choice("linear.factor", "value", "right (value) factor", view.attention.factor == MuonFactor::right,
               factors);
        choice("linear.factor", "key", "left (key) factor", view.attention.factor == MuonFactor::left,
               factors);
        flow = Flow();  // Options of one kind stay together.
    }
    const char* shares =
        "What the shares divide: the output minus its mean over all patches of the view, which is particular "
        "to a patch, or the whole output. Most of the output can be that mean.";
    choice("attention.shares", "centred", "of o − mean(o)", view.attention.of == ShareOf::centred, shares);
    choice("attention.shares", "output", "of o", view.attention.of == ShareOf::output, shares);
    flow = Flow();  // Options of one kind stay together.
    const char* heads = "The selected layer and head, or all of them as a contact sheet.";
    choice("linear.heads", "one", "one head", !view.all_heads, heads);
    choice("linear.heads", "all", "all heads", view.all_heads, heads);
    if (const auto patch = selected_patch(view.selection, patch_grid(*services_.snapshot))) {
        ImGui::TextColored(context.colours.muted, "Patch %d, %d of the view%s", patch->column, patch->row,
                           view.selection.pinned == patch ? " (pinned)" : "");
    } else {
        ImGui::TextColored(context.colours.muted, "All patches of the view; point at one to select it");
    }
}

void AttentionView::draw_photos(PanelContext& context, const AttentionMap& map, bool fresh) {
    const Snapshot& now = *services_.snapshot;
    const PatchGrid grid = patch_grid(now);
    const std::size_t photos = now.scene->inputs.size();
    if (grid.cells() == 0 || map.tokens.size() != grid.cells() * photos) {
        return;  // The answer is about other input views.
    }
    const double largest =
        std::abs(*std::ranges::max_element(map.tokens, {}, [](double share) { return std::abs(share); }));
    const auto share = [&](const InputPatch& patch) { return map.tokens[grid.token(patch)]; };
    const auto paint = [&](std::size_t input, const gfx::Rect& rect) {
        paint_signed(*ImGui::GetWindowDrawList(), rect,
                     std::span(map.tokens).subspan(input * grid.cells(), grid.cells()), grid.columns, largest,
                     fresh ? 1.0F : 0.5F);
    };
    const auto describe = [&](const InputPatch& patch) {
        ImGui::Text("photo %zu, patch %d, %d: share %+.4f", now.scene->inputs[patch.input], patch.at.column,
                    patch.at.row, share(patch));
        ImGui::TextColored(context.colours.muted, "The view shows where it reads this patch. Click: pin it.");
    };
    const int per_line = std::clamp((static_cast<int>(photos) + 1) / 2, 1, 8);
    draw_input_photos(context, services_, textures_, per_line, paint, describe);
    signed_overlay_bar(-largest, largest, 0);
}

void AttentionView::draw_shares(PanelContext& context, const AttentionMap& map) {
    const auto& inputs = services_.snapshot->scene->inputs;
    const Document& view = *services_.document;
    if (map.views.size() != inputs.size()) {
        return;
    }
    ImGui::TextColored(context.colours.muted, "%s",
                       map.options.of == ShareOf::centred ? "Shares of o − mean(o), with S0 (sum: 1)"
                                                          : "Shares of o, with S0 (sum: 1)");
    tip(context,
        "S0: share of the initial state. Others: signed share of the tokens of each photo at fixed P and D. "
        "The effect of leaving out a photo differs (click a bar): what the rendering needs it for, not where "
        "its content comes from.");
    draw_cancellation(context, map);
    std::vector<SignedBar> bars = {{"S0", map.s0, 0, {}, {}, false}};
    causal_.reset();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        SignedBar bar{std::to_string(inputs[i]),      map.views[i], i + 1, {}, {},
                      view.without_photo == inputs[i]};
        bar.tooltip = fmt::format(
            "Photo {}. Click: rebuild the state without it and show the change of the rendering in the "
            "view.",
            inputs[i]);
        if (bar.chosen && inputs.size() > 1) {
            QueryBoard& queries = services_.document->queries;
            causal_ = queries.ask("linear.without", WithoutViewQuery{i, *view.rested});
            bar.note = causal() != nullptr && queries.fresh("linear.without")
                           ? fmt::format("mean change {:.3f}", causal()->mean_difference)
                           : "...";
        }
        bars.push_back(std::move(bar));
    }
    const auto clicked = draw_signed_bars(context, "shares", bars);
    if (clicked && *clicked > 0) {
        const std::size_t photo = inputs[*clicked - 1];
        services_.dispatch->set("linear.without",
                                view.without_photo == photo ? ParameterValue(-1) : ParameterValue(photo));
    }
}

/// Draws how far the shares of tokens cancel, how spread the row is, and how much all patches share.
void AttentionView::draw_cancellation(PanelContext& context, const AttentionMap& map) {
    ImGui::TextColored(context.colours.muted, "%s", cancellation_text(map).c_str());
    tip(context,
        "Sums over all tokens of the photos. Where Σ|s| is larger than Σ s, positive and negative shares of "
        "different tokens cancel in part: a single share can be larger than their sum.");
    std::string more = fmt::format("mean(o): {:.0f} % of |o|²", 100 * map.mean_fraction);
    if (!map.entropy_bits.empty()) {
        more = fmt::format("entropy of |a|: {} of {:.1f} bits,  {}", entropy_text(map),
                           std::log2(static_cast<double>(map.tokens.size())), more);
    }
    ImGui::TextColored(context.colours.muted, "%s", more.c_str());
    tip(context,
        "Entropy of |a| / Σ|a| over the tokens: 0 bits for one token, the largest value for equal weights. "
        "mean(o) is the answer that all patches of the view have in common.");
}

void AttentionView::draw_vectors(PanelContext& context, const Query& query) {
    const Document& view = *services_.document;
    const std::string place = place_text(view.place());
    if (query.patch) {
        query_ = services_.document->queries.ask("linear.query",
                                                 ReadQuery{view.place(), ReadMatrix::features, query});
        if (const Matrix* features = query_features()) {
            const AnswerScope scope(view.queries.fresh("linear.query"), "query");
            draw_vector_strip(
                context, "phi_q", fmt::format("φ(q) of patch {}, {}", (*query.patch)[0], (*query.patch)[1]),
                as_doubles(features->values),
                "Features of the query of this patch of the view, with the updated W0 and W2: " + place);
        }
    }
    const auto input = this->input();
    if (!input) {
        return;
    }
    token_ = services_.document->queries.ask("linear.token", token_query(*input, query.camera));
    if (const TokenDetail* detail = this->token()) {
        const AnswerScope scope(view.queries.fresh("linear.token"), "token");
        const std::string patch_name =
            fmt::format("photo {}, patch {}, {}", services_.snapshot->scene->inputs[input->input],
                        input->at.column, input->at.row);
        const bool muon = has_muon(services_);
        const bool left = muon && detail->options.factor == MuonFactor::left;
        const auto& state = services_.snapshot->state;
        const char* step = state && state->rule.inner_steps > 1 ? ", inner step 1" : "";
        draw_vector_strip(context, "phi_k",
                          fmt::format("{} of {}{}", left ? "φ(k) P" : "φ(k)", patch_name, step), detail->key,
                          fmt::format("Effective key of this patch of the photo{}: {}",
                                      left ? ", with Muon's left factor P" : "", place));
        draw_vector_strip(context, "v", fmt::format("{} of the same patch{}", left ? "v̂" : "ṽ", step),
                          detail->value,
                          fmt::format("Effective value of this patch, with rate and sign{}: {}",
                                      muon && !left ? ", and Muon's right factor" : "", place));
    }
}

Result<PanelData> AttentionView::data() const {
    PanelData data;
    const auto add = [&data](const Answered& answer, DataTable table) {
        table.about.merge(about_query(answer.query));
        data.push_back(std::move(table));
    };
    const Document& view = *services_.document;
    const auto query = this->query();
    if (!query) {
        if (map_ || sheet_.answer() != nullptr) {
            return not_current();
        }
        return data;
    }
    if (view.all_heads) {
        LACT_CHECK(
            check_current(services_, {{sheet_.answer(), AttentionSheetQuery{*query, view.attention}}}));
        std::vector<double> values;
        for (const AttentionMap& map : sheet() != nullptr ? *sheet() : AttentionSheet{}) {
            values.insert(values.end(), map.tokens.begin(), map.tokens.end());
        }
        if (!values.empty()) {
            const auto tokens = static_cast<int>(sheet()->front().tokens.size());
            add(*sheet_.answer(), make_matrix("shares of tokens, layer and head a row", tokens, values));
        }
        return data;
    }
    const auto input = this->input();
    std::optional<StateQuery> features_query;
    std::optional<StateQuery> token_query;
    if (query->patch) {
        features_query = ReadQuery{view.place(), ReadMatrix::features, *query};
    }
    if (input) {
        token_query = this->token_query(*input, query->camera);
    }
    LACT_CHECK(check_current(services_, {{map_.get(), AttentionQuery{view.place(), *query, view.attention}},
                                         {query_.get(), features_query},
                                         {token_.get(), token_query}}));
    if (const AttentionMap* shown = map()) {
        add(*map_, make_matrix("shares of tokens, photo a row", patches_, shown->tokens));
        std::vector<double> shares{shown->s0};
        shares.insert(shares.end(), shown->views.begin(), shown->views.end());
        add(*map_, make_table(fmt::format("shares ({}), S0 first", to_string(shown->options.of)), {"share"},
                              shares));
        add(*map_, make_table("sums", {"sum", "absolute_sum", "mean_fraction"},
                              {shown->sum, shown->absolute_sum, shown->mean_fraction}));
        if (!shown->entropy_bits.empty()) {
            add(*map_, make_table("entropy_bits, inner step a row", {"entropy_bits"}, shown->entropy_bits));
        }
        for (std::size_t step = 0; step < shown->weights.size(); ++step) {
            add(*map_, make_matrix(fmt::format("A step {}", step + 1), patches_, shown->weights[step]));
        }
    }
    if (const Matrix* features = query_features()) {
        add(*query_, make_matrix("phi_q", features->columns, as_doubles(features->values)));
    }
    if (const TokenDetail* detail = token(); detail != nullptr && input) {
        for (DataTable table : {make_matrix("phi_k", static_cast<int>(detail->key.size()), detail->key),
                                make_matrix("value", static_cast<int>(detail->value.size()), detail->value),
                                make_matrix("reads", detail->columns, detail->reads)}) {
            table.about["photo_patch"] = fmt::format(
                "{}:{},{}", services_.snapshot->scene->inputs[input->input], input->at.column, input->at.row);
            add(*token_, std::move(table));
        }
    }
    return data;
}

}  // namespace lact::app
