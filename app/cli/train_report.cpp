#include "app/cli/train_report.h"

#include "app/figures/contact_sheet.h"
#include "app/platform/terminal.h"
#include "engine/core/counted.h"
#include "engine/core/files.h"
#include "engine/core/text_file.h"
#include "engine/train/run_folder.h"

#include <cmath>
#include <cstdio>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

constexpr std::chrono::seconds line_interval_of_steps{15};

void print_event(const char* name, const nlohmann::ordered_json& fields) {
    nlohmann::ordered_json event{{"event", name}};
    event.update(fields);
    print_out("{}\n", dump_json(event));
    std::fflush(stdout);
}

/// "a: 20.5 dB (nearest view 15.5, white 10.6, silhouette 20.5)"
std::string describe(const NamedScore& named) {
    const HeldOutScore& score = named.score;
    return fmt::format(
        "{}: {:.2f} dB over {} (foreground {:.2f}; nearest view {:.2f}, white {:.2f}, silhouette "
        "{:.2f})",
        named.name, score.psnr, counted(score.views, "view"), score.psnr_foreground,
        score.baseline.nearest_view, score.baseline.white, score.baseline.silhouette);
}

}  // namespace

TrainReport::TrainReport(std::filesystem::path folder, bool json, const Job& job)
    : folder_(std::move(folder)), json_(json), job_(job) {}

TrainEvents TrainReport::events() {
    return {[this](const StepEvent& step) { on_step(step); },
            [this](const EvaluationEvent& evaluation) { on_evaluation(evaluation); },
            [this](long long step) { on_checkpoint(step); }};
}

void TrainReport::on_step(const StepEvent& step) {
    if (json_) {
        print_event("step", to_json(step));
    }
    const auto now = std::chrono::steady_clock::now();
    if (now - last_line_ >= line_interval_of_steps) {
        last_line_ = now;
        job_.say(
            fmt::format("step {} of {}, {}x{}: training {}, loss {:.5f}, gradient {:.2f}, rate "
                        "{:.2e}, {:.1f} scenes/s{}",
                        step.step, step.steps, step.size, step.size,
                        std::isfinite(step.psnr) ? fmt::format("{:.2f} dB", step.psnr) : "-", step.loss,
                        step.gradient_norm, step.learning_rate, step.scenes_per_second,
                        step.skipped_steps > 0 ? fmt::format(", {} skipped", step.skipped_steps) : ""));
    }
}

void TrainReport::on_evaluation(const EvaluationEvent& evaluation) {
    if (json_) {
        print_event("evaluation", to_json(evaluation));
    }
    for (const NamedScore& named : evaluation.scores) {
        job_.say(fmt::format("held out, step {}: {}", evaluation.step, describe(named)));
    }
    if (const auto written = write_sheet(evaluation); !written) {
        job_.say("warning: " + written.error().message());
    }
}

void TrainReport::on_checkpoint(long long step) {
    if (json_) {
        print_event("checkpoint", {{"step", step}});
    }
}

Result<void> TrainReport::write_sheet(const EvaluationEvent& evaluation) const {
    if (evaluation.images.empty()) {
        return {};
    }
    const NamedScore& first = evaluation.scores.front();
    LACT_TRY(const Image8 sheet, evaluation_sheet(fmt::format("step {} - {} {:.2f} dB, averaged weights",
                                                              evaluation.step, first.name, first.score.psnr),
                                                  evaluation.images));
    LACT_TRY(const std::string png, encode_png(sheet, {{"provenance", dump_json(to_json(evaluation))}}));
    std::error_code problem;
    std::filesystem::create_directories(folder_ / "sheets", problem);
    return write_file_atomically(folder_ / "sheets" / fmt::format("step-{:08}.png", evaluation.step), png);
}

void TrainReport::end(const TrainSummary& summary) {
    if (json_) {
        nlohmann::ordered_json fields{{"state", summary.finished ? "finished" : "stopped"},
                                      {"step", summary.steps}};
        fields["psnr"] = summary.last ? to_json(summary.last->score).at("psnr") : nlohmann::ordered_json();
        print_event("end", fields);
    }
    job_.say(summary.finished
                 ? fmt::format("trained {}; weights: {}", counted(summary.steps, "step"),
                               (folder_ / "weights.safetensors").string())
                 : fmt::format("stopped after step {}; resume with: lactscope train --resume -o {}",
                               summary.steps, folder_.string()));
}

}  // namespace lact::app
