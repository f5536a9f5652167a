// The sequence panel's frame and what it shows of random tokens; its other looks are in
// sequence_speed_look.cpp and sequence_picture_look.cpp.
#include "app/ui/sequence_panel.h"

#include "app/commands/command_table.h"
#include "app/commands/parameter_table.h"
#include "app/ui/signed_colour.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <implot.h>
#include <misc/cpp/imgui_stdlib.h>

namespace lact::app {

namespace {

/// Differences in fp32 above this are shown as an error: the tolerance of the twins.
constexpr double allowed_difference = 1e-4;

struct FormulaLink {
    const char* id;
    const char* title;
    const char* tooltip;
};
constexpr FormulaLink formula_links[] = {
    {"tokens", "Tokens",
     "A short sequence of random tokens through one layer: chunk after chunk, and at once."},
    {"speed", "Throughput", "How many tokens a second this machine takes in either form."},
    {"picture", "Picture (ViTTT)", "The two inner models of the vision layer on a picture of your choice."}};

std::shared_ptr<const Matrix> inside(const std::shared_ptr<const Answered>& answer, const Matrix& matrix) {
    return {answer, &matrix};
}

void draw_map(PanelContext& context, MatrixView& view, const std::shared_ptr<const Matrix>& matrix,
              const char* id, ImVec2 space, MatrixView::Style style, const char* words, bool stretch) {
    view.show(matrix, context);
    ImGui::BeginGroup();
    ImGui::TextColored(context.colours.muted, "%s", style.name.c_str());
    tip(context, words);
    if (style.range <= 0) {
        style.range = view.largest();
    }
    view.draw(context, id, space, style, stretch);
    ImGui::EndGroup();
}

}  // namespace

void SequencePanel::draw(PanelContext& context) {
    const std::string& chosen = services_.document->sequence.mode;
    Flow flow;
    for (const FormulaLink& mode : formula_links) {
        if (flow.radio(context, mode.title, chosen == mode.id, mode.tooltip)) {
            services_.dispatch->set("sequence.look", mode.id);
        }
    }
    if (chosen == "speed") {
        draw_speed(context);
    } else if (chosen == "picture") {
        draw_image(context);
    } else {
        draw_tokens(context);
    }
}

void SequencePanel::draw_tokens(PanelContext& context) {
    ImGui::PushTextWrapPos(0);
    ImGui::TextColored(context.colours.muted,
                       "Random tokens, seeded: the mathematics, not a trained language model.");
    ImGui::PopTextWrapPos();
    draw_options(context);
    example_ = services_.document->queries.ask("sequence.example",
                                               SequenceQuery{services_.document->sequence.options});
    const SequenceExample* now = example();
    if (now == nullptr) {
        ImGui::TextColored(context.colours.muted, "%s",
                           example_ ? example_->problem.c_str() : "computing ...");
        return;
    }
    draw_difference(context, *now);
    draw_chunks(context, *now);
    draw_maps(context, *now);
    draw_outputs(context, *now);
}

void SequencePanel::draw_options(PanelContext& context) {
    const SequenceExampleOptions& options = services_.document->sequence.options;
    const auto set = [&](const char* id, const ParameterValue& value) { services_.dispatch->set(id, value); };
    if (!begin_rows("options")) {
        return;
    }
    row_label(context, "Rule", "A row of arXiv 2602.21204, table 2, for the language-model layer.");
    ImGui::SetNextItemWidth(-1);
    if (ImGui::BeginCombo("##row", table2_name(options.row).c_str())) {
        for (int row = 0; row < table2_rows; ++row) {
            if (ImGui::Selectable(table2_name(row).c_str(), row == options.row)) {
                set("sequence.variant", row);
            }
        }
        ImGui::EndCombo();
    }
    int chunk = static_cast<int>(options.chunk);
    row_label(context, "Chunk", "Tokens that are learned at once.");
    ImGui::SetNextItemWidth(-1);
    if (ImGui::SliderInt("##chunk", &chunk, 4, 64)) {
        set("sequence.chunk", chunk);
    }
    auto momentum = static_cast<float>(options.momentum);
    row_label(context, "Momentum", "About how much of the last update's buffer each chunk keeps.");
    ImGui::SetNextItemWidth(-1);
    if (ImGui::SliderFloat("##momentum", &momentum, 0.05F, 0.95F, "%.2f")) {
        set("sequence.momentum", static_cast<double>(momentum));
    }
    row_label(context, "", "");
    bool muon = options.muon;
    if (ImGui::Checkbox("Muon", &muon)) {
        set("sequence.muon", muon);
    }
    tip(context, "Newton-Schulz on every momentum buffer, where the rule has it.");
    ImGui::SameLine();
    bool first = options.update_first;
    if (ImGui::Checkbox("update first", &first)) {
        set("sequence.update_first", first);
    }
    tip(context, "Off: every chunk reads before its own update, as LaCT-LLM does.");
    end_rows();
}

void SequencePanel::draw_difference(PanelContext& context, const SequenceExample& example) {
    const bool good = example.largest_difference <= allowed_difference;
    ImGui::PushFont(context.fonts.bold, 0);
    ImGui::TextColored(good ? context.colours.good : context.colours.error, "%s %s differs by %.1e",
                       good ? icon::check : icon::warning, example.other_name.c_str(),
                       example.largest_difference);
    ImGui::PopFont();
    tip(context,
        "Largest difference from the recurrence, of the largest output, over all heads; both "
        "in fp32.");
    if (!example.no_parallel_because.empty()) {
        ImGui::PushTextWrapPos(0);
        ImGui::TextColored(context.colours.muted, "no parallel form: %s",
                           example.no_parallel_because.c_str());
        ImGui::PopTextWrapPos();
    }
}

void SequencePanel::draw_chunks(PanelContext& context, const SequenceExample& example) {
    ImGui::TextColored(context.colours.muted, "Chunks:");
    for (const auto& [place, name] : {std::pair{1, "|W1| after each"}, std::pair{2, "its momentum buffer"}}) {
        ImGui::SameLine();
        ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(colour_of_view(static_cast<std::size_t>(place))),
                           "%s", name);
    }
    double most = 1e-12;
    double most_buffer = 1e-12;
    for (const SequenceChunk& chunk : example.chunks) {
        most = std::max(most, chunk.state_norm);
        most_buffer = std::max(most_buffer, chunk.gradient_norm);
    }
    const float height = 46 * context.scale;
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x;
    const float token = width / static_cast<float>(std::max<std::int64_t>(example.options.tokens, 1));
    ImGui::Dummy({width, height});
    const bool hovered = ImGui::IsItemHovered();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    for (std::size_t i = 0; i < example.chunks.size(); ++i) {
        const SequenceChunk& chunk = example.chunks[i];
        const float left = corner.x + token * static_cast<float>(chunk.first);
        const float right = left + token * static_cast<float>(chunk.count) - 2 * context.scale;
        const float middle = (left + right) / 2;
        const auto bar = [&](float from, float to, double share, ImU32 colour) {
            list.AddRectFilled({from, corner.y + height * static_cast<float>(1 - share)},
                               {to, corner.y + height}, colour, 2 * context.scale);
        };
        list.AddRectFilled({left, corner.y}, {right, corner.y + height}, ImGui::GetColorU32(ImGuiCol_FrameBg),
                           2 * context.scale);
        bar(left, middle, chunk.state_norm / most,
            chunk.read ? colour_of_view(1) : ImGui::GetColorU32(ImGuiCol_TextDisabled));
        bar(middle, right, chunk.gradient_norm / most_buffer, colour_of_view(2));
        if (hovered && ImGui::IsMouseHoveringRect({left, corner.y}, {right, corner.y + height})) {
            ImGui::SetTooltip(
                "chunk %zu: tokens %lld to %lld\n|W1| after it %.4g, changed by %.4g\nmomentum buffer %.4g, "
                "mean "
                "momentum %.3f%s",
                i, static_cast<long long>(chunk.first), static_cast<long long>(chunk.first + chunk.count - 1),
                chunk.state_norm, chunk.change_norm, chunk.gradient_norm, chunk.alpha,
                chunk.read ? "" : "\nnothing reads what it writes: the last chunk of apply-then-update");
        }
    }
}

void SequencePanel::draw_maps(PanelContext& context, const SequenceExample& example) {
    const float gap = ImGui::GetStyle().ItemSpacing.x;
    const float width = (ImGui::GetContentRegionAvail().x - gap) / 2;
    const ImVec2 space{width, std::min(width, ImGui::GetContentRegionAvail().y * 0.4F)};
    MatrixView::Style style;
    style.range = 0;
    style.rows = "reading chunk";
    style.columns = "written chunk";
    style.name = "C = tril(1) A";
    draw_map(
        context, coefficients_, inside(example_, example.coefficients), "C", space, style,
        "What the tokens of a written chunk weigh for a reading one, by momentum. Without Muon the output "
        "is (Q K^T * C) V; with Muon no such number exists: the buffers are summed with A, "
        "orthogonalised, and added up.",
        false);
    ImGui::SameLine();
    style.name = "A, products of momentum";
    style.rows = "buffer";
    draw_map(context, momentum_, inside(example_, example.momentum), "A", space, style,
             "What is left of a chunk's gradient in the momentum buffer of a later one.", false);
}

void SequencePanel::draw_outputs(PanelContext& context, const SequenceExample& example) {
    const float gap = ImGui::GetStyle().ItemSpacing.x;
    const float width = (ImGui::GetContentRegionAvail().x - 2 * gap) / 3;
    const float line = ImGui::GetTextLineHeightWithSpacing();
    const ImVec2 space{width, std::max(80 * context.scale, ImGui::GetContentRegionAvail().y - 2 * line)};
    MatrixView::Style style;
    style.rows = "token";
    style.columns = "channel";
    style.name = "recurrence";
    style.range = recurrent_.shown() ? recurrent_.largest() : 0;
    const char* words = "The outputs of the head: one row a token, one column a channel.";
    draw_map(context, recurrent_, inside(example_, example.recurrent), "recurrence", space, style, words,
             true);
    const bool moved = recurrent_.moved();
    ImGui::SameLine();
    style.name = example.other_name;
    draw_map(context, other_, inside(example_, example.other), "other", space, style, words, true);
    ImGui::SameLine();
    style.range = 0;
    style.name = "difference";
    draw_map(context, difference_, inside(example_, example.difference), "difference", space, style,
             "In colours of its own: from minus to plus its largest value.", true);
    if (moved) {
        other_.follow(recurrent_);
        difference_.follow(recurrent_);
    } else if (other_.moved()) {
        recurrent_.follow(other_);
        difference_.follow(other_);
    }
}

namespace {

DataTable table_of(std::string name, const Matrix& matrix) {
    return make_matrix(std::move(name), matrix.columns, {matrix.values.begin(), matrix.values.end()});
}

PanelData data_of(const SequenceExample& example) {
    std::vector<double> chunks;
    for (const SequenceChunk& chunk : example.chunks) {
        chunks.insert(chunks.end(), {static_cast<double>(chunk.first), static_cast<double>(chunk.count),
                                     chunk.alpha, chunk.gradient_norm, chunk.state_norm, chunk.change_norm});
    }
    PanelData data = {make_table(
        "chunks", {"first_token", "tokens", "momentum", "buffer_norm", "state_norm", "change_norm"}, chunks)};
    const std::array<std::pair<const char*, const Matrix*>, 5> maps = {
        {{"coefficients", &example.coefficients},
         {"momentum", &example.momentum},
         {"recurrent", &example.recurrent},
         {"other", &example.other},
         {"difference", &example.difference}}};
    for (const auto& [name, matrix] : maps) {
        if (!matrix->values.empty()) {
            data.push_back(table_of(name, *matrix));
        }
    }
    return data;
}

PanelData data_of(const SequenceSpeeds& speeds) {
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    std::vector<double> values;
    for (const SequenceSpeed& speed : speeds) {
        values.insert(values.end(), {static_cast<double>(speed.row), static_cast<double>(speed.length),
                                     speed.recurrent_ms, speed.parallel_ms.value_or(none),
                                     speed.ratio.value_or(none), speed.difference.value_or(none)});
    }
    return {make_table("speeds", {"row", "tokens", "recurrent_ms", "parallel_ms", "ratio", "difference"},
                       values)};
}

PanelData data_of(const VitttAttention& attention) {
    std::vector<double> values;
    for (std::size_t i = 0; i < std::min(attention.glu.size(), attention.conv.size()); ++i) {
        values.insert(values.end(), {attention.glu[i], attention.conv[i]});
    }
    return {make_table("attention", {"glu", "conv"}, values)};
}

}  // namespace

PanelData SequencePanel::data() const {
    const std::string& mode = services_.document->sequence.mode;
    if (mode == "speed") {
        return speeds() != nullptr ? data_of(*speeds()) : PanelData{};
    }
    if (mode == "picture") {
        return attention() != nullptr ? data_of(*attention()) : PanelData{};
    }
    return example() != nullptr ? data_of(*example()) : PanelData{};
}

// The sequence panel: how many tokens a second this machine takes in either form, measured on demand.
void SequencePanel::draw_speed(PanelContext& context) {
    const int measurement = services_.document->sequence.measurement;
    bool measuring = false;
    if (measurement > 0) {
        const SequenceSpeedQuery request{measurement};
        const bool known = speeds_ && same(speeds_->query, StateQuery(request));
        if (!known) {  // once answered it is not asked again: a new state would repeat it
            const auto answer = services_.document->queries.ask("sequence.speed", request);
            if (answer && same(answer->query, StateQuery(request))) {
                speeds_ = answer;
            } else {
                measuring = true;
            }
        }
    }
    if (button(context, fmt::format("{} Measure", icon::gauge).c_str(),
               "Times both forms in turns on this machine, for some seconds. Frames wait no longer than "
               "for one answer; a moved camera begins it anew.",
               measuring ? "it is being measured" : "")) {
        services_.dispatch->run(MeasureSequence{});
    }
    ImGui::SameLine();
    ImGui::TextColored(context.colours.muted, "%s", measuring ? "measuring ..." : "");
    ImGui::PushTextWrapPos(0);
    ImGui::TextColored(context.colours.muted,
                       "The TTT operation alone on random tokens, 4 heads of 64, chunks of 512, fp32, "
                       "Newton-Schulz in bf16. In full: lactscope bench sequence.");
    ImGui::PopTextWrapPos();
    if (const SequenceSpeeds* now = speeds()) {
        draw_rates(context, *now);
    } else if (speeds_) {
        ImGui::TextColored(context.colours.error, "%s", speeds_->problem.c_str());
    }
}

void SequencePanel::draw_rates(PanelContext& context, const SequenceSpeeds& speeds) {
    if (speeds.empty()) {
        return;
    }
    std::int64_t longest = 0;
    for (const SequenceSpeed& one : speeds) {
        longest = std::max(longest, one.length);
    }
    std::vector<double> rates(2 * static_cast<std::size_t>(table2_rows), 0.0);
    for (const SequenceSpeed& one : speeds) {
        if (one.length == longest) {
            const auto row = static_cast<std::size_t>(one.row);
            rates[row] = one.recurrent_rate() / 1e3;
            rates[table2_rows + row] = one.parallel_rate().value_or(0) / 1e3;
        }
    }
    ImGui::TextColored(context.colours.muted, "%s, %lld tokens", speeds.front().device.c_str(),
                       static_cast<long long>(longest));
    const float height = std::max(160 * context.scale, ImGui::GetContentRegionAvail().y * 0.4F);
    if (ImPlot::BeginPlot("##rates", {-1, height}, ImPlotFlags_NoMouseText)) {
        static constexpr std::array<const char*, 2> names = {"recurrent", "parallel"};
        static constexpr std::array<double, table2_rows> ticks = {0, 1, 2, 3, 4, 5, 6};
        static constexpr std::array<const char*, table2_rows> rows = {"Base", "1", "2", "3", "4", "5", "6"};
        ImPlot::SetupAxes("variant", "thousand tokens/s", ImPlotAxisFlags_AutoFit, ImPlotAxisFlags_AutoFit);
        ImPlot::SetupAxisTicks(ImAxis_X1, ticks.data(), table2_rows, rows.data());
        ImPlot::SetupLegend(ImPlotLocation_NorthWest);
        ImPlot::PlotBarGroups(names.data(), rates.data(), 2, table2_rows, 0.7);
        ImPlot::EndPlot();
    }
    if (!ImGui::BeginTable("figures", 5, ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingStretchProp)) {
        return;
    }
    for (const char* head : {"rule", "tokens", "recurrent", "parallel", "ratio"}) {
        ImGui::TableSetupColumn(head);
    }
    ImGui::TableHeadersRow();
    for (const SequenceSpeed& one : speeds) {
        const auto rate = one.parallel_rate();
        for (const std::string& text : {table2_name(one.row), fmt::format("{}", one.length),
                                        fmt::format("{:.1f} k/s", one.recurrent_rate() / 1e3),
                                        rate ? fmt::format("{:.1f} k/s", *rate / 1e3) : std::string("none"),
                                        one.ratio ? fmt::format("{:.2f}", *one.ratio) : std::string()}) {
            ImGui::TableNextColumn();
            ImGui::TextUnformatted(text.c_str());
        }
    }
    ImGui::EndTable();
}

// The sequence panel: a picture through ViTTT's two modules, and what one position attends to.
void SequencePanel::draw_image(PanelContext& context) {
    const SequenceView& view = services_.document->sequence;
    ImGui::PushTextWrapPos(0);
    ImGui::TextColored(context.colours.muted,
                       "Random projections, seeded: the mathematics of the modules, not a trained network.");
    ImGui::PopTextWrapPos();
    if (begin_rows("picture")) {
        row_label(context, "Picture",
                  "A picture file (PNG, JPEG, BMP, TGA); empty: a generated one. "
                  "Enter takes it.");
        if (!editing_image_) {
            image_text_ = view.image;
        }
        ImGui::SetNextItemWidth(-1);
        if (ImGui::InputTextWithHint("##image", "generated; or the path of a picture", &image_text_,
                                     ImGuiInputTextFlags_EnterReturnsTrue)) {
            services_.dispatch->set("sequence.image", image_text_);
        }
        editing_image_ = ImGui::IsItemActive();
        bool rotary = view.rotary;
        row_label(context, "Positions",
                  "Rotary positions of queries and keys in the GLU, as in the "
                  "hierarchical models.");
        if (ImGui::Checkbox("rotary", &rotary)) {
            services_.dispatch->set("sequence.rotary", rotary);
        }
        end_rows();
    }
    const auto answer =
        services_.document->queries.ask("sequence.vittt", VitttQuery{view.image, view.rotary});
    images_ = answer;
    const VitttImages* now = images();
    if (now == nullptr) {
        ImGui::PushTextWrapPos(0);
        ImGui::TextColored(answer && !answer->problem.empty() ? context.colours.error : context.colours.muted,
                           "%s", answer ? answer->problem.c_str() : "computing ...");
        ImGui::PopTextWrapPos();
        return;
    }
    upload_images(context, *now);
    draw_attention(context, *now);
}

void SequencePanel::upload_images(PanelContext& context, const VitttImages& images) {
    if (uploaded_ == images_) {
        return;
    }
    const bool done = context.canvas.upload(image_, images.image).has_value() &&
                      context.canvas.upload(glu_, images.glu).has_value() &&
                      context.canvas.upload(conv_, images.conv).has_value();
    if (done) {
        uploaded_ = images_;
    }
}

std::optional<std::array<int, 2>> SequencePanel::draw_one(PanelContext& context, const gfx::Texture& texture,
                                                          const VitttImages& images, float width,
                                                          const std::vector<double>* shares) {
    const float cell = width / static_cast<float>(images.columns);
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const ImVec2 size{width, cell * static_cast<float>(images.rows)};
    ImGui::Dummy(size);
    const gfx::Rect rect{corner, {corner.x + size.x, corner.y + size.y}};
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const bool small = texture.width() == images.columns;
    context.canvas.draw_image(list, texture, rect, small ? gfx::Filter::nearest : gfx::Filter::bicubic);
    std::optional<std::array<int, 2>> under;
    if (ImGui::IsItemHovered()) {
        const ImVec2 mouse = ImGui::GetIO().MousePos;
        under = {std::clamp(static_cast<int>((mouse.x - corner.x) / cell), 0, images.columns - 1),
                 std::clamp(static_cast<int>((mouse.y - corner.y) / cell), 0, images.rows - 1)};
    }
    if (shares != nullptr) {
        double largest = 1e-12;
        for (const double share : *shares) {
            largest = std::max(largest, std::abs(share));
        }
        paint_signed(list, rect, *shares, images.columns, largest, 1);
        if (under) {
            const auto [column, row] = *under;
            const auto index = static_cast<std::size_t>(row) * static_cast<std::size_t>(images.columns) +
                               static_cast<std::size_t>(column);
            ImGui::SetTooltip("position %d, %d: share %+.5f", column, row, (*shares)[index]);
        }
    }
    const auto& shown = services_.document->sequence.pinned ? services_.document->sequence.pinned : hovered_;
    if (shown) {
        const ImVec2 low{corner.x + cell * static_cast<float>((*shown)[0]),
                         corner.y + cell * static_cast<float>((*shown)[1])};
        list.AddRect(low, {low.x + cell, low.y + cell}, IM_COL32(255, 255, 0, 255), 0, 1.5F * context.scale);
    }
    return under;
}

void SequencePanel::draw_attention(PanelContext& context, const VitttImages& images) {
    SequenceView& view = services_.document->sequence;
    const auto inside = [&](const std::array<int, 2>& at) {
        return at[0] < images.columns && at[1] < images.rows;
    };
    if (!hovered_ || !inside(*hovered_)) {
        hovered_ = {images.columns / 2, images.rows / 2};
    }
    const auto at = view.pinned ? *view.pinned : *hovered_;
    attention_ = services_.document->queries.ask("sequence.attention",
                                                 VitttAttentionQuery{{view.image, view.rotary}, at});
    const VitttAttention* map = attention();
    const auto cells = static_cast<std::size_t>(images.rows) * static_cast<std::size_t>(images.columns);
    if (map != nullptr && (map->glu.size() != cells || map->conv.size() != cells)) {
        map = nullptr;  // of the picture before
    }
    const float gap = ImGui::GetStyle().ItemSpacing.x;
    const float width = (ImGui::GetContentRegionAvail().x - gap) / 2;
    const auto column = [&](const char* name, const char* words, const gfx::Texture& output,
                            const std::vector<double>* shares, double initial) {
        ImGui::BeginGroup();
        ImGui::TextColored(context.colours.muted, "%s", name);
        tip(context, words);
        auto under = draw_one(context, image_, images, width, shares);
        ImGui::TextColored(context.colours.muted, "initial weights %+.2f, positions %+.2f", initial,
                           1 - initial);
        if (const auto other = draw_one(context, output, images, width, nullptr)) {
            under = other;
        }
        ImGui::EndGroup();
        return under;
    };
    auto under =
        column("GLU: who is attended to",
               "What every position adds to the output of the marked one (signed shares; with that of "
               "the initial weights they sum to one): a gated inner product of query and key. Below: the "
               "outputs, three principal components as colours.",
               glu_, map ? &map->glu : nullptr, map ? map->glu_initial : 0);
    ImGui::SameLine();
    const auto right = column(
        "3x3 convolution",
        "The same for the depth-wise convolution: 3x3 windows are compared, but every position is attended "
        "to. Below: the outputs.",
        conv_, map ? &map->conv : nullptr, map ? map->conv_initial : 0);
    under = right ? right : under;
    if (under) {
        hovered_ = under;
        if (ImGui::IsMouseClicked(ImGuiMouseButton_Left)) {
            view.pinned = view.pinned == under ? std::nullopt : under;
        }
    }
    ImGui::TextColored(context.colours.muted, "%s position %d, %d; twins differ by %.1e and %.1e",
                       view.pinned ? "pinned" : "marked", at[0], at[1], images.glu_difference,
                       images.conv_difference);
    if (attention_ && !attention_->problem.empty()) {
        ImGui::TextColored(context.colours.error, "%s", attention_->problem.c_str());
    }
}

}  // namespace lact::app
