#include "app/ui/sequence_panel.h"

#include "app/commands/command_table.h"
#include "app/commands/parameter_table.h"
#include "app/gfx/colour_map.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/signed_colour.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"
#include "engine/core/counted.h"
#include "engine/core/printable.h"

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

struct SequenceMode {
    const char* id;
    const char* title;
    const char* tooltip;
};
constexpr std::array<SequenceMode, 3> sequence_modes = {
    {{"tokens", "Tokens",
      "A short sequence of random tokens through one layer: chunk by chunk, and in parallel."},
     {"speed", "Throughput", "Tokens per second of both forms on this machine."},
     {"picture", "Image (ViTTT)", "The two inner models of the ViTTT layer on an image."}}};

std::shared_ptr<const Matrix> inside(const std::shared_ptr<const Answered>& answer, const Matrix& matrix) {
    return {answer, &matrix};
}

void draw_map(PanelContext& context, MatrixView& view, const std::shared_ptr<const Matrix>& matrix,
              const char* id, ImVec2 space, MatrixView::Style style, const char* tooltip, bool stretch) {
    view.show(matrix, context);
    ImGui::BeginGroup();
    ImGui::TextColored(context.colours.muted, "%s", style.name.c_str());
    tip(context, tooltip);
    if (style.range <= 0) {
        style.range = view.largest();
    }
    space.y -= gfx::colour_bar_height();
    view.draw(context, id, space, style, stretch);
    gfx::colour_bar(gfx::ColourMap::diverging, -style.range, style.range, space.x);
    ImGui::EndGroup();
}

}  // namespace

void SequencePanel::draw(PanelContext& context) {
    const std::string& chosen = services_.document->sequence.mode;
    Flow flow;
    for (const SequenceMode& mode : sequence_modes) {
        if (flow.radio(context, mode.title, chosen == mode.id, mode.tooltip)) {
            services_.dispatch->set("sequence.mode", mode.id);
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
                       "Random tokens with a fixed seed, not a trained language model.");
    ImGui::PopTextWrapPos();
    draw_options(context);
    example_ = services_.document->queries.ask("sequence.example",
                                               SequenceQuery{services_.document->sequence.options});
    const SequenceExample* now = example();
    if (now == nullptr) {
        ImGui::TextColored(context.colours.muted, "%s",
                           example_ ? example_->problem.c_str() : "Computing...");
        return;
    }
    section(context, services_, "Recurrence and parallel form",
            {"chunk", "momentum", "parallel form", "fast weights"});
    const AnswerScope scope(services_.document->queries.fresh("sequence.example"));
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
    row_label(context, "Chunk", "Tokens per update.");
    ImGui::SetNextItemWidth(-1);
    if (ImGui::SliderInt("##chunk", &chunk, 4, 64)) {
        set("sequence.chunk", chunk);
    }
    auto momentum = static_cast<float>(options.momentum);
    row_label(context, "Momentum",
              "Approximate share of the previous momentum buffer that each chunk keeps.");
    ImGui::SetNextItemWidth(-1);
    if (ImGui::SliderFloat("##momentum", &momentum, 0.05F, 0.95F, "%.2f")) {
        set("sequence.momentum", static_cast<double>(momentum));
    }
    row_label(context, "", "");
    Flow switches;
    bool muon = options.muon;
    if (switches.checkbox(context, "Muon", muon,
                          "Newton-Schulz on every momentum buffer, if the rule includes it.")) {
        set("sequence.muon", muon);
    }
    bool first = options.update_first;
    if (switches.checkbox(context, "Update first", first,
                          "Off: every chunk reads before its own update, as in LaCT-LLM.")) {
        set("sequence.update_first", first);
    }
    end_rows();
}

void SequencePanel::draw_difference(PanelContext& context, const SequenceExample& example) {
    const bool chunk_by_chunk = !example.no_parallel_because.empty();
    ImGui::PushFont(context.fonts.bold, 0);
    if (!example.difference_fp64) {
        ImGui::TextColored(context.colours.muted, "%s: no chunk reads an update", example.other_name.c_str());
    } else {
        ImGui::TextColored(example.equal ? context.colours.good : context.colours.error,
                           "%s %s: difference %.1e in fp64", example.equal ? icon::check : icon::warning,
                           example.other_name.c_str(), *example.difference_fp64);
    }
    ImGui::PopFont();
    tip(context, chunk_by_chunk
                     ? "Largest |difference| from the recurrence, divided by the largest |output|, over all "
                       "heads and chunks. Each chunk starts from the recurrence's own weights, as this rule "
                       "amplifies rounding from chunk to chunk. At most 1e-9 counts as equal."
                     : "Largest |difference| from the recurrence, divided by the largest |output|, over all "
                       "heads. At most 1e-9 counts as equal.");
    ImGui::PushTextWrapPos(0);
    ImGui::TextColored(context.colours.muted, "In fp32, over all chunks: %.1e, from rounding%s.",
                       example.largest_difference, chunk_by_chunk ? ", which every chunk amplifies" : "");
    ImGui::PopTextWrapPos();
    if (!example.no_parallel_because.empty()) {
        ImGui::PushTextWrapPos(0);
        ImGui::TextColored(context.colours.muted, "No parallel form: %s",
                           example.no_parallel_because.c_str());
        ImGui::PopTextWrapPos();
    }
}

void SequencePanel::draw_chunks(PanelContext& context, const SequenceExample& example) {
    Flow legend;
    for (const auto& [place, name] :
         {std::pair{1, "|W1| after each chunk"}, std::pair{2, "|momentum buffer|"}}) {
        legend.next(ImGui::CalcTextSize(name).x);
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
                "mean momentum %.3f%s",
                i, static_cast<long long>(chunk.first), static_cast<long long>(chunk.first + chunk.count - 1),
                chunk.state_norm, chunk.change_norm, chunk.gradient_norm, chunk.alpha,
                chunk.read ? "" : "\nNot read: the last chunk of apply-then-update");
        }
    }
}

void SequencePanel::draw_maps(PanelContext& context, const SequenceExample& example) {
    const float gap = ImGui::GetStyle().ItemSpacing.x;
    const float width = (ImGui::GetContentRegionAvail().x - gap) / 2;
    const ImVec2 space{width, std::min(width, graph_height(context, 0.4F))};
    MatrixView::Style style;
    style.range = 0;
    style.rows = "reading chunk";
    style.columns = "written chunk";
    style.name = "C, from tril(1) A";
    if (example.no_coefficients_because.empty()) {
        draw_map(context, coefficients_, inside(example_, example.coefficients), "C", space, style,
                 "Weight of the tokens of a written chunk for a reading chunk, from momentum: tril(1) A, one "
                 "chunk down where chunks read before they write. The output is "
                 "φ(Q) S0 + (φ(Q) φ(K)⊤ ⊙ C) V̂ with V̂ = η ⊙ V.",
                 false);
    } else {
        ImGui::BeginGroup();
        ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + width);
        ImGui::TextColored(context.colours.muted, "No coefficients C: %s.",
                           example.no_coefficients_because.c_str());
        ImGui::PopTextWrapPos();
        ImGui::EndGroup();
        tip(context,
            "Variants 2 to 6 without Muon have one weight for the tokens of each written and reading chunk: "
            "φ(Q) S0 + (φ(Q) φ(K)⊤ ⊙ C) V̂ with C = tril(1) A and V̂ = η ⊙ V.");
    }
    ImGui::SameLine();
    style.name = "A, products of momentum";
    style.rows = "buffer";
    draw_map(context, momentum_, inside(example_, example.momentum), "A", space, style,
             "Share of the gradient of a chunk in the momentum buffer of a later chunk.", false);
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
    const char* tooltip = "Outputs of the head. Rows: tokens, columns: channels.";
    draw_map(context, recurrent_, inside(example_, example.recurrent), "recurrence", space, style, tooltip,
             true);
    const bool moved = recurrent_.moved();
    ImGui::SameLine();
    style.name = example.other_name;
    draw_map(context, other_, inside(example_, example.other), "other", space, style, tooltip, true);
    ImGui::SameLine();
    style.range = 0;
    style.name = "difference";
    draw_map(context, difference_, inside(example_, example.difference), "difference", space, style,
             "Its own colour range, from minus to plus the largest |difference|.", true);
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
    const SequenceExampleOptions& options = example.options;
    for (DataTable& table : data) {
        table.of_open_state = false;
        table.about = {{"sequence_rule", example.rule},
                       {"tokens", std::to_string(options.tokens)},
                       {"chunk", std::to_string(options.chunk)},
                       {"momentum", fmt::format("{}", options.momentum)},
                       {"update_first", options.update_first ? "true" : "false"}};
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
    DataTable table =
        make_table("speeds", {"row", "tokens", "recurrent_ms", "parallel_ms", "ratio", "difference"}, values);
    table.of_open_state = false;
    table.about = {{"tokens_of", "random, with a fixed seed"}};
    return {table};
}

PanelData data_of(const VitttAttention& attention, const VitttAttentionQuery& asked) {
    std::vector<double> values;
    for (std::size_t i = 0; i < std::min(attention.glu.size(), attention.conv.size()); ++i) {
        values.insert(values.end(), {attention.glu[i], attention.conv[i]});
    }
    DataTable table = make_table("attention", {"glu", "conv"}, values);
    table.of_open_state = false;
    table.about = {{"image", asked.image.image.empty() ? "generated" : printable_line(asked.image.image)},
                   {"rotary", asked.image.rotary ? "true" : "false"},
                   {"position", fmt::format("{},{}", asked.position[0], asked.position[1])}};
    return {table};
}

}  // namespace

Result<PanelData> SequencePanel::data() const {
    const SequenceView& view = services_.document->sequence;
    if (view.mode == "speed") {
        return speeds() != nullptr ? data_of(*speeds()) : PanelData{};
    }
    if (view.mode == "picture") {
        const auto* asked = attention_ ? std::get_if<VitttAttentionQuery>(&attention_->query) : nullptr;
        if (asked != nullptr && (asked->image != VitttQuery{view.image, view.rotary} ||
                                 asked->position != view.pinned.value_or(asked->position))) {
            return not_current();
        }
        return asked != nullptr && attention() != nullptr ? data_of(*attention(), *asked) : PanelData{};
    }
    if (example_ && !same(example_->query, SequenceQuery{view.options})) {
        return not_current();
    }
    return example() != nullptr ? data_of(*example()) : PanelData{};
}

void SequencePanel::draw_speed(PanelContext& context) {
    const int measurement = services_.document->sequence.measurement;
    bool measuring = false;
    if (measurement > 0) {
        const SequenceSpeedQuery request{measurement};
        const bool known = speeds_ && same(speeds_->query, StateQuery(request));
        if (!known) {  // A new state does not invalidate the measurement.
            const auto answer = services_.document->queries.ask("sequence.speed", request);
            if (answer && same(answer->query, StateQuery(request))) {
                speeds_ = answer;
            } else {
                measuring = true;
            }
        }
    }
    if (button(
            context, fmt::format("{} Measure", icon::gauge).c_str(),
            "Measure both forms in turns on this machine, for some seconds. Moving the camera restarts the "
            "measurement.",
            measuring ? "The measurement is running." : "")) {
        services_.dispatch->run(MeasureSequence{});
    }
    ImGui::SameLine();
    ImGui::TextColored(context.colours.muted, "%s", measuring ? "Measuring..." : "");
    ImGui::PushTextWrapPos(0);
    ImGui::TextColored(
        context.colours.muted,
        "The TTT operation alone on random tokens: 4 heads of 64 channels, chunks of 512 tokens, fp32, "
        "Newton-Schulz in bf16. Full benchmark: lactscope bench sequence.");
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
    ImGui::TextColored(context.colours.muted, "%s, %s", speeds.front().device.c_str(),
                       counted(longest, "token").c_str());
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

void SequencePanel::draw_image(PanelContext& context) {
    const SequenceView& view = services_.document->sequence;
    ImGui::PushTextWrapPos(0);
    ImGui::TextColored(
        context.colours.muted,
        "Random projections with a fixed seed, not a trained network. Queries equal keys (q = k), "
        "so that similar patches attend to each other, and values are scaled by %g, so that the "
        "update is as large as the initial weights.",
        VitttExample::value_scale);
    ImGui::PopTextWrapPos();
    if (begin_rows("image")) {
        row_label(context, "Image",
                  "Path of a PNG, JPEG, BMP or TGA file; empty: a generated image. Enter applies it.");
        if (!editing_image_) {
            image_text_ = view.image;
        }
        ImGui::SetNextItemWidth(-1);
        if (ImGui::InputTextWithHint("##image", "generated image", &image_text_,
                                     ImGuiInputTextFlags_EnterReturnsTrue)) {
            services_.dispatch->set("sequence.image", image_text_);
        }
        editing_image_ = ImGui::IsItemActive();
        bool rotary = view.rotary;
        row_label(context, "Positions",
                  "Rotary position embedding of queries and keys in the GLU, as in the hierarchical models.");
        if (ImGui::Checkbox("Rotary", &rotary)) {
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
                           "%s", answer ? answer->problem.c_str() : "Computing...");
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
    const auto& pinned = services_.document->sequence.pinned;
    const auto& shown = pinned ? pinned : hovered_;
    if (shown && (*shown)[0] < images.columns && (*shown)[1] < images.rows) {
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
    QueryBoard& queries = services_.document->queries;
    const bool images_fresh = queries.fresh("sequence.vittt");
    if (images_fresh && view.pinned && !inside(*view.pinned)) {
        view.pinned.reset();  // Of a larger image.
    }
    const auto at = view.pinned && inside(*view.pinned) ? *view.pinned : *hovered_;
    attention_ = queries.ask("sequence.attention", VitttAttentionQuery{{view.image, view.rotary}, at});
    const AnswerScope scope(images_fresh && queries.fresh("sequence.attention"));
    const VitttAttention* map = attention();
    const auto cells = static_cast<std::size_t>(images.rows) * static_cast<std::size_t>(images.columns);
    if (map != nullptr && (map->glu.size() != cells || map->conv.size() != cells)) {
        map = nullptr;  // Of the previous image.
    }
    const float gap = ImGui::GetStyle().ItemSpacing.x;
    const float width = (ImGui::GetContentRegionAvail().x - gap) / 2;
    const auto column = [&](const char* name, const char* tooltip, const gfx::Texture& output,
                            const std::vector<double>* shares, double initial) {
        ImGui::BeginGroup();
        ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + width);
        ImGui::TextColored(context.colours.muted, "%s", name);
        tip(context, tooltip);
        if (!std::isfinite(initial)) {
            shares = nullptr;  // NaN.
        }
        auto under = draw_one(context, image_, images, width, shares);
        if (map == nullptr) {
            ImGui::NewLine();
        } else if (std::isfinite(initial)) {
            ImGui::TextColored(context.colours.muted, "initial weights %+.2f, positions %+.2f", initial,
                               1 - initial);
        } else {
            ImGui::TextColored(context.colours.muted, "the output here is 0 and has no shares");
        }
        if (shares != nullptr) {
            const auto [low, high] = std::ranges::minmax(*shares);
            const double largest = std::max(std::abs(low), std::abs(high));
            signed_overlay_bar(-largest, largest, 0, width);
        }
        if (const auto other = draw_one(context, output, images, width, nullptr)) {
            under = other;
        }
        ImGui::PopTextWrapPos();
        ImGui::EndGroup();
        return under;
    };
    auto under =
        column("GLU",
               "Attention of the marked position over all positions: signed shares of its output, from the "
               "inner product of query and key; gates scale the values and the output. Shares and the "
               "initial weights sum to one. Below: the outputs, "
               "three principal components as colours.",
               glu_, map ? &map->glu : nullptr, map ? map->glu_initial : 0);
    ImGui::SameLine();
    const auto right = column(
        "3x3 convolution",
        "The same for the depth-wise convolution. It compares 3x3 windows and attends to all positions. "
        "Below: the outputs.",
        conv_, map ? &map->conv : nullptr, map ? map->conv_initial : 0);
    under = right ? right : under;
    if (under) {
        hovered_ = under;
        if (ImGui::IsMouseClicked(ImGuiMouseButton_Left)) {
            view.pinned = view.pinned == under ? std::nullopt : under;
        }
    }
    ImGui::PushTextWrapPos(0);
    ImGui::TextColored(
        context.colours.muted, "%s position %d, %d; difference of both forms %.1e (GLU), %.1e (convolution)",
        view.pinned == at ? "Pinned" : "Marked", at[0], at[1], images.glu_difference, images.conv_difference);
    if (attention_ && !attention_->problem.empty()) {
        ImGui::TextColored(context.colours.error, "%s", attention_->problem.c_str());
    }
    ImGui::PopTextWrapPos();
}

}  // namespace lact::app
