#include "app/ui/fast_weights_panel.h"

#include "app/commands/parameter_table.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/photo_grid.h"
#include "app/ui/signed_colour.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"
#include "engine/core/counted.h"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>
#include <implot.h>

namespace lact::app {

namespace {

constexpr std::array<const char*, 3> matrix_names = {"W0", "W1", "W2"};
constexpr std::array<const char*, 3> matrix_ids = {"w0", "w1", "w2"};
constexpr std::array<const char*, 3> time_names = {"initial", "updated", "change"};

void plot_changes(const std::vector<MatrixNorms>& norms, int head) {
    for (std::size_t which = 0; which < matrix_names.size(); ++which) {
        std::vector<double> shares;
        for (const MatrixNorms& one : norms) {
            if (one.place.head == head && static_cast<std::size_t>(one.which) == which) {
                shares.push_back(one.initial > 0 ? one.change / one.initial : 0);
            }
        }
        if (!shares.empty()) {
            ImPlotSpec spec;
            spec.Marker = ImPlotMarker_Circle;
            ImPlot::PlotLine(matrix_names.at(which), shares.data(), static_cast<int>(shares.size()), 1, 0,
                             spec);
        }
    }
}

}  // namespace

void LayersMode::draw(PanelContext& context, const PanelServices& services) {
    const int head = services.document->matrix.head;
    const auto norms = services.document->queries.ask("weights.norms", NormsQuery{});
    norms_ = norms;
    const AnswerScope scope(services.document->queries.fresh("weights.norms"));
    if (ImPlot::BeginPlot("##changes", {-1, graph_height(context, 0.95F)}, ImPlotFlags_NoMouseText)) {
        ImPlot::SetupAxes("layer", "|change| / |initial|", ImPlotAxisFlags_AutoFit, ImPlotAxisFlags_AutoFit);
        if (const auto* all = norms ? norms->get<std::vector<MatrixNorms>>() : nullptr) {
            plot_changes(*all, head);
        }
        ImPlot::EndPlot();
    }
    tip(context, "Frobenius norm of the change, divided by that of the initial matrix.");
}

PanelData LayersMode::data() const {
    PanelData data;
    if (const auto* norms = norms_ ? norms_->get<std::vector<MatrixNorms>>() : nullptr) {
        std::vector<double> values;
        for (const MatrixNorms& one : *norms) {
            values.insert(values.end(),
                          {static_cast<double>(one.place.layer), static_cast<double>(one.place.head),
                           static_cast<double>(one.which), one.initial, one.updated, one.change});
        }
        data.push_back(
            make_table("norms", {"layer", "head", "matrix", "initial", "updated", "change"}, values));
    }
    return data;
}

void RatesMode::draw(PanelContext& context, const PanelServices& services) {
    const Snapshot& now = *services.snapshot;
    const auto answer =
        services.document->queries.ask("weights.rates", RatesQuery{services.document->place()});
    shown_ = answer;
    const TokenRates* rates = answer ? answer->get<TokenRates>() : nullptr;
    if (rates == nullptr) {
        ImGui::TextColored(context.colours.muted, "%s", answer ? answer->problem.c_str() : "Computing...");
        return;
    }
    const AnswerScope scope(services.document->queries.fresh("weights.rates"));
    const auto which = services.document->matrix.which;
    const auto& values = which == FastMatrix::w0   ? rates->w0
                         : which == FastMatrix::w1 ? rates->w1
                                                   : rates->w2;
    const PatchGrid grid = patch_grid(now);
    if (grid.cells() == 0 || values.size() != grid.cells() * now.scene->inputs.size()) {
        return;  // The answer is about other input views.
    }
    const auto [low, high] = std::ranges::minmax(values);
    ImGui::TextColored(context.colours.muted, "Learned rate per token: %.3g to %.3g%s", low, high,
                       rates->used.at(static_cast<std::size_t>(which)) ? "" : " (not used by this rule)");
    tip(context,
        "Weight of each token in the gradient of the selected matrix (softplus of a linear layer). A "
        "stronger colour means a larger rate.");
    const auto paint = [&, low = low, high = high](std::size_t input, const gfx::Rect& rect) {
        std::vector<double> above(grid.cells());
        std::ranges::transform(std::span(values).subspan(input * grid.cells(), grid.cells()), above.begin(),
                               [low](double rate) { return rate - low; });
        paint_signed(*ImGui::GetWindowDrawList(), rect, above, grid.columns, std::max(1e-12, high - low), 1);
    };
    const auto describe = [&](const InputPatch& patch) {
        ImGui::Text("photo %zu, patch %d, %d: rate %.5g", now.scene->inputs[patch.input], patch.at.column,
                    patch.at.row, values[grid.token(patch)]);
    };
    draw_input_photos(context, services, textures_, /*per_line=*/2, paint, describe);
    signed_overlay_bar(low, high, low);
}

PanelData RatesMode::data() const {
    const TokenRates* rates = shown_ ? shown_->get<TokenRates>() : nullptr;
    if (rates == nullptr) {
        return {};
    }
    std::vector<double> values;
    for (std::size_t i = 0; i < rates->w1.size(); ++i) {
        values.insert(values.end(), {rates->w0.at(i), rates->w1[i], rates->w2.at(i)});
    }
    return {make_table("rates", {"w0", "w1", "w2"}, values)};
}

namespace {

/// Singular values on a logarithmic axis. Those below 1e-8 of the largest are rounding, down to an exact
/// zero, and would stretch the axis over hundreds of decades: they stand at that bound.
std::vector<double> above_rounding(const std::vector<double>& values) {
    std::vector<double> shown = values;
    const double bound = shown.empty() ? 0 : 1e-8 * std::ranges::max(shown);
    for (double& value : shown) {
        value = std::max(value, bound);
    }
    return shown;
}

constexpr const char* exact_muon_tooltip =
    "Of the gradient as Newton-Schulz in fp64 changes it. The layer runs it in the rule's own precision, "
    "whose "
    "rounding is part of the change of W.";

void plot(const char* name, const std::vector<double>& values) {
    const std::vector<double> shown = above_rounding(values);
    if (!shown.empty() && shown.front() > 0) {
        ImPlot::PlotLine(name, shown.data(), static_cast<int>(shown.size()));
    }
}

}  // namespace

void SpectrumMode::draw(PanelContext& context, const PanelServices& services) {
    const Place place = services.document->place();
    const auto answer = services.document->queries.ask("weights.spectra", SpectraQuery{place});
    shown_ = answer;
    const auto* spectra = answer ? answer->get<std::array<MatrixSpectrum, 3>>() : nullptr;
    if (spectra == nullptr) {
        ImGui::TextColored(context.colours.muted, "%s", answer ? answer->problem.c_str() : "Computing...");
        return;
    }
    const AnswerScope scope(services.document->queries.fresh("weights.spectra"));
    const auto which = static_cast<std::size_t>(services.document->matrix.which);
    const MatrixSpectrum& one = spectra->at(which);
    if (one.gradient.empty()) {
        ImGui::TextColored(context.colours.muted, "%s: this rule does not update it", matrix_names.at(which));
        return;
    }
    if (begin_rows("ranks")) {
        row(context, "Effective rank", fmt::format("{:.1f} of the gradient", one.rank_gradient),
            "exp of the entropy of σ / ∑σ: the effective number of directions.");
        if (!one.orthogonalized.empty()) {
            row(context, "", fmt::format("{:.1f} after Muon (exact)", one.rank_orthogonalized),
                exact_muon_tooltip);
        }
        row(context, "", fmt::format("{:.1f} of the change", one.rank_change));
        end_rows();
    }
    if (ImPlot::BeginPlot("##spectrum", {-1, graph_height(context, 0.95F)}, ImPlotFlags_NoMouseText)) {
        ImPlot::SetupAxes("index", "singular value", ImPlotAxisFlags_AutoFit, ImPlotAxisFlags_AutoFit);
        ImPlot::SetupAxisScale(ImAxis_Y1, ImPlotScale_Log10);
        ImPlot::SetupLegend(ImPlotLocation_SouthWest);
        // Each inner step has a gradient of its own.
        const auto& state = services.snapshot->state;
        const bool several = state && state->rule.inner_steps > 1;
        plot(several ? "gradient G, step 1" : "gradient G", one.gradient);
        plot(several ? "after Muon, M(G), exact, step 1" : "after Muon, M(G), exact", one.orthogonalized);
        plot(several ? "change of W, all steps, as it runs" : "change of W, as it runs", one.change);
        ImPlot::EndPlot();
    }
}

PanelData SpectrumMode::data(const PanelServices& services) const {
    const auto* spectra = shown_ ? shown_->get<std::array<MatrixSpectrum, 3>>() : nullptr;
    if (spectra == nullptr) {
        return {};
    }
    const auto which = static_cast<std::size_t>(services.document->matrix.which);
    const MatrixSpectrum& one = spectra->at(which);
    PanelData data;
    std::vector<std::string> names;
    std::vector<double> ranks;
    const auto add = [&](const char* name, const std::vector<double>& values, double rank) {
        if (!values.empty()) {
            data.push_back(make_table(name, {"singular_value"}, values));
            names.emplace_back(name);
            ranks.push_back(rank);
        }
    };
    add("gradient", one.gradient, one.rank_gradient);
    add("orthogonalized", one.orthogonalized, one.rank_orthogonalized);
    add("change", one.change, one.rank_change);
    data.push_back(make_table("effective_rank", names, ranks));
    for (DataTable& table : data) {
        table.about["matrix"] = matrix_ids.at(which);
    }
    return data;
}

void TimelineMode::play(PanelContext& context, const PanelServices& services, std::size_t count) {
    constexpr double pause = 0.8;  // Seconds per photo.
    if (button(context, playing_ ? icon::stop : icon::play,
               playing_ ? "Stop." : "Add the input photos one after the other.")) {
        playing_ = !playing_;
        next_at_ = services.document->now + pause;
    }
    if (!playing_) {
        return;
    }
    context.animate = true;
    // The next photo waits for the rendering of the current one.
    if (services.document->now >= next_at_ && image_fresh_) {
        next_at_ = services.document->now + pause;
        const auto next = services.document->timeline_views % count + 1;
        services.dispatch->set("weights.views", static_cast<long long>(next));
    }
}

namespace {

AfterViewsQuery timeline_query(const PanelServices& services) {
    const auto& scene = services.snapshot->scene;
    const std::size_t count = scene ? std::max<std::size_t>(scene->inputs.size(), 1) : 1;
    const auto views = std::clamp<std::size_t>(services.document->timeline_views, 1, count);
    MatrixKey key = services.document->matrix;
    if (key.when == MatrixTime::initial) {
        key.when = MatrixTime::updated;  // Before any photo there is nothing to follow.
    }
    return {key, views, Features::frozen};
}

}  // namespace

void TimelineMode::draw(PanelContext& context, const PanelServices& services) {
    const Snapshot& now = *services.snapshot;
    const std::size_t count = now.scene->inputs.size();
    const AfterViewsQuery query = timeline_query(services);
    const std::size_t views = query.views;
    int chosen = static_cast<int>(views);
    play(context, services, count);
    ImGui::SameLine();
    ImGui::SetNextItemWidth(-1);
    if (ImGui::SliderInt("##views", &chosen, 1, static_cast<int>(count),
                         ("state after " + counted(views, "photo")).c_str(), ImGuiSliderFlags_AlwaysClamp)) {
        services.dispatch->set("weights.views", chosen);
    }
    const ImVec2 space = ImGui::GetContentRegionAvail();
    const float texts = 3 * ImGui::GetTextLineHeightWithSpacing() + gfx::colour_bar_height();
    const float side = std::min(std::max(space.x, 1.0F), std::max(90 * context.scale, (space.y - texts) / 2));
    ImGui::TextColored(context.colours.muted, "Rendering by the state after %zu of %s", views,
                       counted(count, "photo").c_str());
    draw_image(context, services, views, side);
    draw_matrix(context, services, query, side);
}

void TimelineMode::draw_matrix(PanelContext& context, const PanelServices& services,
                               const AfterViewsQuery& query, float side) {
    constexpr const char* name = "weights.timeline.matrix";
    const MatrixKey& key = query.key;
    const auto answer = services.document->queries.ask(name, query);
    const bool fresh = services.document->queries.fresh(name);
    if (fresh && answer) {
        const Matrix* matrix = answer->get<Matrix>();
        map_.show(matrix == nullptr ? nullptr : std::shared_ptr<const Matrix>(answer, matrix), context);
        matrix_ = answer;
    }
    const std::string shown = fmt::format("{}{}", key.when == MatrixTime::change ? "Change of " : "",
                                          matrix_names.at(static_cast<std::size_t>(key.which)));
    ImGui::TextColored(context.colours.muted, "%s, layer %d, head %d, at frozen features", shown.c_str(),
                       key.layer, key.head);
    tip(context,
        "After the first photos, with the layer inputs of the state of all photos, as the layer runs its "
        "update. Exact for layer 0 only: the inputs of deeper layers depend on the photos.");
    const AnswerScope scope(fresh);
    if (!map_.shown()) {
        ImGui::TextColored(context.colours.muted, "%s", answer ? answer->problem.c_str() : "");
        ImGui::Dummy({side, side});
        return;
    }
    MatrixView::Style style;
    style.range = services.document->locked_range.value_or(map_.largest());
    style.name = fmt::format("{}, layer {}, head {}, after {}", shown, key.layer, key.head,
                             counted(query.views, "photo"));
    map_.draw(context, "##timeline", {side, side}, style);
    gfx::colour_bar(gfx::ColourMap::diverging, -style.range, style.range, side);
}

void TimelineMode::draw_image(PanelContext& context, const PanelServices& services, std::size_t views,
                              float side) {
    constexpr const char* name = "weights.timeline.image";
    const auto& camera = services.document->rested;
    bool fresh = true;
    std::string problem;
    if (camera) {
        const auto answer = services.document->queries.ask(name, ImageAfterViewsQuery{*camera, views});
        fresh = services.document->queries.fresh(name);
        problem = answer ? answer->problem : std::string();
        const Frame* frame = answer ? answer->get<Frame>() : nullptr;
        if (frame != nullptr && answer != shown_ && context.canvas.upload(image_, to_image8(frame->image))) {
            shown_ = answer;
        }
    }
    image_fresh_ = camera && fresh;
    const AnswerScope scope(fresh);
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    ImGui::Dummy({side, side});
    if (!problem.empty()) {
        text_on_image(*ImGui::GetWindowDrawList(), corner, white_on_image, problem, side);
    } else if (image_ && camera) {
        // In its own shape, in the middle of the square.
        const auto width = static_cast<float>(camera->width);
        const auto height = static_cast<float>(camera->height);
        const float scale = side / std::max(width, height);
        const ImVec2 from{corner.x + (side - width * scale) / 2, corner.y + (side - height * scale) / 2};
        context.canvas.draw_image(*ImGui::GetWindowDrawList(), image_,
                                  {from, {from.x + width * scale, from.y + height * scale}},
                                  filter_of(services.document->filter));
    }
}

PanelData TimelineMode::data() const {
    if (!map_.shown()) {
        return {};
    }
    const Matrix& matrix = *map_.shown();
    DataTable table = make_matrix("matrix", matrix.columns, {matrix.values.begin(), matrix.values.end()});
    if (const auto* asked = std::get_if<AfterViewsQuery>(&matrix_->query)) {
        table.about = {{"matrix", matrix_ids.at(static_cast<std::size_t>(asked->key.which))},
                       {"shown", time_names.at(static_cast<std::size_t>(asked->key.when))},
                       {"views", std::to_string(asked->views)}};
    }
    return {table};
}

namespace {

constexpr std::array<const char*, 3> matrix_tips = {
    "W0: the gate of f(x) = (silu(x W0) ⊙ (x W2)) W1. Rows: input channels, columns: hidden channels.",
    "W1: the output layer. Rows: hidden channels, columns: output channels. It is the state of the "
    "equivalent linear attention.",
    "W2: the gated branch. Rows: input channels, columns: hidden channels."};
constexpr std::array<const char*, 3> time_tips = {
    "Before the update: a trained parameter, the same for all scenes.",
    "After the update with the input photos.", "Updated minus initial."};

/// Like begin_rows(), with a narrow name column that leaves room for three radio buttons.
bool begin_choice() {
    if (!ImGui::BeginTable("choice", 2, ImGuiTableFlags_SizingStretchProp)) {
        return false;
    }
    ImGui::TableSetupColumn("name", ImGuiTableColumnFlags_WidthStretch, 0.2F);
    ImGui::TableSetupColumn("value", ImGuiTableColumnFlags_WidthStretch, 0.8F);
    return true;
}

}  // namespace

void FastWeightsPanel::draw(PanelContext& context) {
    if (!services_.snapshot->weights) {
        ImGui::TextColored(context.colours.muted, "No weights are open.");
        return;
    }
    draw_choice(context);
    section(context, services_, "Fast weights",
            {"fast weights", "feature φ", "effective rank", "learning rate η"});
    draw_modes(context);
}

/// Draws the mode buttons and the current mode. A parameter holds the mode, so that scripts can set it.
void FastWeightsPanel::draw_modes(PanelContext& context) {
    const Snapshot& now = *services_.snapshot;
    if (!now.state || !now.scene) {
        ImGui::TextColored(context.colours.muted, "No state: open a scene and weights.");
        return;
    }
    struct Mode {
        const char* id;
        const char* title;
        const char* tooltip;
    };
    static constexpr std::array<Mode, 5> modes = {
        {{"map", "map", "The matrix as a heat map."},
         {"spectrum", "spectrum", "Singular values before and after Muon."},
         {"layers", "layers", "Relative change of each matrix in each layer."},
         {"rates", "rates", "The learned rate of every token over the photos."},
         {"timeline", "photos", "The state after the first n photos."}}};
    std::string& chosen = services_.document->weights_mode;
    Flow flow(4 * context.scale);  // Fits on one line in a window of 1280 pixels.
    for (const Mode& mode : modes) {
        if (flow.radio(context, mode.title, chosen == mode.id, mode.tooltip)) {
            services_.dispatch->set("weights.mode", mode.id);
        }
    }
    ImGui::Separator();
    if (chosen == "spectrum") {
        spectrum_.draw(context, services_);
    } else if (chosen == "layers") {
        layers_.draw(context, services_);
    } else if (chosen == "rates") {
        rates_.draw(context, services_);
    } else if (chosen == "timeline") {
        timeline_.draw(context, services_);
    } else {
        draw_time(context);
    }
}

void FastWeightsPanel::draw_time(PanelContext& context) {
    const MatrixKey& key = services_.document->matrix;
    if (begin_choice()) {
        row_label(context, "Shown");
        Flow flow;
        for (std::size_t i = 0; i < time_names.size(); ++i) {
            if (flow.radio(context, time_names[i], static_cast<std::size_t>(key.when) == i, time_tips[i])) {
                services_.dispatch->set("matrix.when", time_names[i]);
            }
        }
        end_rows();
    }
    const auto& matrix = services_.snapshot->matrix;
    if (!matrix) {
        ImGui::TextColored(context.colours.muted, "No state: open a scene and weights.");
        return;
    }
    map_.show(matrix, context);
    const AnswerScope scope(is_current(*matrix));
    draw_map(context);
}

bool FastWeightsPanel::is_current(const Matrix& matrix) const {
    const auto& state = services_.snapshot->state;
    return state && matrix.generation == state->generation && matrix.key == services_.document->matrix;
}

void FastWeightsPanel::draw_choice(PanelContext& context) {
    const MatrixKey& key = services_.document->matrix;
    if (begin_choice()) {
        draw_place_choice(context, services_);
        row_label(context, "Matrix");
        Flow flow;
        for (std::size_t i = 0; i < matrix_names.size(); ++i) {
            if (flow.radio(context, matrix_names[i], static_cast<std::size_t>(key.which) == i,
                           matrix_tips[i])) {
                services_.dispatch->set("matrix.which", matrix_ids[i]);
            }
        }
        end_rows();
    }
}

void FastWeightsPanel::draw_map(PanelContext& context) {
    const auto& shown = map_.shown();
    if (!shown) {
        return;
    }
    const Document& view = *services_.document;
    ImGui::TextColored(context.colours.muted, "%d x %d   largest |value| %.3g   Frobenius norm %.4g",
                       shown->rows, shown->columns, static_cast<double>(map_.largest()), map_.frobenius());
    const float range = view.locked_range.value_or(map_.largest());
    bool locked = view.locked_range.has_value();
    ImGui::BeginDisabled(range <= 0);
    if (ImGui::Checkbox(fmt::format("{} Lock range", locked ? icon::lock : icon::unlock).c_str(), &locked)) {
        services_.dispatch->set("matrix.range", static_cast<double>(locked ? range : 0));
    }
    ImGui::EndDisabled();
    tip(context, "Use this colour range for every matrix, to compare layers and rules.",
        range <= 0 ? "All values of this matrix are zero." : "");
    ImGui::SameLine();
    if (button(context, "Whole matrix", "Zoom out to the whole matrix.")) {
        map_.whole();
    }
    gfx::colour_bar(gfx::ColourMap::diverging, -range, range);
    const auto& key = shown->key;
    MatrixView::Style style;
    style.range = range;
    style.name = fmt::format("layer {}, head {}, {} {}", key.layer, key.head,
                             matrix_names[static_cast<std::size_t>(key.which)],
                             time_names[static_cast<std::size_t>(key.when)]);
    map_.draw(context, "##map", {ImGui::GetContentRegionAvail().x, graph_height(context, 1)}, style);
}

Result<PanelData> FastWeightsPanel::data() const {
    const std::string& mode = services_.document->weights_mode;
    const Place place = services_.document->place();
    const auto of = [this](const auto& shown, const StateQuery& asked) -> Result<PanelData> {
        LACT_CHECK(check_current(services_, {{shown.answer(), asked}}));
        return shown.data();
    };
    if (mode == "spectrum") {
        LACT_CHECK(check_current(services_, {{spectrum_.answer(), SpectraQuery{place}}}));
        return spectrum_.data(services_);
    }
    if (mode == "layers") {
        return of(layers_, NormsQuery{});
    }
    if (mode == "rates") {
        return of(rates_, RatesQuery{place});
    }
    if (mode == "timeline") {
        return of(timeline_, timeline_query(services_));
    }
    if (!map_.shown()) {
        return PanelData{};
    }
    const Matrix& matrix = *map_.shown();
    if (!is_current(matrix)) {
        return not_current();
    }
    const std::string name = fmt::format("layer{}.head{}.{}.{}", matrix.key.layer, matrix.key.head,
                                         matrix_ids[static_cast<std::size_t>(matrix.key.which)],
                                         time_names[static_cast<std::size_t>(matrix.key.when)]);
    return PanelData{make_matrix(name, matrix.columns, {matrix.values.begin(), matrix.values.end()})};
}

}  // namespace lact::app
