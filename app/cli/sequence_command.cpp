// `lactscope sequence`: the TTT layer on a sequence of random tokens, and the modules of ViTTT on an image.
#include "app/cli/command_line.h"
#include "app/cli/options.h"
#include "app/figures/contact_sheet.h"
#include "app/figures/enlarge.h"
#include "app/figures/heat_image.h"
#include "app/platform/terminal.h"
#include "engine/core/counted.h"
#include "engine/core/files.h"
#include "engine/core/output_path.h"
#include "engine/core/text_file.h"
#include "engine/session/sequence_example.h"
#include "engine/session/vittt_example.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

struct SequenceOptions {
    SequenceExampleOptions sequence;
    VitttExampleOptions image;
    std::string file;  ///< Image for ViTTT; empty: a generated one.
    std::string output = "out/sequence";
    bool demo = false;
    bool json = false;
    bool no_muon = false;
};

constexpr int sheet_width = 832;      // pixels
constexpr int largest_square = 1024;  // pixels across an image of chunks by chunks
/// Coefficients of a variant that are written as JSON: the 4096 by 4096 of the longest sequence in chunks of
/// one token would be hundreds of megabytes.
constexpr std::size_t most_json_coefficients = std::size_t{128} * 128;

std::vector<double> doubles(const Matrix& matrix) {
    return {matrix.values.begin(), matrix.values.end()};
}

/// Heat map of outputs (tokens, channels): channels down, tokens across.
Image8 outputs_image(const Matrix& outputs, double limit) {
    const auto rows = static_cast<std::size_t>(outputs.rows);
    const auto columns = static_cast<std::size_t>(outputs.columns);
    std::vector<double> transposed(rows * columns);
    for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t c = 0; c < columns; ++c) {
            transposed[c * rows + r] = static_cast<double>(outputs.values[r * columns + c]);
        }
    }
    return heat_image(transposed, outputs.rows, std::max(1, sheet_width / outputs.rows), ColourMap::diverging,
                      limit);
}

/// One column per token: chunks as blocks with a gap between them, brighter the larger their `number`.
Image8 blocks_image(const SequenceExample& example, double SequenceChunk::*number) {
    std::vector<double> values;
    double largest = 1e-12;
    for (const SequenceChunk& chunk : example.chunks) {
        largest = std::max(largest, chunk.*number);
        for (std::int64_t i = 0; i < chunk.count; ++i) {
            values.push_back(i + 1 == chunk.count && chunk.count > 1 ? 0.0 : chunk.*number);  // the gap
        }
    }
    const int columns = static_cast<int>(values.size());
    std::vector<double> four;
    for (int row = 0; row < 4; ++row) {
        four.insert(four.end(), values.begin(), values.end());
    }
    return heat_image(four, columns, std::max(1, sheet_width / columns), ColourMap::sequential, largest);
}

/// The first `largest_square` rows and columns at most, in an image of at most so many pixels across.
Image8 square_image(const Matrix& matrix) {
    const int rows = std::min(matrix.rows, largest_square);
    const int columns = std::min(matrix.columns, largest_square);
    std::vector<double> values;
    values.reserve(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
    for (int r = 0; r < rows; ++r) {
        const auto first = matrix.values.begin() + static_cast<std::ptrdiff_t>(r) * matrix.columns;
        values.insert(values.end(), first, first + columns);
    }
    const int shown = std::max(columns, 1);
    const int cell = std::clamp(largest_square / shown, 1, std::max(4, 280 / shown));
    return heat_image(values, columns, cell, ColourMap::sequential, largest_magnitude(values));
}

/// What square_image() leaves out.
std::string left_out_text(const Matrix& matrix) {
    return matrix.columns <= largest_square
               ? std::string()
               : fmt::format("; the first {} of {} only", largest_square, counted(matrix.columns, "chunk"));
}

SheetRow chunk_maps(const SequenceExample& example) {
    const std::string left_out = left_out_text(example.momentum);
    if (!example.no_coefficients_because.empty()) {
        return {"A, products of momentum; no coefficients C: " + example.no_coefficients_because + left_out,
                {square_image(example.momentum)}};
    }
    return {
        "C, from tril(1) A (weight of an earlier chunk, column, for a querying chunk, row)  |  A, products "
        "of momentum" +
            left_out,
        {square_image(example.coefficients), square_image(example.momentum)}};
}

std::vector<SheetRow> sequence_rows(const SequenceExample& example) {
    const std::vector<double> recurrent = doubles(example.recurrent);
    const std::vector<double> difference = doubles(example.difference);
    const double limit = largest_magnitude(recurrent);
    const double off = largest_magnitude(difference);
    return {
        {fmt::format("{} of {}; brightness: norm of W1 after each chunk, up to {:.3g}",
                     counted(example.chunks.size(), "chunk"), counted(example.options.chunk, "token"),
                     std::ranges::max_element(example.chunks, {}, &SequenceChunk::state_norm)->state_norm),
         {blocks_image(example, &SequenceChunk::state_norm)}},
        {"norm of the momentum buffer of each chunk, before Muon",
         {blocks_image(example, &SequenceChunk::gradient_norm)}},
        chunk_maps(example),
        {fmt::format("outputs of the recurrent form, head {}: channels down, tokens across, up to {:.3g}",
                     example.options.head, limit),
         {outputs_image(example.recurrent, limit)}},
        {"outputs of the " + example.other_name, {outputs_image(example.other, limit)}},
        {fmt::format("their difference, up to {:.1e}: {:.1e} of the largest output", off,
                     example.largest_difference),
         {outputs_image(example.difference, off)}}};
}

Result<Image8> enlarged(const Image8& small) {
    return enlarge(small, VitttExample::position_pixels, EnlargeFilter::nearest);
}

Image8 marked(Image8 image, const VitttExample& example, const std::array<int, 2>& at) {
    mark_patch(image, at[0], at[1], example.rows(), example.columns());
    return image;
}

/// An output of 0, as an image of one colour gives, has no shares: they are NaN.
std::string initial_text(double share) {
    return std::isnan(share) ? std::string("its output is 0 and has no shares")
                             : fmt::format("initial weights {:+.2f}", share);
}

/// Attention of three positions in both modules.
Result<std::vector<SheetRow>> vittt_rows(const VitttExample& example, nlohmann::json& figures) {
    LACT_TRY(Image8 glu, enlarged(example.glu_image()));
    LACT_TRY(Image8 conv, enlarged(example.conv_image()));
    std::vector<SheetRow> rows = {
        {fmt::format(
             "image  |  output of the GLU (equivalent within {:.1e})  |  of the convolution (within {:.1e})",
             example.glu_difference(), example.conv_difference()),
         {example.image(), std::move(glu), std::move(conv)}}};
    for (const double part : {0.25, 0.5, 0.75}) {
        const std::array<int, 2> at = {static_cast<int>(part * example.columns()),
                                       static_cast<int>(part * example.rows())};
        LACT_TRY(const VitttAttention map, example.attention(at[0], at[1]));
        const auto painted = [&](const std::vector<double>& shares) {
            return marked(heat_over_photo(example.image(), shares, example.rows(), example.columns(),
                                          ColourMap::diverging, largest_magnitude(shares)),
                          example, at);
        };
        rows.push_back({fmt::format("attention of position {}, {}: GLU ({})  |  convolution ({})", at[0],
                                    at[1], initial_text(map.glu_initial), initial_text(map.conv_initial)),
                        {marked(example.image(), example, at), painted(map.glu), painted(map.conv)}});
        figures.push_back({{"position", at},
                           {"glu_initial", map.glu_initial},
                           {"conv_initial", map.conv_initial},
                           {"glu", map.glu},
                           {"conv", map.conv}});
    }
    return rows;
}

/// Why the coefficients are not in the JSON; empty where they are.
std::string no_coefficients_because(const SequenceExample& example) {
    if (!example.no_coefficients_because.empty()) {
        return example.no_coefficients_because;
    }
    const std::size_t count = example.coefficients.values.size();
    return count <= most_json_coefficients
               ? std::string()
               : fmt::format(
                     "they are {} numbers, and at most {} are written: use longer chunks or fewer tokens",
                     count, most_json_coefficients);
}

nlohmann::json to_json(const SequenceExampleOptions& options) {
    return {{"tokens", options.tokens}, {"chunk", options.chunk},
            {"heads", options.heads},   {"width", options.d},
            {"head", options.head},     {"momentum", options.momentum},
            {"muon", options.muon},     {"update_first", options.update_first},
            {"seed", options.seed}};
}

nlohmann::json to_json(const SequenceExample& example) {
    nlohmann::json chunks = nlohmann::json::array();
    for (const SequenceChunk& chunk : example.chunks) {
        chunks.push_back({{"first", chunk.first},
                          {"tokens", chunk.count},
                          {"momentum", chunk.alpha},
                          {"buffer_norm", chunk.gradient_norm},
                          {"state_norm", chunk.state_norm},
                          {"change_norm", chunk.change_norm}});
    }
    const std::string no_coefficients = no_coefficients_because(example);
    return {{"variant", example.options.row},
            {"rule", example.rule},
            {"other", example.other_name},
            {"no_parallel_because", example.no_parallel_because},
            {"difference_fp64",
             example.difference_fp64 ? nlohmann::json(*example.difference_fp64) : nlohmann::json(nullptr)},
            {"equal", example.equal},
            {"largest_difference", example.largest_difference},
            {"chunks", chunks},
            {"no_coefficients_because", no_coefficients},
            {"coefficients", no_coefficients.empty() ? nlohmann::json(example.coefficients.values)
                                                     : nlohmann::json(nullptr)}};
}

Result<void> save(const Image8& image, const std::filesystem::path& path) {
    LACT_TRY(const std::string png, encode_png(image, {{"Software", "lactscope " LACT_VERSION}}));
    return write_file_atomically(path, png);
}

void print_rows(const std::vector<SequenceExample>& examples) {
    for (const SequenceExample& example : examples) {
        print_err("{:<10}  {:<27} differs by {} in fp64 ({:.1e} in fp32){}\n",
                  table2_name(example.options.row), example.other_name,
                  example.difference_fp64 ? fmt::format("{:.1e}", *example.difference_fp64) : "nothing read",
                  example.largest_difference,
                  example.no_parallel_because.empty() ? "" : "  (" + example.no_parallel_because + ")");
    }
}

Result<void> write_figures(const SequenceOptions& options, const SequenceExample& chosen,
                           nlohmann::json& figures) {
    LACT_TRY(const Image8 image,
             options.file.empty() ? Result<Image8>(generated_image()) : load_rgb(options.file));
    LACT_TRY(const VitttExample vittt, VitttExample::of(image, options.image));
    std::error_code problem;
    std::filesystem::create_directories(options.output, problem);
    if (problem) {
        return fail(options.output, "cannot be created: " + problem.message(),
                    "Choose another folder with -o.");
    }
    const std::filesystem::path folder = options.output;
    const std::string title = fmt::format("{}: {}; random tokens (seed {}), not a trained language model",
                                          table2_name(chosen.options.row), chosen.rule, chosen.options.seed);
    LACT_CHECK(save(contact_sheet(title, sequence_rows(chosen)), folder / "sequence.png"));
    figures["vittt"] = nlohmann::json::array();
    LACT_TRY(const auto rows, vittt_rows(vittt, figures["vittt"]));
    LACT_CHECK(save(
        contact_sheet(fmt::format("LaCT Scope - the two modules of ViTTT, random projections with q = k and "
                                  "values times {:g}, not a trained network",
                                  VitttExample::value_scale),
                      rows),
        folder / "vittt.png"));
    LACT_CHECK(write_file_atomically(folder / "sequence.json", dump_json(figures, 1)));
    print_err("{}, {}, {}\n", (folder / "sequence.png").string(), (folder / "vittt.png").string(),
              (folder / "sequence.json").string());
    return {};
}

Result<void> run_sequence_command(SequenceOptions options, const Job& job) {
    options.sequence.muon = !options.no_muon;
    if (options.demo) {
        LACT_CHECK(check_output_folder(options.output));
    }
    std::vector<SequenceExample> examples;
    nlohmann::json figures = {{"program", "LaCT Scope " LACT_VERSION},
                              {"random_tokens", to_json(options.sequence)},
                              {"variants", nlohmann::json::array()}};
    for (int row = 0; row < table2_rows; ++row) {
        SequenceExampleOptions one = options.sequence;
        one.row = row;
        LACT_TRY(SequenceExample example, sequence_example(one, job));
        figures["variants"].push_back(to_json(example));
        if (row != options.sequence.row) {  // Only one is shown, and both hold chunks by chunks.
            example.coefficients = {};
            example.momentum = {};
        }
        examples.push_back(std::move(example));
    }
    print_rows(examples);
    if (options.demo) {
        LACT_CHECK(write_figures(options, examples[static_cast<std::size_t>(options.sequence.row)], figures));
    }
    if (options.json) {
        print_out("{}\n", dump_json(figures, 2));
    }
    return {};
}

}  // namespace

void add_sequence_command(CLI::App& app, CommandAction& action) {
    auto* command = app.add_subcommand(
        "sequence", "Compare recurrent and parallel form of the TTT layer on random tokens");
    const auto options = std::make_shared<SequenceOptions>();
    SequenceExampleOptions& sequence = options->sequence;
    CLI::Option* demo = command->add_flag(
        "--demo", options->demo, "Write figures of the sequence and of the modules of ViTTT on an image");
    command->add_option("-o,--output", options->output, "Folder for the figures")
        ->needs(demo)
        ->capture_default_str();
    command->add_option("--image", options->file, "Image for the modules of ViTTT (default: a generated one)")
        ->needs(demo);
    command->add_flag("--rotary", options->image.rotary, "Use rotary positions in the GLU of ViTTT")
        ->needs(demo);
    command
        ->add_option("--variant", sequence.row,
                     "Row of table 2 in the figures: 0 (baseline), 1 to 6 (variants)")
        ->needs(demo)
        ->check(CLI::Range(0, table2_rows - 1))
        ->capture_default_str();
    command->add_option("--tokens", sequence.tokens, "Sequence length in tokens")->capture_default_str();
    command->add_option("--chunk", sequence.chunk, "Tokens per chunk")->capture_default_str();
    command->add_option("--heads", sequence.heads, "Number of heads")->capture_default_str();
    command->add_option("--width", sequence.d, "Width of a head")->capture_default_str();
    command->add_option("--head", sequence.head, "Head in the figures, from 0")->capture_default_str();
    command->add_option("--momentum", sequence.momentum, "Mean momentum")->capture_default_str();
    command->add_flag("--no-muon", options->no_muon, "Omit Newton-Schulz in every variant");
    command->add_flag("--update-first", sequence.update_first,
                      "Update before applying (LaCT-LLM applies first)");
    command->add_option("--seed", sequence.seed, "Seed of the random tokens")->capture_default_str();
    add_json_flag(*command, options->json);
    command->callback([options, &action] {
        action = [options](const Job& job) { return run_sequence_command(*options, job); };
    });
}

}  // namespace lact::app
