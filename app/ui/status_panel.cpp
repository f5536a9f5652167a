#include "app/ui/status_panel.h"

#include "app/commands/command_table.h"
#include "app/commands/parameter_table.h"
#include "app/runtime/jobs.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact::app {

namespace {

std::string size_text(Size size) {
    return fmt::format("{}x{}", size.width, size.height);
}

std::string megabytes(std::size_t bytes) {
    return fmt::format("{:.0f} MB", static_cast<double>(bytes) / 1e6);
}

std::string network_text(const ModelConfig& config) {
    return fmt::format("{} layers, d {}, {} TTT heads of {}, d_h {}, patch {}", config.layers, config.d,
                       config.ttt_heads(), config.ttt_head, config.fast_hidden(), config.patch);
}

}  // namespace

void StatusPanel::draw(PanelContext& context) {
    draw_state(context);
    draw_jobs(context);
    draw_messages(context);
}

void StatusPanel::draw_state(PanelContext& context) {
    const Snapshot& snapshot = *services_.snapshot;
    if (!begin_rows("status")) {
        return;
    }
    if (const auto& weights = snapshot.weights) {
        row(context, "Weights", weights->name, weights->path.string() + "\nSHA-256 " + weights->sha256);
        row(context, "Network", network_text(weights->config),
            fmt::format("{:.2f} million parameters", static_cast<double>(weights->parameters) / 1e6));
        const auto& families = weights->info.families;
        row(context, "Trained on",
            families.empty() ? std::string("unknown")
                             : fmt::format("{} (generated)", fmt::join(families, ", ")),
            "Families of generated worlds. Images of anything else are poor.");
        row(context, "Trained rule", weights->trained_rule_text,
            "The update rule the weights were trained with.");
        row(context, "Device", weights->device);
        row(context, "Precision",
            fmt::format("{}, Newton-Schulz {}", to_string(weights->precision),
                        to_string(snapshot.state ? snapshot.state->rule.ns_precision
                                                 : weights->trained_rule.ns_precision)),
            "Of matrix products, and of the orthogonalisation of the update.");
    }
    if (const auto& state = snapshot.state) {
        row_label(context, "Rule", "The update rule in use.");
        ImGui::TextColored(state->rule_switched ? context.colours.warning : context.colours.good, "%s, %s",
                           state->rule_text.c_str(),
                           state->rule_switched ? "switched at inference" : "as trained");
        row(context, "State",
            fmt::format("built once from {} photos   {}", state->input_views,
                        services_.document->times(state->set_up_ms)),
            "Set-up writes the input photos into the fast weights. Every new view only reads them.");
        row(context, "Memory", "set-up at most " + megabytes(state->memory_bytes),
            "An upper estimate of what set-up takes beside the weights.");
    }
    if (snapshot.frame) {
        row(context, "This frame", services_.document->times(snapshot.frame->milliseconds),
            "Apply: reading the fast weights for one camera.");
    }
    if (const auto& scene = snapshot.scene) {
        draw_sizes(context, *scene);
        row(context, "Poses", scene->normalization, scene->normalization_reason);
    }
    end_rows();
}

/// The sizes the weights were trained on; the others stand apart and are marked.
void StatusPanel::draw_sizes(PanelContext& context, const SceneSummary& scene) {
    row_label(context, "Size",
              "Of the model's pictures. Weights do not carry over to sizes they were not trained on.");
    const auto& weights = services_.snapshot->weights;
    const bool untrained = scene.training == SizeTraining::untrained;
    const std::string now = size_text(scene.size) + (untrained ? ", not trained on" : "");
    ImGui::PushStyleColor(ImGuiCol_Text,
                          untrained ? context.colours.warning : ImGui::GetStyleColorVec4(ImGuiCol_Text));
    const bool open = ImGui::BeginCombo("##size", now.c_str());
    ImGui::PopStyleColor();
    if (!open) {
        return;
    }
    bool apart = false;
    for (const OfferedSize& offered : weights->sizes) {
        const bool marked = offered.training == SizeTraining::untrained;
        if (marked && !apart) {
            ImGui::SeparatorText("not trained on");
            apart = true;
        }
        ImGui::PushStyleColor(ImGuiCol_Text,
                              marked ? context.colours.muted : ImGui::GetStyleColorVec4(ImGuiCol_Text));
        if (ImGui::Selectable(size_text(offered.size).c_str(), offered.size == scene.size)) {
            services_.dispatch->set("model.size", size_text(offered.size));
        }
        ImGui::PopStyleColor();
    }
    ImGui::EndCombo();
}

void StatusPanel::draw_jobs(PanelContext& context) {
    bool first = true;
    for (const JobStatus& job : services_.snapshot.jobs()) {
        if (job.state != JobState::running) {
            continue;
        }
        if (first) {
            ImGui::SeparatorText("Running");
            first = false;
        }
        ImGui::PushID(static_cast<int>(job.id));
        ImGui::Text("%s%s%s", job.title.c_str(), job.stage.empty() ? "" : ": ", job.stage.c_str());
        ImGui::ProgressBar(static_cast<float>(job.fraction), {-ImGui::GetFontSize() * 5, 0});
        ImGui::SameLine();
        if (button(context, "stop", "Stop this job; what was there before stays.",
                   job.cancelling ? "It is being stopped." : "")) {
            services_.dispatch->run(CancelJob{job.id});
        }
        ImGui::PopID();
    }
}

void StatusPanel::draw_messages(PanelContext& context) {
    const auto entries = services_.snapshot.log().after(0);
    if (entries.empty()) {
        return;
    }
    ImGui::SeparatorText("Messages");
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
        const bool error = entry->severity == Severity::error;
        const ImVec4 colour = error                                  ? context.colours.error
                              : entry->severity == Severity::warning ? context.colours.warning
                                                                     : context.colours.muted;
        ImGui::PushTextWrapPos(0);
        ImGui::PushStyleColor(ImGuiCol_Text, colour);
        const std::string times = entry->times > 1 ? fmt::format(" ({} times)", entry->times) : "";
        ImGui::TextWrapped("%s%s%s%s%s%s", entry->where.c_str(), entry->where.empty() ? "" : ": ",
                           entry->what.c_str(), times.c_str(), entry->hint.empty() ? "" : " ",
                           entry->hint.c_str());
        ImGui::PopStyleColor();
        ImGui::PopTextWrapPos();
    }
}

}  // namespace lact::app
