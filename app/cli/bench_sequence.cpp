// `lactscope bench sequence`: the TTT layer over long sequences, as recurrence and in parallel form.
#include "app/cli/bench_sequence.h"

#include "app/figures/line_chart.h"
#include "engine/core/files.h"
#include "engine/session/sequence_speed.h"

#include <array>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

/// arXiv 2602.21204, table 2: million tokens a second on hardware that the paper does not name.
struct PaperRates {
    double recurrent = 0;
    double parallel = 0;  ///< 0: it gives none.
};
constexpr std::array<PaperRates, table2_rows> paper_rates = {
    {{4.30, 0}, {10.60, 0}, {11.02, 30.18}, {12.95, 49.69}, {13.31, 53.99}, {14.40, 57.28}, {89.67, 124.6}}};

struct SequenceOptions {
    SequenceWorkload work;
    std::string config = "small";
    std::string precision = "fp32";
    std::string ns = "bf16";
    std::string clock = "wall";
    std::string plot;
    std::vector<std::int64_t> lengths;
    bool json = false;
};

nlohmann::json as_json(const SequenceOptions& options, const std::vector<SequenceSpeed>& speeds) {
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
        rows.push_back(std::move(row));
    }
    return {{"config", options.config},
            {"heads", work.heads},
            {"head_width", work.d},
            {"chunk", work.chunk},
            {"device", speeds.empty() ? "" : speeds.front().device},
            {"precision", options.precision},
            {"ns_precision", options.ns},
            {"clock", options.clock},
            {"rows", rows}};
}

std::string rate(double tokens_per_second) {
    return tokens_per_second >= 1e5 ? fmt::format("{:.2f} M", tokens_per_second / 1e6)
                                    : fmt::format("{:.2f} k", tokens_per_second / 1e3);
}

void print_table(const SequenceOptions& options, const std::vector<SequenceSpeed>& speeds) {
    const SequenceWorkload& work = options.work;
    fmt::print(
        stderr,
        "The TTT layer over a sequence, {} heads of {}, chunks of {}, {}, Newton-Schulz in {}, {}, {} time.\n"
        "Tokens a second (medians); paper: arXiv 2602.21204, table 2, width 1536, other hardware.\n"
        "{:>7}  {:<10} {:>10} {:>10} {:>6} {:>5} {:>10}   {:>9} {:>9} {:>6}\n",
        work.heads, work.d, work.chunk, options.precision, options.ns,
        speeds.empty() ? "" : speeds.front().device, options.clock, "tokens", "rule", "recurrent", "parallel",
        "ratio", "runs", "difference", "paper rec.", "par.", "ratio");
    for (const SequenceSpeed& one : speeds) {
        const PaperRates& paper = paper_rates[static_cast<std::size_t>(one.row)];
        const bool both = one.parallel_ms.has_value();
        fmt::print(stderr, "{:>7}  {:<10} {:>10} {:>10} {:>6} {:>5} {:>10}   {:>9} {:>9} {:>6}\n", one.length,
                   table2_name(one.row), rate(one.recurrent_rate()), both ? rate(*one.parallel_rate()) : "-",
                   both ? fmt::format("{:.2f}", *one.ratio) : "-", one.pairs,
                   one.difference ? fmt::format("{:.1e}", *one.difference) : "", rate(1e6 * paper.recurrent),
                   both ? rate(1e6 * paper.parallel) : "-",
                   both ? fmt::format("{:.2f}", paper.parallel / paper.recurrent) : "-");
    }
}

Result<void> save_plot(const SequenceOptions& options, const std::vector<SequenceSpeed>& speeds) {
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
        fmt::format("TTT layer, {} heads of {}, chunks of {}, {}", options.work.heads, options.work.d,
                    options.work.chunk, speeds.empty() ? "" : speeds.front().device);
    return write_file_atomically(options.plot, log_log_chart(title, "tokens", "tokens/s", lines));
}

Result<void> bench_sequence(SequenceOptions options, const Job& job) {
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
    LACT_TRY(const auto speeds, measure_sequence_speed(options.work, job));
    if (options.json) {
        fmt::print("{}\n", as_json(options, speeds).dump(2));
    } else {
        print_table(options, speeds);
    }
    return options.plot.empty() ? Result<void>{} : save_plot(options, speeds);
}

}  // namespace

void add_bench_sequence(CLI::App& bench, Work& action) {
    auto* command = bench.add_subcommand(
        "sequence", "The TTT layer over long sequences: the recurrence and the parallel form");
    const auto options = std::make_shared<SequenceOptions>();
    SequenceWorkload& work = options->work;
    command
        ->add_option("--config", options->config,
                     "small: 4 heads of 64, chunks of 512; paper: 4 heads of 384, chunks of 2048")
        ->check(CLI::IsMember({"small", "paper"}))
        ->capture_default_str();
    command->add_option("--lengths", options->lengths, "Tokens (default: 4096 16384 65536 262144)")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 32));
    command->add_option("--variants", work.rows, "Rows of table 2: 0 is the baseline, 1 to 6 the variants")
        ->check(CLI::Range(0, table2_rows - 1));
    command->add_option("--device", work.compute.device, "auto, cpu, cuda or cuda:i")->capture_default_str();
    command->add_option("--precision", options->precision, "Of queries, keys and values: fp32 or bf16")
        ->capture_default_str();
    command->add_option("--ns", options->ns, "Of Newton-Schulz: bf16, fp16 or fp32")->capture_default_str();
    command->add_option("--threads", work.compute.threads, "CPU threads (0: one per core)")
        ->capture_default_str();
    command
        ->add_option("--segment", work.segment,
                     "Chunks that the parallel form takes at once (0: what suits the device)")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 20))
        ->capture_default_str();
    command->add_option("--repeats", work.repeats, "Timed runs of each form, in turns")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command->add_option("--seconds", work.seconds, "No further run once those of a row took so long")
        ->capture_default_str();
    command
        ->add_option("--clock", options->clock,
                     "wall; or cpu: the processor's time, for one thread on a machine that others use")
        ->check(CLI::IsMember({"wall", "cpu"}))
        ->capture_default_str();
    command->add_option("--plot", options->plot, "Write a chart of tokens a second over length (SVG)");
    command->add_flag("--json", options->json, "Print the result as JSON to stdout");
    command->callback(
        [options, &action] { action = [options](const Job& job) { return bench_sequence(*options, job); }; });
}

}  // namespace lact::app
