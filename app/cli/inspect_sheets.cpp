// `lactscope inspect`: matrices as heat maps (inputs, weights, state) and their spectra.
#include "app/cli/inspect_sheets.h"

#include "app/figures/contact_sheet.h"
#include "app/figures/heat_image.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact::app {

namespace {

constexpr std::array<FastMatrix, 3> all_matrices = {FastMatrix::w0, FastMatrix::w1, FastMatrix::w2};

const char* name_of(FastMatrix which) {
    return which == FastMatrix::w0 ? "w0" : which == FastMatrix::w1 ? "w1" : "w2";
}

/// A matrix under its caption; wide enough cells to be seen, one pixel for large ones.
NamedImage heat_map(const FormulaLink& mode, const std::string& name, const Matrix& matrix) {
    const std::vector<double> values(matrix.values.begin(), matrix.values.end());
    const double limit = largest_magnitude(values);
    const int cell = matrix.rows <= 128 && matrix.columns <= 128 ? 4 : matrix.columns <= 256 ? 2 : 1;
    return {name, contact_sheet(mode.title,
                                {{fmt::format("{}: {} x {}, blue -{:.3g} to red {:.3g}", name, matrix.rows,
                                              matrix.columns, limit, limit),
                                  {heat_image(values, matrix.columns, cell, ColourMap::diverging, limit)}}})};
}

nlohmann::json shape_of(const Matrix& matrix) {
    return {matrix.rows, matrix.columns};
}

void add(Findings& findings, const FormulaLink& mode, const std::string& name, const Matrix& matrix) {
    findings.figures["shapes"][name] = shape_of(matrix);
    findings.images.push_back(heat_map(mode, name, matrix));
}

Result<void> add_weights(Findings& findings, Inspection& inspection, const FormulaLink& mode) {
    constexpr std::array<std::pair<MatrixTime, const char*>, 3> times = {
        {{MatrixTime::initial, "initial"}, {MatrixTime::updated, "updated"}, {MatrixTime::change, "change"}}};
    for (const FastMatrix which : all_matrices) {
        for (const auto& [when, name] : times) {
            LACT_TRY(const Matrix matrix,
                     inspection.session().fast_weights({mode.place.layer, mode.place.head, which, when}));
            add(findings, mode, fmt::format("{}_{}", name_of(which), name), matrix);
        }
    }
    return {};
}

nlohmann::json norms_of(const Inspection& inspection, Result<void>& problem) {
    nlohmann::json result = nlohmann::json::array();
    const auto norms = inspection.norms();
    if (!norms) {
        problem = tl::unexpected<Error>(norms.error());
        return result;
    }
    for (const MatrixNorms& one : *norms) {
        result.push_back({{"layer", one.place.layer},
                          {"head", one.place.head},
                          {"matrix", name_of(one.which)},
                          {"initial", one.initial},
                          {"updated", one.updated},
                          {"change", one.change}});
    }
    return result;
}

}  // namespace

Result<Findings> export_inputs(Inspection& inspection, const FormulaLink& mode, const Job& job) {
    Findings findings;
    LACT_TRY(const Matrix k, inspection.linear_matrix(mode.place, LinearMatrix::k, 0, job));
    add(findings, mode, "k", k);
    LACT_TRY(const Matrix v, inspection.linear_matrix(mode.place, LinearMatrix::v, 0, job));
    add(findings, mode, "v", v);
    LACT_TRY(const Matrix q, inspection.read_matrix(mode.place, ReadMatrix::q, mode.query, job));
    add(findings, mode, "q", q);
    LACT_TRY(const Matrix o, inspection.read_matrix(mode.place, ReadMatrix::output, mode.query, job));
    add(findings, mode, "o", o);
    LACT_CHECK(add_weights(findings, inspection, mode));
    return findings;
}

Result<Findings> export_weights(Inspection& inspection, const FormulaLink& mode, const Job& /*job*/) {
    Findings findings;
    LACT_CHECK(add_weights(findings, inspection, mode));
    Result<void> problem;
    findings.figures["norms"] = norms_of(inspection, problem);
    LACT_CHECK(std::move(problem));
    return findings;
}

Result<Findings> export_spectrum(Inspection& inspection, const FormulaLink& mode, const Job& job) {
    LACT_TRY(const auto spectra, inspection.spectra(mode.place, job));
    LACT_TRY(const auto loss, inspection.inner_loss(mode.place, job));
    Findings findings;
    constexpr int width = 512;
    constexpr int strip = 60;
    std::vector<SheetRow> rows;
    for (const MatrixSpectrum& one : spectra) {
        findings.figures["spectra"].push_back({{"matrix", name_of(one.which)},
                                               {"gradient", one.gradient},
                                               {"orthogonalized", one.orthogonalized},
                                               {"change", one.change},
                                               {"effective_rank",
                                                {{"gradient", one.rank_gradient},
                                                 {"orthogonalized", one.rank_orthogonalized},
                                                 {"change", one.rank_change}}}});
        const auto strip_of = [&](const char* what, const std::vector<double>& sigma, double rank) {
            rows.push_back({fmt::format("{} {}: effective rank {:.1f} of {}", name_of(one.which), what, rank,
                                        sigma.size()),
                            {log_bars({sigma}, width, strip)}});
        };
        if (!one.gradient.empty()) {
            strip_of("gradient", one.gradient, one.rank_gradient);
            strip_of("after M", one.orthogonalized, one.rank_orthogonalized);
        }
        strip_of("whole change", one.change, one.rank_change);
    }
    for (const FastMatrix which : all_matrices) {
        LACT_TRY(const auto cosines, inspection.layer_cosines(mode.place.head, which));
        findings.figures["layer_cosines"][name_of(which)] = cosines;
    }
    findings.figures["inner_loss"] = {{"rule", loss.rule}, {"dot", loss.dot}};
    findings.images.push_back(
        {"spectrum", contact_sheet(mode.title + " - singular values, six decades", rows)});
    return findings;
}

Result<Findings> export_state(Inspection& inspection, const FormulaLink& mode, const Job& job) {
    constexpr std::array<std::pair<LinearMatrix, const char*>, 9> matrices = {
        {{LinearMatrix::keys, "phi_k"},
         {LinearMatrix::values, "v_hat"},
         {LinearMatrix::effective_values, "v_tilde"},
         {LinearMatrix::gradient, "g1"},
         {LinearMatrix::orthogonalized, "m_g1"},
         {LinearMatrix::initial_state, "s0"},
         {LinearMatrix::state_change, "s_change"},
         {LinearMatrix::state, "s"},
         {LinearMatrix::updated_w1, "w1_updated"}}};
    Findings findings;
    for (const auto& [which, name] : matrices) {
        LACT_TRY(const Matrix matrix, inspection.linear_matrix(mode.place, which, 0, job));
        add(findings, mode, name, matrix);
    }
    LACT_TRY(const EquivalenceRow row, inspection.difference(mode.place, mode.query.camera, job));
    findings.figures["difference"] = {{"rel", row.rel},           {"tolerance", row.tolerance},
                                      {"rel_fp64", row.rel_fp64}, {"running_precision", row.precision},
                                      {"phi_moved", row.moved},   {"status", row.status}};
    LACT_TRY(const auto views, inspection.view_gradients(mode.place, job));
    for (const ViewGradientShares& one : views) {
        findings.figures["view_gradients"].push_back(
            {{"matrix", name_of(one.which)}, {"norms", one.norms}, {"shares", one.shares}});
    }
    return findings;
}

// `lactscope inspect`: what concerns the photos (attention, shares, causes, rates), painted over them.
namespace {

constexpr int photos_in_a_row = 8;

/// How often a photo is enlarged to be seen.
int scale_of(const Image8& photo) {
    return std::max(1, 128 / std::max(photo.width, 1));
}

Image8 larger(const Image8& photo) {
    const int scale = scale_of(photo);
    Image8 image{photo.width * scale, photo.height * scale, 3, {}};
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x) {
            const auto at = (static_cast<std::ptrdiff_t>(y / scale) * photo.width + x / scale) * 3;
            image.pixels.insert(image.pixels.end(), photo.pixels.begin() + at, photo.pixels.begin() + at + 3);
        }
    }
    return image;
}

std::vector<Image8> photos_of(const Inspection& inspection) {
    std::vector<Image8> photos;
    for (const PreparedView& view : inspection.inputs()) {
        photos.push_back(larger(to_image8(*view.image)));
    }
    return photos;
}

/// Pictures under one caption, eight in a row.
void add_rows(std::vector<SheetRow>& rows, const std::string& label, std::vector<Image8> images) {
    for (std::size_t first = 0; first < images.size(); first += photos_in_a_row) {
        const auto last = std::min(images.size(), first + photos_in_a_row);
        SheetRow row{first == 0 ? label : "", {}};
        for (std::size_t i = first; i < last; ++i) {
            row.images.push_back(std::move(images[i]));
        }
        rows.push_back(std::move(row));
    }
}

/// One number a token over all photos.
std::vector<Image8> over_photos(const Inspection& inspection, const std::vector<double>& tokens,
                                ColourMap map, double limit) {
    const TokenGrid& grid = inspection.grid();
    const std::size_t patches = grid.tokens() / grid.views.size();
    const std::vector<Image8> photos = photos_of(inspection);
    std::vector<Image8> images;
    images.reserve(photos.size());
    for (std::size_t i = 0; i < photos.size(); ++i) {
        images.push_back(heat_over_photo(photos[i], std::span(tokens).subspan(i * patches, patches),
                                         grid.rows, grid.columns, map, limit));
    }
    return images;
}

Image8 asking_photo(const Inspection& inspection, const FormulaLink& mode) {
    Image8 photo = larger(mode.asking);
    if (mode.query.patch) {
        const TokenGrid& grid = inspection.grid();
        mark_patch(photo, (*mode.query.patch)[0], (*mode.query.patch)[1], grid.rows, grid.columns);
    }
    return photo;
}

std::string listed(const std::vector<double>& values) {
    std::vector<std::string> words;
    for (const double value : values) {
        words.push_back(fmt::format("{:+.3f}", value));
    }
    return fmt::format("{}", fmt::join(words, " "));
}

}  // namespace

Result<Findings> export_attention(Inspection& inspection, const FormulaLink& mode, const Job& job) {
    LACT_TRY(const AttentionMap map, inspection.attention(mode.place, mode.query, mode.factor, job));
    Findings findings;
    std::vector<SheetRow> rows;
    add_rows(rows, fmt::format("asks: view {}", mode.asking_view), {asking_photo(inspection, mode)});
    add_rows(rows, fmt::format("input photos {}", fmt::join(inspection.grid().views, " ")),
             photos_of(inspection));
    for (std::size_t step = 0; step < map.weights.size(); ++step) {
        const double limit = largest_magnitude(map.weights[step]);
        add_rows(rows,
                 fmt::format("weights a of inner step {}, {} side: -{:.3g} to {:.3g}", step + 1,
                             to_string(map.factor), limit, limit),
                 over_photos(inspection, map.weights[step], ColourMap::diverging, limit));
    }
    const double limit = largest_magnitude(map.tokens);
    add_rows(
        rows,
        fmt::format("shares {} and S0 {:+.3f}, sum 1; red adds, blue takes away", listed(map.views), map.s0),
        over_photos(inspection, map.tokens, ColourMap::diverging, limit));
    findings.images.push_back({"attention", contact_sheet(mode.scene_title + " - " + map.label, rows)});
    findings.figures = {{"label", map.label},
                        {"side", to_string(map.factor)},
                        {"views", inspection.grid().views},
                        {"shares", map.views},
                        {"s0", map.s0},
                        {"token_shares", map.tokens},
                        {"weights", map.weights}};
    return findings;
}

Result<Findings> export_causal(Inspection& inspection, const FormulaLink& mode, const Job& job) {
    Findings findings;
    std::vector<Image8> without;
    std::vector<std::vector<double>> differences;
    std::vector<std::string> words;
    double limit = 0;
    Image8 with;
    const std::size_t count = inspection.inputs().size();
    for (std::size_t i = 0; i < count; ++i) {
        job.progress("leaving photos out", static_cast<double>(i) / static_cast<double>(count));
        LACT_TRY(const CausalAnswer answer,
                 inspection.without_view(i, mode.query.camera, Job{{}, {}, job.stop}));
        with = larger(to_image8(answer.with));
        without.push_back(larger(to_image8(answer.without)));
        std::vector<double> magnitude;
        for (std::size_t p = 0; p < answer.with.rgb.size(); p += 3) {
            double sum = 0;
            for (std::size_t c = p; c < p + 3; ++c) {
                sum += std::abs(answer.with.rgb[c] - answer.without.rgb[c]);
            }
            magnitude.push_back(sum / 3);
        }
        limit = std::max(limit, largest_magnitude(magnitude));
        differences.push_back(std::move(magnitude));
        words.push_back(fmt::format("{:.4f}", answer.mean_difference));
        findings.figures["without"].push_back({{"view", inspection.grid().views[i]},
                                               {"mean_difference", answer.mean_difference},
                                               {"largest_difference", answer.largest_difference}});
    }
    std::vector<Image8> maps;
    maps.reserve(differences.size());
    const int width = mode.query.camera.width;
    for (const auto& values : differences) {
        maps.push_back(heat_image(values, width, scale_of(mode.asking), ColourMap::sequential, limit));
    }
    std::vector<SheetRow> rows;
    add_rows(rows, fmt::format("view {} and its picture with all photos", mode.asking_view),
             {larger(mode.asking), with});
    add_rows(rows, fmt::format("input photos {}", fmt::join(inspection.grid().views, " ")),
             photos_of(inspection));
    add_rows(rows, "rebuilt without each photo", std::move(without));
    add_rows(rows,
             fmt::format("difference, mean {}, yellow {:.3f}: which photo this comes from",
                         fmt::join(words, " "), limit),
             std::move(maps));
    findings.images.push_back(
        {"causal", contact_sheet(mode.scene_title + " - from real set-ups without each photo", rows)});
    return findings;
}

Result<Findings> export_rates(Inspection& inspection, const FormulaLink& mode, const Job& job) {
    LACT_TRY(const TokenRates rates, inspection.rates(mode.place, job));
    Findings findings;
    std::vector<SheetRow> rows;
    add_rows(rows, fmt::format("input photos {}", fmt::join(inspection.grid().views, " ")),
             photos_of(inspection));
    const auto add = [&](const char* name, const std::vector<double>& values) {
        const double limit = largest_magnitude(values);
        add_rows(rows, fmt::format("rates of {}: 0 to {:.3g}", name, limit),
                 over_photos(inspection, values, ColourMap::sequential, limit));
        findings.figures[name] = values;
    };
    add("W0", rates.w0);
    add("W1", rates.w1);
    add("W2", rates.w2);
    findings.figures["used"] = rates.used;
    const std::string note = rates.used ? "" : " - the rule does not use them";
    findings.images.push_back({"rates", contact_sheet(mode.title + " - per-token rates" + note, rows)});
    return findings;
}

}  // namespace lact::app
