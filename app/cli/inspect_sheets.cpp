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

/// A matrix as a heat map under its caption: cells of 4 pixels, of 1 pixel for large matrices.
NamedImage heat_map(const InspectionTarget& target, const std::string& name, const Matrix& matrix) {
    const std::vector<double> values(matrix.values.begin(), matrix.values.end());
    const double limit = largest_magnitude(values);
    const int cell = matrix.rows <= 128 && matrix.columns <= 128 ? 4 : matrix.columns <= 256 ? 2 : 1;
    return {name, contact_sheet(target.title,
                                {{fmt::format("{}: {} x {}, blue -{:.3g} to red {:.3g}", name, matrix.rows,
                                              matrix.columns, limit, limit),
                                  {heat_image(values, matrix.columns, cell, ColourMap::diverging, limit)}}})};
}

nlohmann::json shape_of(const Matrix& matrix) {
    return {matrix.rows, matrix.columns};
}

void add(InspectionExport& result, const InspectionTarget& target, const std::string& name,
         const Matrix& matrix) {
    result.figures["shapes"][name] = shape_of(matrix);
    result.images.push_back(heat_map(target, name, matrix));
}

Result<void> add_weights(InspectionExport& result, Inspection& inspection, const InspectionTarget& target) {
    constexpr std::array<std::pair<MatrixTime, const char*>, 3> times = {
        {{MatrixTime::initial, "initial"}, {MatrixTime::updated, "updated"}, {MatrixTime::change, "change"}}};
    for (const FastMatrix which : all_matrices) {
        for (const auto& [when, name] : times) {
            LACT_TRY(const Matrix matrix,
                     inspection.session().fast_weights({target.place.layer, target.place.head, which, when}));
            add(result, target, fmt::format("{}_{}", name_of(which), name), matrix);
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

Result<InspectionExport> export_inputs(Inspection& inspection, const InspectionTarget& target,
                                       const Job& job) {
    InspectionExport result;
    LACT_TRY(const Matrix k, inspection.linear_matrix(target.place, LinearMatrix::k, 0, job));
    add(result, target, "k", k);
    LACT_TRY(const Matrix v, inspection.linear_matrix(target.place, LinearMatrix::v, 0, job));
    add(result, target, "v", v);
    LACT_TRY(const Matrix q, inspection.read_matrix(target.place, ReadMatrix::q, target.query, job));
    add(result, target, "q", q);
    LACT_TRY(const Matrix o, inspection.read_matrix(target.place, ReadMatrix::output, target.query, job));
    add(result, target, "o", o);
    LACT_CHECK(add_weights(result, inspection, target));
    return result;
}

Result<InspectionExport> export_weights(Inspection& inspection, const InspectionTarget& target,
                                        const Job& /*job*/) {
    InspectionExport result;
    LACT_CHECK(add_weights(result, inspection, target));
    Result<void> problem;
    result.figures["norms"] = norms_of(inspection, problem);
    LACT_CHECK(std::move(problem));
    return result;
}

Result<InspectionExport> export_spectrum(Inspection& inspection, const InspectionTarget& target,
                                         const Job& job) {
    LACT_TRY(const auto spectra, inspection.spectra(target.place, job));
    LACT_TRY(const auto loss, inspection.inner_loss(target.place, job));
    InspectionExport result;
    constexpr int width = 512;
    constexpr int strip = 60;
    std::vector<SheetRow> rows;
    const auto rank_of = [](const std::vector<double>& sigma, double rank) {
        return sigma.empty() ? nlohmann::json(nullptr) : nlohmann::json(rank);
    };
    for (const MatrixSpectrum& one : spectra) {
        result.figures["spectra"].push_back(
            {{"matrix", name_of(one.which)},
             {"gradient", one.gradient},
             {"orthogonalized", one.orthogonalized},
             {"change", one.change},
             {"effective_rank",
              {{"gradient", rank_of(one.gradient, one.rank_gradient)},
               {"orthogonalized", rank_of(one.orthogonalized, one.rank_orthogonalized)},
               {"change", one.rank_change}}}});
        const auto strip_of = [&](const char* what, const std::vector<double>& sigma, double rank) {
            rows.push_back({fmt::format("{} {}: effective rank {:.1f} of {}", name_of(one.which), what, rank,
                                        sigma.size()),
                            {log_bars({sigma}, width, strip)}});
        };
        if (!one.gradient.empty()) {
            strip_of("gradient of step 1", one.gradient, one.rank_gradient);
        }
        if (!one.orthogonalized.empty()) {
            strip_of("gradient of step 1 after M", one.orthogonalized, one.rank_orthogonalized);
        }
        strip_of("whole change", one.change, one.rank_change);
    }
    // Gradients; the change is that of all steps. Files count steps from 0, captions from 1.
    result.figures["of_inner_step"] = 0;
    result.figures["inner_loss"] = {{"rule", loss.rule}, {"dot", loss.dot}};
    result.images.push_back(
        {"spectrum", contact_sheet(target.title + " - singular values, six decades", rows)});
    return result;
}

namespace {

nlohmann::json figures_of(const MatrixDistance& distance, const std::string& text) {
    return {{"largest", distance.largest}, {"frobenius", distance.frobenius}, {"text", text}};
}

}  // namespace

nlohmann::json figures_of(const EquivalenceRow& row) {
    nlohmann::json figures = {{"tolerance_fp64", row.limit}, {"status", row.status}};
    const auto add = [&](const char* name, const nlohmann::json& value) {
        figures[name] = row.applicable() ? value : nlohmann::json(nullptr);
    };
    add("rel_fp64", row.rel_fp64);
    add("step_by_step_fp64", row.step_by_step_fp64);
    add("rel", row.rel_fp32);
    add("step_by_step", row.step_by_step_fp32);
    add("fp32_rounding", row.rounding_fp32);
    add("running_precision", row.precision);
    add("phi_moved", row.moved);
    return figures;
}

Result<InspectionExport> export_state(Inspection& inspection, const InspectionTarget& target,
                                      const Job& job) {
    constexpr std::array<std::pair<LinearMatrix, const char*>, 10> matrices = {
        {{LinearMatrix::keys, "phi_k"},
         {LinearMatrix::values, "v_hat"},
         {LinearMatrix::effective_values, "v_tilde"},
         {LinearMatrix::gradient, "g1"},
         {LinearMatrix::orthogonalized, "m_g1"},
         {LinearMatrix::initial_state, "s0"},
         {LinearMatrix::state_change, "s_change"},
         {LinearMatrix::state, "s"},
         {LinearMatrix::updated_w1, "w1_updated"},
         {LinearMatrix::exact_w1, "w1_recomputed"}}};
    InspectionExport result;
    for (const auto& [which, name] : matrices) {
        LACT_TRY(const Matrix matrix, inspection.linear_matrix(target.place, which, 0, job));
        add(result, target, name, matrix);
    }
    result.figures["of_inner_step"] = 0;  // Keys, values and gradients; S and its change are of all steps.
    LACT_TRY(const EquivalenceRow row, inspection.difference(target.place, target.query.camera, job));
    result.figures["difference"] = figures_of(row);
    LACT_TRY(const StateDistance distance, inspection.state_distance(target.place, job));
    result.figures["w1_against_s"] = {
        {"running", figures_of(distance.running, distance_text(distance, /*recomputed=*/false))},
        {"recomputed", figures_of(distance.exact, distance_text(distance, /*recomputed=*/true))}};
    job.say(distance_text(distance, /*recomputed=*/false));
    job.say(distance_text(distance, /*recomputed=*/true));
    LACT_TRY(const auto views, inspection.view_gradients(target.place, job));
    for (const ViewGradientShares& one : views) {
        result.figures["view_gradients"].push_back(
            {{"matrix", name_of(one.which)}, {"norms", one.norms}, {"shares", one.shares}});
    }
    return result;
}

// Values per token (attention, shares, leave-one-out, rates) as heat maps over the input photos.
namespace {

constexpr int images_per_row = 8;

/// Enlargement of a photo, to a width of at least 128 pixels where it is smaller.
int photo_scale(const Image8& photo) {
    constexpr int least_width = 128;
    const int width = std::max(photo.width, 1);
    return (least_width + width - 1) / width;
}

Image8 enlarge_photo(const Image8& photo) {
    const int scale = photo_scale(photo);
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
        photos.push_back(enlarge_photo(to_image8(*view.image)));
    }
    return photos;
}

/// Images under one caption, eight per row.
void add_rows(std::vector<SheetRow>& rows, const std::string& label, std::vector<Image8> images) {
    for (std::size_t first = 0; first < images.size(); first += images_per_row) {
        const auto last = std::min(images.size(), first + images_per_row);
        SheetRow row{first == 0 ? label : "", {}};
        for (std::size_t i = first; i < last; ++i) {
            row.images.push_back(std::move(images[i]));
        }
        rows.push_back(std::move(row));
    }
}

/// One value per token, over all photos.
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

Image8 query_photo(const Inspection& inspection, const InspectionTarget& target) {
    Image8 photo = enlarge_photo(target.photo);
    if (target.query.patch) {
        const TokenGrid& grid = inspection.grid();
        mark_patch(photo, (*target.query.patch)[0], (*target.query.patch)[1], grid.rows, grid.columns);
    }
    return photo;
}

std::string format_signed(const std::vector<double>& values) {
    std::vector<std::string> words;
    for (const double value : values) {
        words.push_back(fmt::format("{:+.3f}", value));
    }
    return fmt::format("{}", fmt::join(words, " "));
}

}  // namespace

namespace {

/// The cancellation of token shares, the mean answer, and the spread of a row.
std::string sums_text(const AttentionMap& map) {
    std::string text = fmt::format("tokens: sum of |s| {:.2f}, of s {:.2f}; mean(o) is {:.0f} % of |o|^2",
                                   map.absolute_sum, map.sum, 100 * map.mean_fraction);
    if (!map.entropy_bits.empty()) {
        text += fmt::format("; entropy of |a| {:.1f} of {:.1f} bits", map.entropy_bits.front(),
                            std::log2(static_cast<double>(map.tokens.size())));
    }
    return text;
}

}  // namespace

Result<InspectionExport> export_attention(Inspection& inspection, const InspectionTarget& target,
                                          const Job& job) {
    LACT_TRY(const AttentionMap map, inspection.attention(target.place, target.query, target.attention, job));
    InspectionExport result;
    std::vector<SheetRow> rows;
    add_rows(rows, fmt::format("query: view {}", target.query_view), {query_photo(inspection, target)});
    add_rows(rows, fmt::format("input photos {}", fmt::join(inspection.grid().views, " ")),
             photos_of(inspection));
    for (std::size_t step = 0; step < map.weights.size(); ++step) {
        const double limit = largest_magnitude(map.weights[step]);
        add_rows(rows,
                 fmt::format("weights a of inner step {}, {} side: -{:.3g} to {:.3g}", step + 1,
                             to_string(map.options.factor), limit, limit),
                 over_photos(inspection, map.weights[step], ColourMap::diverging, limit));
    }
    const double limit = largest_magnitude(map.tokens);
    add_rows(rows,
             fmt::format("shares of {} {} and S0 {:+.3f}, sum 1; {}",
                         map.options.of == ShareOf::centred ? "o - mean(o)" : "o", format_signed(map.views),
                         map.s0, sums_text(map)),
             over_photos(inspection, map.tokens, ColourMap::diverging, limit));
    result.images.push_back({"attention", contact_sheet(target.scene_title + " - " + map.label, rows)});
    result.figures = {{"label", map.label},
                      {"side", to_string(map.options.factor)},
                      {"shares_of", to_string(map.options.of)},
                      {"views", inspection.grid().views},
                      {"shares", map.views},
                      {"s0", map.s0},
                      {"token_shares", map.tokens},
                      {"sum", map.sum},
                      {"absolute_sum", map.absolute_sum},
                      {"entropy_bits", map.entropy_bits},
                      {"mean_fraction", map.mean_fraction},
                      {"weights", map.weights}};
    return result;
}

Result<InspectionExport> export_causal(Inspection& inspection, const InspectionTarget& target,
                                       const Job& job) {
    InspectionExport result;
    std::vector<Image8> without;
    std::vector<std::vector<double>> differences;
    std::vector<std::string> words;
    double limit = 0;
    Image8 with;
    const std::size_t count = inspection.inputs().size();
    for (std::size_t i = 0; i < count; ++i) {
        job.progress("leaving photos out", static_cast<double>(i) / static_cast<double>(count));
        LACT_TRY(const CausalAnswer answer,
                 inspection.without_view(i, target.query.camera, Job{{}, {}, job.stop}));
        with = enlarge_photo(to_image8(answer.with));
        without.push_back(enlarge_photo(to_image8(answer.without)));
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
        result.figures["without"].push_back({{"view", inspection.grid().views[i]},
                                             {"mean_difference", answer.mean_difference},
                                             {"largest_difference", answer.largest_difference}});
    }
    std::vector<Image8> maps;
    maps.reserve(differences.size());
    const int width = target.query.camera.width;
    for (const auto& values : differences) {
        maps.push_back(heat_image(values, width, photo_scale(target.photo), ColourMap::sequential, limit));
    }
    std::vector<SheetRow> rows;
    add_rows(rows, fmt::format("view {} and its rendering from all photos", target.query_view),
             {enlarge_photo(target.photo), with});
    add_rows(rows, fmt::format("input photos {}", fmt::join(inspection.grid().views, " ")),
             photos_of(inspection));
    add_rows(rows, "rendered without each photo", std::move(without));
    add_rows(rows,
             fmt::format("difference, mean {}, yellow {:.3f}: effect of leaving each photo out",
                         fmt::join(words, " "), limit),
             std::move(maps));
    result.images.push_back(
        {"causal", contact_sheet(target.scene_title + " - set up again without each photo", rows)});
    return result;
}

Result<InspectionExport> export_rates(Inspection& inspection, const InspectionTarget& target,
                                      const Job& job) {
    LACT_TRY(const TokenRates rates, inspection.rates(target.place, job));
    InspectionExport result;
    std::vector<SheetRow> rows;
    add_rows(rows, fmt::format("input photos {}", fmt::join(inspection.grid().views, " ")),
             photos_of(inspection));
    const auto add = [&](const char* name, const std::vector<double>& values, bool used) {
        const double limit = largest_magnitude(values);
        add_rows(rows,
                 fmt::format("rates of {}: 0 to {:.3g}{}", name, limit, used ? "" : ", unused by the rule"),
                 over_photos(inspection, values, ColourMap::sequential, limit));
        result.figures[name] = values;
        result.figures["used"][name] = used;
    };
    add("W0", rates.w0, rates.used[0]);
    add("W1", rates.w1, rates.used[1]);
    add("W2", rates.w2, rates.used[2]);
    result.images.push_back({"rates", contact_sheet(target.title + " - per-token rates", rows)});
    return result;
}

}  // namespace lact::app
