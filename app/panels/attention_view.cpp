#include "app/panels/attention_view.h"

#include "app/core/parameters.h"
#include "app/panels/photo_grid.h"
#include "app/panels/signed_colour.h"
#include "app/panels/vector_strip.h"
#include "app/window/flow.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <cmath>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

std::vector<double> as_doubles(const std::vector<float>& values) {
    return {values.begin(), values.end()};
}

std::string place_text(Place place) {
    return fmt::format("layer {}, head {}", place.layer, place.head);
}

}  // namespace

void AttentionView::draw(window::PanelContext& context) {
    ViewState& view = *services_.view;
    ImGui::SeparatorText("Attention over the photos");
    draw_choices(context);
    if (!view.rested) {
        ImGui::TextColored(context.colours.muted, "while the camera moves: nothing");
        return;
    }
    Query query{*view.rested, std::nullopt};
    const auto patch = view.selection.patch();
    const PatchGrid grid = patch_grid(*services_.published);
    if (patch && patch->column < grid.columns && patch->row < grid.rows) {
        query.patch = std::array<int, 2>{patch->column, patch->row};
    }
    patches_ = std::max(1, static_cast<int>(grid.cells()));
    if (view.all_heads) {
        sheet_.draw(context, services_, query);
        return;
    }
    map_ = services_.questions->ask("linear.attention", AskAttention{view.place(), query, view.side});
    if (map() == nullptr) {
        ImGui::TextColored(context.colours.muted, "%s", map_ ? map_->problem.c_str() : "...");
        return;
    }
    draw_photos(context, *map(), services_.questions->fresh("linear.attention"));
    draw_shares(context, *map());
    draw_vectors(context, query);
    ImGui::PushTextWrapPos(0);
    ImGui::TextColored(context.colours.muted, "%s", map()->label.c_str());
    ImGui::PopTextWrapPos();
}

void AttentionView::draw_choices(window::PanelContext& context) {
    const ViewState& view = *services_.view;
    window::Flow flow;
    const auto choice = [&](const char* parameter, const char* value, const char* label, bool on,
                            const char* words) {
        if (flow.radio(context, label, on, words)) {
            (void)services_.parameters->set(parameter, value);
        }
    };
    const char* sides =
        "On which side Muon's factor stands: with the values (A = phi(q) phi(k)^T) or with the keys. Both "
        "are "
        "exact and give the same output, but their weights differ: a map means something only with the name "
        "of its side.";
    choice("linear.side", "value", "value side", view.side == Side::value, sides);
    choice("linear.side", "key", "key side", view.side == Side::key, sides);
    const char* heads = "One layer and head, or all of them as a contact sheet.";
    choice("linear.heads", "one", "one head", !view.all_heads, heads);
    choice("linear.heads", "all", "all", view.all_heads, heads);
    if (const auto patch = view.selection.patch()) {
        ImGui::TextColored(context.colours.muted, "patch %d, %d of the view%s", patch->column, patch->row,
                           view.selection.pinned ? " (pinned)" : "");
    } else {
        ImGui::TextColored(context.colours.muted, "all patches of the view: point at one");
    }
}

void AttentionView::draw_photos(window::PanelContext& context, const AttentionMap& map, bool fresh) {
    const Published& now = *services_.published;
    const PatchGrid grid = patch_grid(now);
    const std::size_t photos = now.scene->inputs.size();
    if (grid.cells() == 0 || map.tokens.size() != grid.cells() * photos) {
        return;  // an answer about another choice of photos
    }
    const double largest = std::max(
        1e-12,
        std::abs(*std::ranges::max_element(map.tokens, {}, [](double share) { return std::abs(share); })));
    const auto share = [&](const InputPatch& patch) {
        const auto cell = static_cast<std::size_t>(patch.at.row * grid.columns + patch.at.column);
        return map.tokens[patch.input * grid.cells() + cell];
    };
    const auto paint = [&](std::size_t input, const window::Rect& rect) {
        paint_signed(*ImGui::GetWindowDrawList(), rect,
                     std::span(map.tokens).subspan(input * grid.cells(), grid.cells()), grid.columns, largest,
                     fresh ? 1.0F : 0.5F);
    };
    const auto describe = [&](const InputPatch& patch) {
        ImGui::Text("photo %zu, patch %d, %d: share %+.4f", now.scene->inputs[patch.input], patch.at.column,
                    patch.at.row, share(patch));
        ImGui::TextColored(context.colours.muted, "where it is read is painted over the view; click: pin it");
    };
    const int per_line = std::clamp((static_cast<int>(photos) + 1) / 2, 1, 8);
    draw_input_photos(context, services_, textures_, per_line, paint, describe);
    window::colour_bar(window::ColourMap::diverging, static_cast<float>(-largest),
                       static_cast<float>(largest));
}

void AttentionView::draw_shares(window::PanelContext& context, const AttentionMap& map) {
    const auto& inputs = services_.published->scene->inputs;
    const ViewState& view = *services_.view;
    if (map.views.size() != inputs.size()) {
        return;
    }
    ImGui::TextColored(context.colours.muted, "Shares of the read-out (they sum to one)");
    window::tip(context,
                "S0: what the initial state answers; the others: what each photo's tokens add, at fixed "
                "P and D. Signed. What would be missing without a photo is another question: click its bar.");
    std::vector<SignedBar> bars = {{"S0", map.s0, 0, {}, {}, false}};
    causal_.reset();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        SignedBar bar{std::to_string(inputs[i]),      map.views[i], i + 1, {}, {},
                      view.without_photo == inputs[i]};
        bar.tooltip = fmt::format(
            "Photo {}. Click: rebuild the state without it (a real set-up) and show over "
            "the view what changes.",
            inputs[i]);
        if (bar.chosen && inputs.size() > 1) {
            causal_ = services_.questions->ask("linear.without", AskWithoutView{i, *view.rested});
            bar.note = causal() != nullptr ? fmt::format("|d| {:.3f}", causal()->mean_difference) : "...";
        }
        bars.push_back(std::move(bar));
    }
    const auto clicked = draw_signed_bars(context, "shares", bars);
    if (clicked && *clicked > 0) {
        const std::size_t photo = inputs[*clicked - 1];
        (void)services_.parameters->set(
            "linear.without",
            view.without_photo == photo ? nlohmann::json(-1) : nlohmann::json(static_cast<long long>(photo)));
    }
}

void AttentionView::draw_vectors(window::PanelContext& context, const Query& query) {
    const ViewState& view = *services_.view;
    const std::string place = place_text(view.place());
    query_.reset();
    token_.reset();
    if (query.patch) {
        query_ = services_.questions->ask("linear.query", AskRead{view.place(), ReadMatrix::features, query});
        if (const Matrix* features = query_features()) {
            draw_vector_strip(
                context, "phi_q", fmt::format("φ(q) of patch {}, {}", (*query.patch)[0], (*query.patch)[1]),
                as_doubles(features->values),
                "What this patch of the view asks, after phi with the updated W0 and W2: " + place);
        }
    }
    const auto input = view.selection.input();
    const PatchGrid grid = patch_grid(*services_.published);
    const auto& inputs = services_.published->scene->inputs;
    if (!input || input->input >= inputs.size() || input->at.column >= grid.columns ||
        input->at.row >= grid.rows) {
        return;
    }
    const std::size_t token = input->input * grid.cells() +
                              static_cast<std::size_t>(input->at.row * grid.columns + input->at.column);
    token_ = services_.questions->ask("linear.token", AskToken{view.place(), token, *view.rested, view.side});
    if (const TokenDetail* detail = this->token()) {
        const std::string who =
            fmt::format("photo {}, patch {}, {}", inputs[input->input], input->at.column, input->at.row);
        draw_vector_strip(context, "phi_k", "φ(k) of " + who, detail->key,
                          "The effective key of this patch of the photo: " + place);
        draw_vector_strip(context, "v", "its value", detail->value,
                          "The effective value of this patch, with rate, sign and (on the value side) Muon's "
                          "factor: " +
                              place);
    }
}

PanelData AttentionView::data() const {
    PanelData data;
    if (services_.view->all_heads) {
        std::vector<double> values;
        for (const AttentionMap& map : sheet() != nullptr ? *sheet() : AttentionSheet{}) {
            values.insert(values.end(), map.tokens.begin(), map.tokens.end());
        }
        if (!values.empty()) {
            const auto tokens = static_cast<int>(sheet()->front().tokens.size());
            data.push_back(make_matrix("shares of tokens, layer and head a row", tokens, values));
        }
        return data;
    }
    if (const AttentionMap* shown = map()) {
        data.push_back(make_matrix("shares of tokens, photo a row", patches_, shown->tokens));
        std::vector<double> shares{shown->s0};
        shares.insert(shares.end(), shown->views.begin(), shown->views.end());
        data.push_back(make_table("shares, S0 first", {"share"}, shares));
        for (std::size_t step = 0; step < shown->weights.size(); ++step) {
            data.push_back(make_matrix(fmt::format("A step {}", step), patches_, shown->weights[step]));
        }
    }
    if (const Matrix* features = query_features()) {
        data.push_back(make_matrix("phi_q", features->columns, as_doubles(features->values)));
    }
    if (const TokenDetail* detail = token()) {
        data.push_back(make_matrix("phi_k", static_cast<int>(detail->key.size()), detail->key));
        data.push_back(make_matrix("value", static_cast<int>(detail->value.size()), detail->value));
        data.push_back(make_matrix("reads", detail->columns, detail->reads));
    }
    return data;
}

}  // namespace lact::app
