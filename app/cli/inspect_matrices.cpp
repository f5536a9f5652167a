// `lactscope inspect`: matrices as heat maps (inputs, weights, state) and their spectra.
#include "app/cli/inspect_sheets.h"
#include "app/picture/contact_sheet.h"
#include "app/picture/heat_picture.h"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace lact::app {
namespace {

constexpr std::array<FastMatrix, 3> all_matrices = {FastMatrix::w0, FastMatrix::w1, FastMatrix::w2};

const char* name_of(FastMatrix which) {
    return which == FastMatrix::w0 ? "w0" : which == FastMatrix::w1 ? "w1" : "w2";
}

/// A matrix under its caption; wide enough cells to be seen, one pixel for large ones.
NamedPicture heat_map(const Look& look, const std::string& name, const Matrix& matrix) {
    const std::vector<double> values(matrix.values.begin(), matrix.values.end());
    const double limit = largest_magnitude(values);
    const int cell = matrix.rows <= 128 && matrix.columns <= 128 ? 4 : matrix.columns <= 256 ? 2 : 1;
    return {name, contact_sheet(look.title,
                                {{fmt::format("{}: {} x {}, blue -{:.3g} to red {:.3g}", name, matrix.rows,
                                              matrix.columns, limit, limit),
                                  {heat_picture(values, matrix.columns, cell, Colours::diverging, limit)}}})};
}

nlohmann::json shape_of(const Matrix& matrix) {
    return {matrix.rows, matrix.columns};
}

void add(Findings& findings, const Look& look, const std::string& name, const Matrix& matrix) {
    findings.figures["shapes"][name] = shape_of(matrix);
    findings.pictures.push_back(heat_map(look, name, matrix));
}

Result<void> add_weights(Findings& findings, Inspection& inspection, const Look& look) {
    constexpr std::array<std::pair<MatrixTime, const char*>, 3> times = {
        {{MatrixTime::initial, "initial"}, {MatrixTime::updated, "updated"}, {MatrixTime::change, "change"}}};
    for (const FastMatrix which : all_matrices) {
        for (const auto& [when, name] : times) {
            LACT_TRY(const Matrix matrix,
                     inspection.session().fast_weights({look.place.layer, look.place.head, which, when}));
            add(findings, look, fmt::format("{}_{}", name_of(which), name), matrix);
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

Result<Findings> look_at_inputs(Inspection& inspection, const Look& look, const Job& job) {
    Findings findings;
    LACT_TRY(const Matrix k, inspection.twin_matrix(look.place, TwinMatrix::k, 0, job));
    add(findings, look, "k", k);
    LACT_TRY(const Matrix v, inspection.twin_matrix(look.place, TwinMatrix::v, 0, job));
    add(findings, look, "v", v);
    LACT_TRY(const Matrix q, inspection.read_matrix(look.place, ReadMatrix::q, look.query, job));
    add(findings, look, "q", q);
    LACT_TRY(const Matrix o, inspection.read_matrix(look.place, ReadMatrix::output, look.query, job));
    add(findings, look, "o", o);
    LACT_CHECK(add_weights(findings, inspection, look));
    return findings;
}

Result<Findings> look_at_weights(Inspection& inspection, const Look& look, const Job& /*job*/) {
    Findings findings;
    LACT_CHECK(add_weights(findings, inspection, look));
    Result<void> problem;
    findings.figures["norms"] = norms_of(inspection, problem);
    LACT_CHECK(std::move(problem));
    return findings;
}

Result<Findings> look_at_spectrum(Inspection& inspection, const Look& look, const Job& job) {
    LACT_TRY(const auto spectra, inspection.spectra(look.place, job));
    LACT_TRY(const auto loss, inspection.inner_loss(look.place, job));
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
        LACT_TRY(const auto cosines, inspection.layer_cosines(look.place.head, which));
        findings.figures["layer_cosines"][name_of(which)] = cosines;
    }
    findings.figures["inner_loss"] = {{"rule", loss.rule}, {"dot", loss.dot}};
    findings.pictures.push_back(
        {"spectrum", contact_sheet(look.title + " - singular values, six decades", rows)});
    return findings;
}

Result<Findings> look_at_state(Inspection& inspection, const Look& look, const Job& job) {
    constexpr std::array<std::pair<TwinMatrix, const char*>, 9> matrices = {
        {{TwinMatrix::keys, "phi_k"},
         {TwinMatrix::values, "v_hat"},
         {TwinMatrix::effective_values, "v_tilde"},
         {TwinMatrix::gradient, "g1"},
         {TwinMatrix::orthogonalized, "m_g1"},
         {TwinMatrix::initial_state, "s0"},
         {TwinMatrix::state_change, "s_change"},
         {TwinMatrix::state, "s"},
         {TwinMatrix::updated_w1, "w1_updated"}}};
    Findings findings;
    for (const auto& [which, name] : matrices) {
        LACT_TRY(const Matrix matrix, inspection.twin_matrix(look.place, which, 0, job));
        add(findings, look, name, matrix);
    }
    LACT_TRY(const TwinCheckRow row, inspection.difference(look.place, look.query.camera, job));
    findings.figures["difference"] = {{"rel", row.rel},           {"tolerance", row.tolerance},
                                      {"rel_fp64", row.rel_fp64}, {"running_precision", row.precision},
                                      {"phi_moved", row.moved},   {"status", row.status}};
    LACT_TRY(const auto views, inspection.view_gradients(look.place, job));
    for (const ViewGradientShares& one : views) {
        findings.figures["view_gradients"].push_back(
            {{"matrix", name_of(one.which)}, {"norms", one.norms}, {"shares", one.shares}});
    }
    return findings;
}

}  // namespace lact::app
