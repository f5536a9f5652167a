// The sequence panel's frame and what it shows of random tokens; its other looks are in
// sequence_speed_look.cpp and sequence_picture_look.cpp.
#include "app/panels/sequence_panel.h"

#include "app/core/parameters.h"
#include "app/panels/signed_colour.h"
#include "app/window/flow.h"
#include "app/window/icons.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace lact::app {
namespace {

/// Differences in fp32 above this are shown as an error: the tolerance of the twins.
constexpr double allowed_difference = 1e-4;

struct Look {
    const char* id;
    const char* title;
    const char* tooltip;
};
constexpr Look looks[] = {
    {"tokens", "Tokens",
     "A short sequence of random tokens through one layer: chunk after chunk, and at once."},
    {"speed", "Throughput", "How many tokens a second this machine takes in either form."},
    {"picture", "Picture (ViTTT)", "The two inner models of the vision layer on a picture of your choice."}};

std::shared_ptr<const Matrix> inside(const std::shared_ptr<const Answered>& answer, const Matrix& matrix) {
    return {answer, &matrix};
}

void draw_map(window::PanelContext& context, MatrixView& view, const std::shared_ptr<const Matrix>& matrix,
              const char* id, ImVec2 space, MatrixView::Style style, const char* words, bool stretch) {
    view.show(matrix, context);
    ImGui::BeginGroup();
    ImGui::TextColored(context.colours.muted, "%s", style.name.c_str());
    window::tip(context, words);
    if (style.range <= 0) {
        style.range = view.largest();
    }
    view.draw(context, id, space, style, stretch);
    ImGui::EndGroup();
}

}  // namespace

void SequencePanel::draw(window::PanelContext& context) {
    const std::string& chosen = services_.view->sequence.look;
    window::Flow flow;
    for (const Look& look : looks) {
        if (flow.radio(context, look.title, chosen == look.id, look.tooltip)) {
            (void)services_.parameters->set("sequence.look", look.id);
        }
    }
    if (chosen == "speed") {
        draw_speed(context);
    } else if (chosen == "picture") {
        draw_picture(context);
    } else {
        draw_tokens(context);
    }
}

void SequencePanel::draw_tokens(window::PanelContext& context) {
    ImGui::PushTextWrapPos(0);
    ImGui::TextColored(context.colours.muted,
                       "Random tokens, seeded: the mathematics, not a trained language model.");
    ImGui::PopTextWrapPos();
    draw_options(context);
    example_ = services_.questions->ask("sequence.example", AskSequence{services_.view->sequence.options});
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

void SequencePanel::draw_options(window::PanelContext& context) {
    const SequenceExampleOptions& options = services_.view->sequence.options;
    const auto set = [&](const char* id, const nlohmann::json& value) {
        (void)services_.parameters->set(id, value);
    };
    if (!window::begin_rows("options")) {
        return;
    }
    window::row_label(context, "Rule", "A row of arXiv 2602.21204, table 2, for the language-model layer.");
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
    window::row_label(context, "Chunk", "Tokens that are learned at once.");
    ImGui::SetNextItemWidth(-1);
    if (ImGui::SliderInt("##chunk", &chunk, 4, 64)) {
        set("sequence.chunk", chunk);
    }
    auto momentum = static_cast<float>(options.momentum);
    window::row_label(context, "Momentum", "About how much of the last update's buffer each chunk keeps.");
    ImGui::SetNextItemWidth(-1);
    if (ImGui::SliderFloat("##momentum", &momentum, 0.05F, 0.95F, "%.2f")) {
        set("sequence.momentum", static_cast<double>(momentum));
    }
    window::row_label(context, "", "");
    bool muon = options.muon;
    if (ImGui::Checkbox("Muon", &muon)) {
        set("sequence.muon", muon);
    }
    window::tip(context, "Newton-Schulz on every momentum buffer, where the rule has it.");
    ImGui::SameLine();
    bool first = options.update_first;
    if (ImGui::Checkbox("update first", &first)) {
        set("sequence.update_first", first);
    }
    window::tip(context, "Off: every chunk reads before its own update, as LaCT-LLM does.");
    window::end_rows();
}

void SequencePanel::draw_difference(window::PanelContext& context, const SequenceExample& example) {
    const bool good = example.largest_difference <= allowed_difference;
    ImGui::PushFont(context.fonts.bold, 0);
    ImGui::TextColored(good ? context.colours.good : context.colours.error, "%s %s differs by %.1e",
                       good ? window::icon::check : window::icon::warning, example.other_name.c_str(),
                       example.largest_difference);
    ImGui::PopFont();
    window::tip(context,
                "Largest difference from the recurrence, of the largest output, over all heads; both "
                "in fp32.");
    if (!example.no_parallel_because.empty()) {
        ImGui::PushTextWrapPos(0);
        ImGui::TextColored(context.colours.muted, "no parallel form: %s",
                           example.no_parallel_because.c_str());
        ImGui::PopTextWrapPos();
    }
}

void SequencePanel::draw_chunks(window::PanelContext& context, const SequenceExample& example) {
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

void SequencePanel::draw_maps(window::PanelContext& context, const SequenceExample& example) {
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

void SequencePanel::draw_outputs(window::PanelContext& context, const SequenceExample& example) {
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
    const std::string& look = services_.view->sequence.look;
    if (look == "speed") {
        return speeds() != nullptr ? data_of(*speeds()) : PanelData{};
    }
    if (look == "picture") {
        return attention() != nullptr ? data_of(*attention()) : PanelData{};
    }
    return example() != nullptr ? data_of(*example()) : PanelData{};
}

}  // namespace lact::app
