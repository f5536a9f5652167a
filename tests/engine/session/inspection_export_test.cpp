// Exported tensors are enough to recompute o, S, A and the shares in another language: here with plain loops
// over the numbers of the file, following docs/inspect.md and nothing else.
#include "engine/model/safetensors.h"
#include "engine/session/inspection.h"
#include "engine/session/matrix.h"
#include "tests/engine/session/small_session.h"
#include "tests/support/temporary_folder.h"

#include <cmath>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

/// A matrix of doubles, row by row.
struct Table {
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<double> values;

    double& at(std::size_t r, std::size_t c) { return values[r * columns + c]; }
    [[nodiscard]] double at(std::size_t r, std::size_t c) const { return values[r * columns + c]; }
};

Table zeros(std::size_t rows, std::size_t columns) {
    return {rows, columns, std::vector<double>(rows * columns, 0.0)};
}

Table product(const Table& a, const Table& b) {
    EXPECT_EQ(a.columns, b.rows);
    Table c = zeros(a.rows, b.columns);
    for (std::size_t i = 0; i < a.rows; ++i) {
        for (std::size_t j = 0; j < b.columns; ++j) {
            for (std::size_t k = 0; k < a.columns; ++k) {
                c.at(i, j) += a.at(i, k) * b.at(k, j);
            }
        }
    }
    return c;
}

Table transposed(const Table& a) {
    Table t = zeros(a.columns, a.rows);
    for (std::size_t i = 0; i < a.rows; ++i) {
        for (std::size_t j = 0; j < a.columns; ++j) {
            t.at(j, i) = a.at(i, j);
        }
    }
    return t;
}

double sigmoid(double x) {
    return 1 / (1 + std::exp(-x));
}

/// The tensors of a file as tables; vectors become one column.
class Exported {
  public:
    explicit Exported(const std::filesystem::path& path) {
        auto file = read_safetensors(path);
        EXPECT_TRUE(file.has_value());
        file_ = std::move(*file);
    }
    [[nodiscard]] Table get(const std::string& name) const {
        const at::Tensor x = file_.tensors.at(name);
        const auto rows = static_cast<std::size_t>(x.size(0));
        Table table{rows, static_cast<std::size_t>(x.numel()) / rows, {}};
        const float* first = x.const_data_ptr<float>();
        table.values.assign(first, first + x.numel());
        return table;
    }
    [[nodiscard]] const std::string& metadata(const char* key) const { return file_.metadata.at(key); }

  private:
    TensorFile file_;
};

Table phi(const Table& x, const Table& w0, const Table& w2) {
    Table gate = product(x, w0);
    const Table linear = product(x, w2);
    for (std::size_t i = 0; i < gate.values.size(); ++i) {
        gate.values[i] *= sigmoid(gate.values[i]) * linear.values[i];
    }
    return gate;
}

/// M(G) by Newton-Schulz on plain numbers.
Table orthogonalized(Table x) {
    double norm = 0;
    for (const double value : x.values) {
        norm += value * value;
    }
    for (double& value : x.values) {
        value /= std::sqrt(norm) + 1e-7;
    }
    for (int step = 0; step < 5; ++step) {
        const Table gram = product(transposed(x), x);
        const Table square = product(gram, gram);
        Table factor = zeros(gram.rows, gram.rows);
        for (std::size_t i = 0; i < factor.values.size(); ++i) {
            factor.values[i] = -4.7750 * gram.values[i] + 2.0315 * square.values[i];
        }
        for (std::size_t i = 0; i < factor.rows; ++i) {
            factor.at(i, i) += 3.4445;
        }
        x = product(x, factor);
    }
    return x;
}

/// W + M(G), columns set back to their norms; `d` receives the factors.
Table updated(const Table& w, const Table& g, std::vector<double>& d) {
    Table result = orthogonalized(g);
    d.clear();
    for (std::size_t c = 0; c < w.columns; ++c) {
        double before = 0;
        double after = 0;
        for (std::size_t r = 0; r < w.rows; ++r) {
            result.at(r, c) += w.at(r, c);
            before += w.at(r, c) * w.at(r, c);
            after += result.at(r, c) * result.at(r, c);
        }
        d.push_back(std::sqrt(before) / (std::sqrt(after) + 1e-5));
        for (std::size_t r = 0; r < w.rows; ++r) {
            result.at(r, c) *= d.back();
        }
    }
    return result;
}

Table rows_times(Table x, const Table& rate) {
    for (std::size_t r = 0; r < x.rows; ++r) {
        for (std::size_t c = 0; c < x.columns; ++c) {
            x.at(r, c) *= rate.values[r];
        }
    }
    return x;
}

/// G0 and G2 of the dot-product loss.
std::pair<Table, Table> feature_gradients(const Exported& file) {
    const Table k = file.get("k");
    const Table gate = product(k, file.get("initial.w0"));
    const Table linear = product(k, file.get("initial.w2"));
    Table d_gate = product(file.get("v"), transposed(file.get("initial.w1")));
    Table d_linear = d_gate;
    for (std::size_t i = 0; i < gate.values.size(); ++i) {
        const double s = sigmoid(gate.values[i]);
        d_gate.values[i] *= s * (1 + gate.values[i] * (1 - s)) * linear.values[i];
        d_linear.values[i] *= gate.values[i] * s;
    }
    return {product(transposed(rows_times(k, file.get("lr0"))), d_gate),
            product(transposed(rows_times(k, file.get("lr2"))), d_linear)};
}

void expect_near(const Table& expected, const Table& actual, double tolerance, const char* what) {
    ASSERT_EQ(expected.values.size(), actual.values.size()) << what;
    double largest = 0;
    double scale = 0;
    for (std::size_t i = 0; i < expected.values.size(); ++i) {
        largest = std::max(largest, std::abs(expected.values[i] - actual.values[i]));
        scale = std::max(scale, std::abs(expected.values[i]));
    }
    EXPECT_LE(largest, tolerance * scale) << what;
}

class InspectionExport : public testing::Test {
  protected:
    Exported exported(const char* rule, std::optional<std::array<int, 2>> patch) {
        const auto model = test::small_model(folder_, Precision::fp32);
        std::vector<PreparedView> views;
        for (int i = 0; i < 3; ++i) {
            views.push_back(test::random_view(i, test::small_size));
        }
        Session session(model);
        EXPECT_TRUE(session.set_up(views, *parse_update_rule(rule)).has_value());
        auto inspection = Inspection::of(session, views);
        EXPECT_TRUE(inspection.has_value());
        const auto path = folder_.path() / "layer.safetensors";
        const auto written =
            inspection->write_tensors(path, {1, 0}, {test::random_view(3, test::small_size).camera, patch},
                                      MuonFactor::right, {{"made by", "a test"}});
        EXPECT_TRUE(written.has_value()) << written.error().message();
        return Exported(path);
    }

    test::TemporaryFolder folder_;
};

TEST_F(InspectionExport, EverythingFollowsFromTheLayersInputs) {
    const Exported file = exported("ns=fp32", std::array{4, 1});
    EXPECT_EQ(file.metadata("made by"), "a test");
    // The state: S = (S0 + M(phi(k)^T v-hat)) D.
    const Table phi_k = phi(file.get("k"), file.get("initial.w0"), file.get("initial.w2"));
    const Table v_hat = rows_times(file.get("v"), file.get("lr1"));
    const Table s0 = file.get("initial.w1");
    const Table g1 = product(transposed(phi_k), v_hat);
    std::vector<double> d;
    const Table s = updated(s0, g1, d);
    expect_near(phi_k, file.get("step0.phi_k"), 1e-5, "phi(k)");
    expect_near(v_hat, file.get("step0.v_hat"), 1e-5, "v-hat");
    expect_near(s, file.get("twin.s"), 1e-4, "S");
    expect_near(s, file.get("updated.w1"), 1e-4, "W1");
    expect_near(s, file.get("recomputed.w1"), 1e-5, "W1 recomputed");
    // The read-out: o = phi_{t+1}(q) S.
    std::vector<double> unused;
    const auto [g0, g2] = feature_gradients(file);
    const Table w0 = updated(file.get("initial.w0"), g0, unused);
    const Table w2 = updated(file.get("initial.w2"), g2, unused);
    const Table phi_q = phi(file.get("q"), w0, w2);
    const Table o = product(phi_q, s);
    expect_near(o, file.get("twin.o"), 1e-4, "o of the linear-attention form");
    expect_near(o, file.get("o"), 1e-4, "o of the layer");
    // The row of A and the shares at fixed P and D, with the right (value) factor.
    const Table a = product(phi_q, transposed(phi_k));
    expect_near(a, file.get("step0.a"), 1e-4, "A");
    const Table v_tilde = product(v_hat, file.get("step0.p_right"));
    double size_of_o = 0;
    double share_of_s0 = 0;
    const Table from_s0 = product(phi_q, s0);
    for (std::size_t c = 0; c < o.columns; ++c) {
        size_of_o += o.at(0, c) * o.at(0, c);
        share_of_s0 += from_s0.at(0, c) * d[c] * o.at(0, c);
    }
    Table shares = zeros(phi_k.rows, 1);
    double sum = share_of_s0 / size_of_o;
    for (std::size_t i = 0; i < phi_k.rows; ++i) {
        for (std::size_t c = 0; c < o.columns; ++c) {
            shares.at(i, 0) += a.at(0, i) * v_tilde.at(i, c) * d[c] * o.at(0, c) / size_of_o;
        }
        sum += shares.at(i, 0);
    }
    expect_near(shares, file.get("shares.tokens"), 1e-3, "shares of tokens");
    EXPECT_NEAR(share_of_s0 / size_of_o, file.get("shares.s0").values[0], 1e-4);
    EXPECT_NEAR(sum, 1, 1e-3);
    const auto per_view = std::stoul(file.metadata("tokens_per_view"));
    Table views = zeros(3, 1);
    for (std::size_t i = 0; i < shares.rows; ++i) {
        views.values[i / per_view] += shares.values[i];
    }
    expect_near(views, file.get("shares.views"), 1e-3, "shares of views");
}

/// The contributions c_j(q) of S0 (last row) and every token to one channel of every query, minus their mean
/// over the queries: [tokens + 1, queries].
Table centred_contributions(const Exported& file, const Table& phi_q, std::size_t channel) {
    const Table phi_k = file.get("step0.phi_k");
    const Table v_tilde = product(file.get("step0.v_hat"), file.get("step0.p_right"));
    const Table s0 = file.get("initial.w1");
    const double d = file.get("twin.d").values[channel];
    Table c = zeros(phi_k.rows + 1, phi_q.rows);
    for (std::size_t q = 0; q < phi_q.rows; ++q) {
        for (std::size_t h = 0; h < phi_q.columns; ++h) {
            c.at(phi_k.rows, q) += phi_q.at(q, h) * s0.at(h, channel) * d;
            for (std::size_t j = 0; j < phi_k.rows; ++j) {
                c.at(j, q) += phi_q.at(q, h) * phi_k.at(j, h) * v_tilde.at(j, channel) * d;
            }
        }
    }
    for (std::size_t j = 0; j < c.rows; ++j) {
        double mean = 0;
        for (std::size_t q = 0; q < c.columns; ++q) {
            mean += c.at(j, q) / static_cast<double>(c.columns);
        }
        for (std::size_t q = 0; q < c.columns; ++q) {
            c.at(j, q) -= mean;
        }
    }
    return c;
}

/// Centred shares of every token, and S0 last, from the contributions alone; of one query or of all of them.
Table centred_shares(const Exported& file, std::optional<std::size_t> query) {
    const Table phi_q = phi(file.get("q_all"), file.get("twin.w0"), file.get("twin.w2"));
    Table shares = zeros(file.get("k").rows + 1, 1);
    double size = 0;
    for (std::size_t channel = 0; channel < file.get("v").columns; ++channel) {
        const Table c = centred_contributions(file, phi_q, channel);
        for (std::size_t q = query.value_or(0); q < (query ? *query + 1 : c.columns); ++q) {
            double o = 0;
            for (std::size_t j = 0; j < c.rows; ++j) {
                o += c.at(j, q);
            }
            size += o * o;
            for (std::size_t j = 0; j < c.rows; ++j) {
                shares.at(j, 0) += c.at(j, q) * o;
            }
        }
    }
    for (double& share : shares.values) {
        share /= size;
    }
    return shares;
}

TEST_F(InspectionExport, CentredSharesFollowFromThePlainContributions) {
    for (const auto patch : {std::optional<std::array<int, 2>>(), std::optional(std::array{4, 1})}) {
        const Exported file = exported("ns=fp32", patch);
        EXPECT_EQ(file.get("q_all").rows, 24U);
        const Table all = centred_shares(file, patch ? std::optional<std::size_t>(1 * 6 + 4) : std::nullopt);
        double sum = 0;
        for (const double share : all.values) {
            sum += share;
        }
        EXPECT_NEAR(sum, 1, 1e-9);
        Table tokens = all;
        tokens.values.pop_back();
        --tokens.rows;
        expect_near(tokens, file.get("shares.centred.tokens"), 1e-3, "centred shares of tokens");
        EXPECT_NEAR(all.values.back(), file.get("shares.centred.s0").values[0], 1e-3);
        const auto per_view = std::stoul(file.metadata("tokens_per_view"));
        Table views = zeros(3, 1);
        for (std::size_t i = 0; i < tokens.rows; ++i) {
            views.values[i / per_view] += tokens.values[i];
        }
        expect_near(views, file.get("shares.centred.views"), 1e-3, "centred shares of views");
    }
}

TEST_F(InspectionExport, MuonsFactorTimesTheGradientIsItsOrthogonalisation) {
    const Exported file = exported("ns=fp32", {});
    const Table g1 = file.get("step0.g1");
    expect_near(orthogonalized(g1), product(g1, file.get("step0.p_right")), 1e-4, "right factor");
    expect_near(orthogonalized(g1), product(file.get("step0.p_left"), g1), 1e-4, "left factor");
    EXPECT_EQ(file.get("q").rows, 24U);  // all patches of the view
}

TEST_F(InspectionExport, WithoutMuonThereIsNoFactor) {
    const Exported file = exported("variant1,muon=off,norm=off", std::array{0, 0});
    Table s = product(transposed(file.get("step0.phi_k")), file.get("step0.v_hat"));
    const Table s0 = file.get("initial.w1");
    for (std::size_t i = 0; i < s.values.size(); ++i) {
        s.values[i] += s0.values[i];
    }
    expect_near(s, file.get("updated.w1"), 1e-5, "W1");
    EXPECT_THROW(static_cast<void>(file.get("step0.p_right")), std::out_of_range);
}

TEST(MatrixFile, IsReadBackAsItWas) {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "numbers.safetensors";
    const std::vector<NamedMatrix> matrices = {{"s", 2, 3, {1, 2, 3, 4, 5, 6}}, {"loss", 1, 2, {-1, 0.5F}}};
    const auto written = write_matrices(path, matrices, {{"rule", "baseline"}});
    ASSERT_TRUE(written.has_value()) << written.error().message();
    const auto file = read_safetensors(path);
    ASSERT_TRUE(file.has_value());
    EXPECT_EQ(file->metadata.at("rule"), "baseline");
    ASSERT_EQ(file->tensors.size(), 2U);
    const at::Tensor s = file->tensors.at("s");
    EXPECT_EQ(s.sizes(), (std::vector<int64_t>{2, 3}));
    EXPECT_EQ(s[1][0].item<float>(), 4);
    EXPECT_EQ(file->tensors.at("loss")[0][1].item<float>(), 0.5F);
}

TEST(MatrixFile, RefusesWhatDoesNotFit) {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "numbers.safetensors";
    EXPECT_FALSE(write_matrices(path, std::vector<NamedMatrix>{{"s", 2, 3, {1, 2}}}, {}).has_value());
    const std::vector<NamedMatrix> twice = {{"s", 1, 1, {1}}, {"s", 1, 1, {2}}};
    EXPECT_FALSE(write_matrices(path, twice, {}).has_value());
    EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace lact
