// `lactscope bench sequence`: throughput of the TTT layer on long sequences, recurrent and parallel form.
#include "app/cli/bench_command.h"
#include "app/cli/options.h"
#include "app/figures/line_chart.h"
#include "app/platform/terminal.h"
#include "engine/core/counted.h"
#include "engine/core/files.h"
#include "engine/core/output_path.h"
#include "engine/core/text_file.h"
#include "engine/session/sequence_speed.h"

#include <array>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

/// arXiv 2602.21204, table 2: million tokens per second, on hardware that the paper does not name.
struct PaperRates {
    double recurrent = 0;
    double parallel = 0;  ///< 0: the paper gives none.
};
constexpr std::array<PaperRates, table2_rows> paper_rates = {
    {{4.30, 0}, {10.60, 0}, {11.02, 30.18}, {12.95, 49.69}, {13.31, 53.99}, {14.40, 57.28}, {89.67, 124.6}}};

struct BenchSequenceOptions {
    SequenceWorkload work;
    std::string config = "small";
    std::string precision = "fp32";
    std::string ns = "bf16";
    std::string clock = "wall";
    std::string plot;
    std::vector<std::int64_t> lengths;
    bool json = false;
};

const char* pass_of(const SequenceWorkload& work) {
    return work.backward ? "forward and backward" : "forward";
}

nlohmann::json to_json(const BenchSequenceOptions& options, const std::vector<SequenceSpeed>& speeds) {
    const SequenceWorkload& work = options.work;
    nlohmann::json rows = nlohmann::json::array();
    for (const SequenceSpeed& one : speeds) {
        const PaperRates& paper = paper_rates[static_cast<std::size_t>(one.row)];
        nlohmann::json row = {{"variant", one.row},
                              {"name", table2_name(one.row)},
                              {"tokens", one.length},
                              {"runs", one.pairs},
                              {"recurrent_ms", one.recurrent_ms},
                              {"recurrent_tokens_per_second", one.recurrent_rate()},
                              {"paper_recurrent_tokens_per_second", 1e6 * paper.recurrent}};
        if (one.parallel_ms) {
            row["parallel_ms"] = *one.parallel_ms;
            row["parallel_tokens_per_second"] = *one.parallel_rate();
            row["ratio"] = *one.ratio;
            row["paper_parallel_tokens_per_second"] = 1e6 * paper.parallel;
            row["paper_ratio"] = paper.parallel / paper.recurrent;
        }
        if (one.difference) {
            row["difference"] = *one.difference;
        }
        if (one.gradient_difference) {
            row["gradient_difference"] = *one.gradient_difference;
        }
        rows.push_back(std::move(row));
    }
    return {{"config", options.config},       {"heads", work.heads},
            {"head_width", work.d},           {"chunk", work.chunk},
            {"pass", pass_of(work)},          {"device", speeds.empty() ? "" : speeds.front().device},
            {"precision", options.precision}, {"ns_precision", options.ns},
            {"clock", options.clock},         {"rows", rows}};
}

std::string rate(double tokens_per_second) {
    return tokens_per_second >= 1e5 ? fmt::format("{:.2f} M", tokens_per_second / 1e6)
                                    : fmt::format("{:.2f} k", tokens_per_second / 1e3);
}

void print_table(const BenchSequenceOptions& options, const std::vector<SequenceSpeed>& speeds) {
    const SequenceWorkload& work = options.work;
    print_err(
        "TTT layer on a sequence, {}: {} of width {}, chunks of {}, {}, Newton-Schulz in {}, {}, {} time.\n"
        "Tokens per second (medians); paper: arXiv 2602.21204, table 2, width 1536, other hardware.\n"
        "{:>7}  {:<10} {:>10} {:>10} {:>6} {:>5} {:>10}   {:>9} {:>9} {:>6}\n",
        pass_of(work), counted(work.heads, "head"), work.d, work.chunk, options.precision, options.ns,
        speeds.empty() ? "" : speeds.front().device, options.clock, "tokens", "rule", "recurrent", "parallel",
        "ratio", "runs", "difference", "paper rec.", "par.", "ratio");
    for (const SequenceSpeed& one : speeds) {
        const PaperRates& paper = paper_rates[static_cast<std::size_t>(one.row)];
        const bool both = one.parallel_ms.has_value();
        print_err("{:>7}  {:<10} {:>10} {:>10} {:>6} {:>5} {:>10}   {:>9} {:>9} {:>6}\n", one.length,
                  table2_name(one.row), rate(one.recurrent_rate()), both ? rate(*one.parallel_rate()) : "-",
                  both ? fmt::format("{:.2f}", *one.ratio) : "-", one.pairs,
                  one.difference ? fmt::format("{:.1e}", *one.difference) : "", rate(1e6 * paper.recurrent),
                  both ? rate(1e6 * paper.parallel) : "-",
                  both ? fmt::format("{:.2f}", paper.parallel / paper.recurrent) : "-");
    }
}

Result<void> save_plot(const BenchSequenceOptions& options, const std::vector<SequenceSpeed>& speeds) {
    constexpr std::array<const char*, table2_rows> colours = {"#444444", "#9467bd", "#1f77b4", "#17becf",
                                                              "#2ca02c", "#ff7f0e", "#d62728"};
    std::vector<ChartLine> lines;
    for (const int row : options.work.rows) {
        const char* colour = colours[static_cast<std::size_t>(row)];
        ChartLine recurrent{table2_name(row) + ", recurrent", colour, true, {}};
        ChartLine parallel{table2_name(row) + ", parallel", colour, false, {}};
        for (const SequenceSpeed& one : speeds) {
            if (one.row == row) {
                recurrent.points.emplace_back(static_cast<double>(one.length), one.recurrent_rate());
                if (one.parallel_ms) {
                    parallel.points.emplace_back(static_cast<double>(one.length), *one.parallel_rate());
                }
            }
        }
        lines.push_back(std::move(recurrent));
        if (!parallel.points.empty()) {
            lines.push_back(std::move(parallel));
        }
    }
    const std::string title =
        fmt::format("TTT layer, {}, {} of width {}, chunks of {}, {}", pass_of(options.work),
                    counted(options.work.heads, "head"), options.work.d, options.work.chunk,
                    speeds.empty() ? "" : speeds.front().device);
    return write_file_atomically(options.plot, log_log_chart(title, "tokens", "tokens/s", lines));
}

Result<void> bench_sequence(BenchSequenceOptions options, const Job& job) {
    if (options.config == "paper") {
        const SequenceWorkload paper = paper_sequence_workload();
        options.work.heads = paper.heads;
        options.work.d = paper.d;
        options.work.chunk = paper.chunk;
    }
    if (!options.lengths.empty()) {
        options.work.lengths = options.lengths;
    }
    LACT_TRY(options.work.compute.precision, parse_precision(options.precision));
    LACT_TRY(options.work.ns, parse_ns_precision(options.ns));
    options.work.processor_time = options.clock == "cpu";
    if (!options.plot.empty()) {
        LACT_CHECK(check_output_file(options.plot));
    }
    LACT_TRY(const auto speeds, measure_sequence_speed(options.work, job));
    if (options.json) {
        print_out("{}\n", dump_json(to_json(options, speeds), 2));
    } else {
        print_table(options, speeds);
    }
    return options.plot.empty() ? Result<void>{} : save_plot(options, speeds);
}

}  // namespace

void add_bench_sequence(CLI::App& bench, CommandAction& action) {
    auto* command = bench.add_subcommand(
        "sequence", "Time the TTT layer on long sequences, in recurrent and in parallel form");
    const auto options = std::make_shared<BenchSequenceOptions>();
    SequenceWorkload& work = options->work;
    command
        ->add_option("--config", options->config,
                     "Sizes: small (4 heads of width 64, chunks of 512) or paper (4 heads of width 384, "
                     "chunks of 2048)")
        ->check(CLI::IsMember({"small", "paper"}))
        ->capture_default_str();
    command
        ->add_option("--lengths", options->lengths,
                     "Sequence lengths in tokens (default: 4096 16384 65536 262144)")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 32));
    command->add_option("--variants", work.rows, "Rows of table 2: 0 (baseline), 1 to 6 (variants)")
        ->check(CLI::Range(0, table2_rows - 1));
    add_device_option(*command, work.compute.device);
    command
        ->add_option("--precision", options->precision, "Precision of queries, keys and values: fp32 or bf16")
        ->check(CLI::IsMember({"fp32", "bf16"}))
        ->capture_default_str();
    command->add_option("--ns-precision,--ns", options->ns, "Precision of Newton-Schulz: bf16, fp16 or fp32")
        ->check(CLI::IsMember({"bf16", "fp16", "fp32"}))
        ->capture_default_str();
    command->add_option("--threads", work.compute.threads, "CPU threads (0: one per core)")
        ->capture_default_str();
    command
        ->add_option("--segment", work.segment,
                     "Chunks that the parallel form processes at once (0: chosen for the device)")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 20))
        ->capture_default_str();
    command->add_option("--repeats", work.repeats, "Timed runs of each form, alternating")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command->add_option("--seconds", work.seconds, "Time limit per row, in seconds: no run begins after it")
        ->capture_default_str();
    command->add_flag("--backward", work.backward,
                      "Time the forward pass and the gradients of all weights and tokens");
    add_clock_option(*command, options->clock);
    command->add_option("--plot", options->plot,
                        "SVG file for a chart of tokens per second over sequence length");
    add_json_flag(*command, options->json);
    command->callback(
        [options, &action] { action = [options](const Job& job) { return bench_sequence(*options, job); }; });
}

}  // namespace lact::app
