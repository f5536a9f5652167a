// What an Inspection says of a session, against the session itself and against real set-ups.
#include "engine/session/inspection.h"

#include "engine/session/load_scene.h"
#include "tests/engine/session/small_session.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace lact {
namespace {

constexpr Place place{1, 1};
constexpr AttentionOptions all_options[] = {{MuonFactor::right, ShareOf::centred},
                                            {MuonFactor::left, ShareOf::centred},
                                            {MuonFactor::right, ShareOf::output},
                                            {MuonFactor::left, ShareOf::output}};

double largest_difference(const Matrix& a, const Matrix& b) {
    EXPECT_EQ(a.rows, b.rows);
    EXPECT_EQ(a.columns, b.columns);
    double largest = 0;
    for (std::size_t i = 0; i < a.values.size(); ++i) {
        largest = std::max(largest, static_cast<double>(std::abs(a.values[i] - b.values[i])));
    }
    return largest;
}

double sum_of(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

class InspectionTest : public testing::Test {
  protected:
    void SetUp() override {
        model_ = test::small_model(folder_, Precision::fp32);
        ASSERT_NE(model_, nullptr);
        for (int i = 0; i < 4; ++i) {
            views_.push_back(test::random_view(i, test::small_size));
        }
    }

    std::vector<PreparedView> inputs() const { return {views_.begin(), views_.begin() + 3}; }
    const Camera& target() const { return views_[3].camera; }

    Session set_up(const char* rule) const {
        Session session(model_);
        const auto done = session.set_up(inputs(), *parse_update_rule(rule));
        EXPECT_TRUE(done.has_value()) << done.error().message();
        return session;
    }

    Inspection inspect(const char* rule) const {
        const Session session = set_up(rule);
        auto inspection = Inspection::of(session, inputs());
        EXPECT_TRUE(inspection.has_value());
        return std::move(*inspection);
    }

    test::TemporaryFolder folder_;
    std::shared_ptr<const Model> model_;
    std::vector<PreparedView> views_;
};

TEST_F(InspectionTest, NeedsAState) {
    EXPECT_FALSE(Inspection::of(Session(model_), inputs()).has_value());
    Inspection inspection = inspect("baseline");
    EXPECT_FALSE(inspection.linear_matrix({2, 0}, LinearMatrix::state).has_value());
    EXPECT_FALSE(inspection.linear_matrix({0, 2}, LinearMatrix::state).has_value());
    EXPECT_FALSE(inspection.linear_matrix({0, 0}, LinearMatrix::state, 1).has_value());
    EXPECT_FALSE(inspection.attention(place, {target(), std::array{6, 0}}, {}).has_value());
}

/// Frobenius norm of a - b over that of a.
double frobenius_distance(const Matrix& a, const Matrix& b) {
    double difference = 0;
    double size = 0;
    for (std::size_t i = 0; i < a.values.size(); ++i) {
        const double x = a.values[i];
        difference += (x - b.values[i]) * (x - b.values[i]);
        size += x * x;
    }
    return std::sqrt(difference / size);
}

double largest_entry(const Matrix& matrix) {
    double largest = 0;
    for (const float value : matrix.values) {
        largest = std::max(largest, static_cast<double>(std::abs(value)));
    }
    return largest;
}

TEST_F(InspectionTest, TheStateOfTheFormIsTheSessionsW1) {
    for (const char* rule : {"ns=fp32", "mse,ns=fp32,steps=3", "variant1,ns=fp32", "muon=off"}) {
        SCOPED_TRACE(rule);
        Inspection inspection = inspect(rule);
        for (const Place at : {Place{0, 0}, place}) {
            const auto state = inspection.linear_matrix(at, LinearMatrix::state);
            const auto w1 = inspection.linear_matrix(at, LinearMatrix::updated_w1);
            const auto session_w1 =
                inspection.session().fast_weights({at.layer, at.head, FastMatrix::w1, MatrixTime::updated});
            ASSERT_TRUE(state && w1 && session_w1);
            EXPECT_EQ(w1->values, session_w1->values);
            EXPECT_LE(largest_difference(*state, *w1), 1e-4);
            EXPECT_EQ(state->generation, inspection.session().generation());
        }
    }
}

TEST_F(InspectionTest, TheDistanceOfSAndW1IsThatOfTheTwoMatrices) {
    for (const char* rule : {"baseline", "ns=fp16", "mse,steps=2", "muon=off"}) {
        SCOPED_TRACE(rule);
        Inspection inspection = inspect(rule);
        for (const Place at : {Place{0, 0}, place}) {
            const auto state = inspection.linear_matrix(at, LinearMatrix::state);
            const auto distance = inspection.state_distance(at);
            ASSERT_TRUE(state && distance);
            for (const auto& [which, shown] : {std::pair{LinearMatrix::updated_w1, distance->running},
                                               std::pair{LinearMatrix::exact_w1, distance->exact}}) {
                const auto w1 = inspection.linear_matrix(at, which);
                ASSERT_TRUE(w1.has_value());
                EXPECT_NEAR(shown.largest, largest_difference(*w1, *state) / largest_entry(*w1), 2e-7);
                EXPECT_NEAR(shown.frobenius, frobenius_distance(*w1, *state), 2e-7);
            }
            EXPECT_LE(distance->exact.largest, 1e-5);
        }
    }
}

TEST(StateDistance, ItsTextNamesTheMatrixAndBothNumbers) {
    const StateDistance distance{{0.213, 0.0811}, {1.23e-6, 4.5e-7}, "Newton-Schulz in bf16"};
    EXPECT_EQ(distance_text(distance, /*recomputed=*/false),
              "W1 as it runs (Newton-Schulz in bf16) differs from S by 21 % of its largest entry, 8.1 % in "
              "Frobenius norm.");
    EXPECT_EQ(distance_text(distance, /*recomputed=*/true),
              "W1 recomputed in fp64 differs from S by 1.2e-06 of its largest entry, 4.5e-07 in Frobenius "
              "norm.");
}

TEST_F(InspectionTest, TheDifferenceIsJudgedInFp64AndKnowsTheRunningPrecision) {
    for (const char* rule : {"baseline", "ascent,steps=2", "mse", "query-is-key", "variant2"}) {
        SCOPED_TRACE(rule);
        Inspection inspection = inspect(rule);
        const auto row = inspection.difference(place, target());
        ASSERT_TRUE(row.has_value());
        EXPECT_EQ(row->status, "ok");
        EXPECT_LE(row->rel_fp64, 1e-9);
        EXPECT_EQ(row->limit, 1e-9);
        EXPECT_GT(row->rel_fp32, 1e-8);
        EXPECT_LE(row->rel_fp32, 1e-4);
        EXPECT_GT(row->precision, 1e-3);  // Newton-Schulz in bf16
    }
}

TEST_F(InspectionTest, AttentionSumsToOneAndAgreesBetweenOneAndAllPatches) {
    Inspection inspection = inspect("baseline");
    for (const AttentionOptions options : all_options) {
        const auto one = inspection.attention(place, {target(), std::array{4, 2}}, options);
        const auto all = inspection.attention(place, {target(), {}}, options);
        ASSERT_TRUE(one && all);
        EXPECT_EQ(one->weights.size(), 1U);
        EXPECT_EQ(one->weights[0].size(), inspection.grid().tokens());
        EXPECT_TRUE(all->weights.empty());
        EXPECT_EQ(one->entropy_bits.size(), 1U);
        EXPECT_TRUE(all->entropy_bits.empty());
        for (const auto& map : {*one, *all}) {
            EXPECT_EQ(map.options, options);
            EXPECT_EQ(map.label.starts_with("difference from the mean"), options.of == ShareOf::centred);
            EXPECT_EQ(map.views.size(), 3U);
            EXPECT_NEAR(map.s0 + sum_of(map.views), 1, 1e-8);
            EXPECT_NEAR(map.s0 + sum_of(map.tokens), 1, 1e-8);
            EXPECT_NEAR(map.sum, sum_of(map.tokens), 1e-9);
            double absolute = 0;
            for (const double share : map.tokens) {
                absolute += std::abs(share);
            }
            EXPECT_NEAR(map.absolute_sum, absolute, 1e-9);
            EXPECT_GT(map.mean_fraction, 0);
            EXPECT_LT(map.mean_fraction, 1);
            EXPECT_NE(map.label.find("layer 1, head 1, before the output norm, at fixed P and D"),
                      std::string::npos);
        }
        EXPECT_NE(one->tokens, all->tokens);
    }
}

TEST_F(InspectionTest, EveryCameraReadsWithItsOwnQueries) {
    const auto compare = [this](const auto& ask) {
        Inspection inspection = inspect("baseline");
        Inspection fresh = inspect("baseline");
        const auto first = ask(inspection, target());
        const auto second = ask(inspection, views_[0].camera);
        EXPECT_EQ(second, ask(fresh, views_[0].camera));
        EXPECT_NE(second, first);
    };
    compare([](Inspection& one, const Camera& camera) {
        return one.attention(place, {camera, {}}, {}).value().tokens;
    });
    compare(
        [](Inspection& one, const Camera& camera) { return one.token(place, 7, camera, {}).value().reads; });
    compare([](Inspection& one, const Camera& camera) {
        return one.read_matrix(place, ReadMatrix::q, {camera, {}}).value().values;
    });
}

TEST_F(InspectionTest, AViewOfOnePatchHasNoCentredShares) {
    Inspection inspection = inspect("baseline");
    Camera one = target();
    one.width = one.height = inspection.session().model().config().patch;
    const auto centred = inspection.attention(place, {one, {}}, {MuonFactor::right, ShareOf::centred});
    ASSERT_FALSE(centred.has_value());
    EXPECT_NE(centred.error().message().find("equals the mean over all patches"), std::string::npos)
        << centred.error().message();
    EXPECT_FALSE(inspection.token(place, 0, one, {MuonFactor::left, ShareOf::centred}).has_value());
    EXPECT_TRUE(inspection.attention(place, {one, {}}, {MuonFactor::right, ShareOf::output}).has_value());
}

TEST_F(InspectionTest, ImagesThatAreNotFiniteAreNoEqualImages) {
    Inspection inspection = inspect("baseline");
    Camera broken = target();
    broken.fx = std::nan("");
    const auto answer = inspection.without_view(1, broken);
    ASSERT_TRUE(answer.has_value()) << answer.error().message();
    EXPECT_TRUE(std::isnan(answer->largest_difference));
    EXPECT_TRUE(std::isnan(answer->mean_difference));
}

TEST_F(InspectionTest, WithoutAViewIsASetUpWithoutIt) {
    Inspection inspection = inspect("baseline");
    const auto answer = inspection.without_view(1, target());
    ASSERT_TRUE(answer.has_value());
    Session session(model_);
    ASSERT_TRUE(session.set_up(std::vector{views_[0], views_[2]}, UpdateRule{}).has_value());
    EXPECT_EQ(answer->without.rgb, session.render(target())->image.rgb);
    EXPECT_EQ(answer->with.rgb, set_up("baseline").render(target())->image.rgb);
    EXPECT_GT(answer->mean_difference, 0);
    EXPECT_GE(answer->largest_difference, answer->mean_difference);
    EXPECT_FALSE(inspection.without_view(3, target()).has_value());
}

TEST_F(InspectionTest, AViewOfNoWeightIsAViewThatIsNotThere) {
    Inspection inspection = inspect("ns=fp32");
    const MatrixKey key{1, 0, FastMatrix::w0, MatrixTime::change};
    const auto recomputed = inspection.reweighted(key, std::array{1.0, 1.0, 0.0}, Features::recomputed);
    const auto frozen = inspection.reweighted(key, std::array{1.0, 1.0, 0.0}, Features::frozen);
    Session two(model_);
    ASSERT_TRUE(two.set_up(std::span(views_).first(2), *parse_update_rule("ns=fp32")).has_value());
    const auto expected = two.fast_weights(key);
    ASSERT_TRUE(recomputed && frozen && expected);
    EXPECT_LE(largest_difference(*recomputed, *expected), 1e-4);
    // Deeper layers were given other tokens: frozen features are not exact there …
    EXPECT_GT(largest_difference(*frozen, *expected), 1e-3);
    // … but in the first layer they are.
    const MatrixKey first{0, 0, FastMatrix::w0, MatrixTime::change};
    EXPECT_LE(largest_difference(*inspection.reweighted(first, std::array{1.0, 1.0, 0.0}, Features::frozen),
                                 *two.fast_weights(first)),
              1e-4);
}

TEST_F(InspectionTest, WeightsOfOneChangeNothingAndOthersDo) {
    Inspection inspection = inspect("ns=fp32");
    const MatrixKey key{0, 1, FastMatrix::w1, MatrixTime::updated};
    const auto as_it_is = inspection.session().fast_weights(key);
    for (const Features features : {Features::frozen, Features::recomputed}) {
        const auto ones = inspection.reweighted(key, std::array{1.0, 1.0, 1.0}, features);
        const auto scaled = inspection.reweighted(key, std::array{1.0, 4.0, 1.0}, features);
        ASSERT_TRUE(ones && scaled);
        EXPECT_LE(largest_difference(*ones, *as_it_is), 1e-5);
        EXPECT_GT(largest_difference(*scaled, *as_it_is), 1e-3);
    }
    EXPECT_FALSE(inspection.reweighted(key, std::array{1.0}, Features::frozen).has_value());
}

TEST_F(InspectionTest, SpectraNormsRatesAndLosses) {
    Inspection inspection = inspect("ns=fp32,steps=2");
    const auto spectra = inspection.spectra(place);
    ASSERT_TRUE(spectra.has_value());
    for (const MatrixSpectrum& one : *spectra) {
        EXPECT_EQ(one.gradient.size(), 16U);
        EXPECT_TRUE(std::is_sorted(one.gradient.rbegin(), one.gradient.rend()));
        EXPECT_GT(one.rank_orthogonalized, one.rank_gradient);
        EXPECT_LE(one.rank_change, 16 + 1e-6);
    }
    const auto without_muon = inspect("muon=off").spectra(place);
    ASSERT_TRUE(without_muon.has_value());
    for (const MatrixSpectrum& one : *without_muon) {
        EXPECT_EQ(one.gradient.size(), 16U);
        EXPECT_TRUE(one.orthogonalized.empty());
    }
    const auto norms = inspection.norms();
    ASSERT_TRUE(norms.has_value());
    ASSERT_EQ(norms->size(), 2U * 2 * 3);
    for (const MatrixNorms& one : *norms) {
        EXPECT_NEAR(one.initial, one.updated, 1e-3 * one.initial);  // the weight norm
        EXPECT_GT(one.change, 0);
    }
    const auto rates = inspection.rates(place);
    ASSERT_TRUE(rates.has_value());
    EXPECT_EQ(rates->w0.size(), inspection.grid().tokens());
    EXPECT_GT(*std::min_element(rates->w1.begin(), rates->w1.end()), 0);
    EXPECT_NE(rates->w0, rates->w2);
    EXPECT_EQ(rates->used, (std::array{true, true, true}));
    EXPECT_EQ(inspect("variant1").rates(place)->used, (std::array{false, true, false}));
    const auto unused = inspect("rate=off").rates(place);
    ASSERT_TRUE(unused.has_value());
    EXPECT_EQ(unused->used, (std::array{false, false, false}));
    EXPECT_EQ(unused->w1.size(), inspection.grid().tokens());
    const auto loss = inspection.inner_loss(place);
    ASSERT_TRUE(loss.has_value());
    EXPECT_EQ(loss->rule.size(), 3U);
    EXPECT_LT(loss->rule[1], loss->rule[0]);
    const auto views = inspection.view_gradients(place);
    ASSERT_TRUE(views.has_value());
    ASSERT_EQ(views->size(), 3U);
    for (const ViewGradientShares& one : *views) {
        EXPECT_EQ(one.norms.size(), 3U);
        EXPECT_NEAR(sum_of(one.shares), 1, 1e-9);
    }
}

TEST_F(InspectionTest, TheInnerLossOfMseIsNotNegative) {
    Inspection inspection = inspect("mse,ns=fp32,steps=2");
    const auto loss = inspection.inner_loss(place);
    ASSERT_TRUE(loss.has_value());
    EXPECT_NE(loss->rule, loss->dot);
    EXPECT_GE(*std::min_element(loss->rule.begin(), loss->rule.end()), 0);
}

std::vector<double> rows_times(const std::vector<double>& a, const Matrix& b) {
    const auto inner = static_cast<std::size_t>(b.rows);
    const auto columns = static_cast<std::size_t>(b.columns);
    std::vector<double> result(a.size() / inner * columns, 0.0);
    for (std::size_t i = 0; i < result.size(); ++i) {
        for (std::size_t j = 0; j < inner; ++j) {
            result[i] +=
                a[i / columns * inner + j] * static_cast<double>(b.values[j * columns + i % columns]);
        }
    }
    return result;
}

/// The product of two matrices in fp64, rounded to fp32 at the end.
Matrix product_of(const Matrix& a, const Matrix& b) {
    Matrix result{a.key, a.rows, b.columns, {}, a.generation};
    for (const double value : rows_times({a.values.begin(), a.values.end()}, b)) {
        result.values.push_back(static_cast<float>(value));
    }
    return result;
}

Matrix transpose_of(const Matrix& a) {
    Matrix result{a.key, a.columns, a.rows, {}, a.generation};
    for (std::size_t c = 0; c < static_cast<std::size_t>(a.columns); ++c) {
        for (std::size_t r = 0; r < static_cast<std::size_t>(a.rows); ++r) {
            result.values.push_back(a.values[r * static_cast<std::size_t>(a.columns) + c]);
        }
    }
    return result;
}

void expect_matrix(const Matrix& actual, const Matrix& expected, double tolerance) {
    ASSERT_EQ(actual.rows, expected.rows);
    ASSERT_EQ(actual.columns, expected.columns);
    EXPECT_LE(frobenius_distance(expected, actual), tolerance);
}

/// Muon magnifies the rounding of fp32 to about 1e-5 of a state.
constexpr double after_muon = 1e-3;

TEST_F(InspectionTest, TheMatricesOfEveryStepBelongTogether) {
    for (const auto& [rule, steps] : {std::pair{"ns=fp32", 1}, std::pair{"mse,ns=fp32,steps=2", 2}}) {
        SCOPED_TRACE(rule);
        Inspection inspection = inspect(rule);
        for (int step = 0; step < steps; ++step) {
            const auto matrix = [&](LinearMatrix which) {
                return inspection.linear_matrix(place, which, step).value();
            };
            const Matrix gradient = matrix(LinearMatrix::gradient);
            const Matrix by_muon = matrix(LinearMatrix::orthogonalized);
            expect_matrix(gradient,
                          product_of(transpose_of(matrix(LinearMatrix::keys)), matrix(LinearMatrix::values)),
                          1e-6);
            expect_matrix(by_muon, product_of(gradient, matrix(LinearMatrix::muon_right)), after_muon);
            expect_matrix(by_muon, product_of(matrix(LinearMatrix::muon_left), gradient), after_muon);
            EXPECT_GT(frobenius_distance(gradient, by_muon), 0.1);
        }
    }
    Inspection plain = inspect("muon=off");
    EXPECT_EQ(plain.linear_matrix(place, LinearMatrix::orthogonalized).value().values,
              plain.linear_matrix(place, LinearMatrix::gradient).value().values);
    EXPECT_FALSE(plain.linear_matrix(place, LinearMatrix::muon_left).has_value());
    EXPECT_FALSE(plain.linear_matrix(place, LinearMatrix::muon_right).has_value());
}

TEST_F(InspectionTest, TheStateIsTheInitialOneAndItsChangeTimesTheWeightNorm) {
    for (const bool norm : {true, false}) {
        SCOPED_TRACE(norm);
        Inspection inspection = inspect(norm ? "ns=fp32" : "ns=fp32,norm=off");
        const auto matrix = [&](LinearMatrix which) {
            return inspection.linear_matrix(place, which).value();
        };
        const Matrix initial = matrix(LinearMatrix::initial_state);
        const auto weights =
            inspection.session().fast_weights({place.layer, place.head, FastMatrix::w1, MatrixTime::initial});
        ASSERT_TRUE(weights.has_value());
        EXPECT_EQ(initial.rows, 24);
        EXPECT_EQ(initial.columns, 16);
        EXPECT_EQ(initial.values, weights->values);
        // S = (S0 + M(G)) D, where D sets the columns back to their initial norms.
        const Matrix written = matrix(LinearMatrix::orthogonalized);
        ASSERT_EQ(written.values.size(), initial.values.size());
        const auto columns = static_cast<std::size_t>(initial.columns);
        std::vector<double> before(columns);
        std::vector<double> after(columns);
        for (std::size_t i = 0; i < initial.values.size(); ++i) {
            const double start = initial.values[i];
            const double sum = start + static_cast<double>(written.values[i]);
            before[i % columns] += start * start;
            after[i % columns] += sum * sum;
        }
        Matrix change = written;
        Matrix state = initial;
        for (std::size_t i = 0; i < initial.values.size(); ++i) {
            const double d = norm ? std::sqrt(before[i % columns] / after[i % columns]) : 1.0;
            change.values[i] = static_cast<float>(d * written.values[i]);
            state.values[i] = static_cast<float>(d * initial.values[i]) + change.values[i];
        }
        expect_matrix(matrix(LinearMatrix::state_change), change, after_muon);
        expect_matrix(matrix(LinearMatrix::state), state, after_muon);
    }
}

TEST_F(InspectionTest, TheReadIsTheFeaturesTimesTheState) {
    for (const char* rule : {"ns=fp32", "mse,ns=fp32,steps=2", "variant1,ns=fp32"}) {
        SCOPED_TRACE(rule);
        Inspection inspection = inspect(rule);
        const Query query{target(), {}};
        const auto features = inspection.read_matrix(place, ReadMatrix::features, query);
        const auto of_form = inspection.read_matrix(place, ReadMatrix::form_output, query);
        const auto output = inspection.read_matrix(place, ReadMatrix::output, query);
        const auto state = inspection.linear_matrix(place, LinearMatrix::state);
        ASSERT_TRUE(features && of_form && output && state);
        EXPECT_EQ(features->rows, inspection.grid().rows * inspection.grid().columns);
        EXPECT_EQ(features->columns, 24);
        expect_matrix(*of_form, product_of(*features, *state), after_muon);
        expect_matrix(*output, *of_form, after_muon);
    }
}

/// -<f(k), v> of the fast weights that the session reads, mean over tokens, in plain loops.
double running_dot_loss(Inspection& inspection, Place where) {
    const auto weights = [&](FastMatrix which) {
        return *inspection.session().fast_weights({where.layer, where.head, which, MatrixTime::updated});
    };
    const Matrix k = *inspection.linear_matrix(where, LinearMatrix::k);
    const Matrix v = *inspection.linear_matrix(where, LinearMatrix::v);
    const std::vector<double> keys(k.values.begin(), k.values.end());
    std::vector<double> phi = rows_times(keys, weights(FastMatrix::w0));
    const std::vector<double> linear = rows_times(keys, weights(FastMatrix::w2));
    for (std::size_t i = 0; i < phi.size(); ++i) {
        phi[i] *= linear[i] / (1 + std::exp(-phi[i]));
    }
    const std::vector<double> f = rows_times(phi, weights(FastMatrix::w1));
    double sum = 0;
    for (std::size_t i = 0; i < f.size(); ++i) {
        sum -= f[i] * static_cast<double>(v.values[i]);
    }
    return sum / v.rows;
}

TEST_F(InspectionTest, TheInnerLossIsThatOfTheWeightsAsTheyRun) {
    constexpr Place first{0, 0};  // Its keys and values do not depend on the rule.
    Inspection rounded = inspect("steps=3,ns=bf16");
    Inspection exact = inspect("steps=3,ns=fp32");
    const auto as_it_runs = rounded.inner_loss(first);
    const auto without_rounding = exact.inner_loss(first);
    ASSERT_TRUE(as_it_runs.has_value() && without_rounding.has_value());
    EXPECT_EQ(as_it_runs->rule.front(), without_rounding->rule.front());
    EXPECT_NE(as_it_runs->rule.back(), without_rounding->rule.back());
    const double running = running_dot_loss(rounded, first);
    EXPECT_NEAR(as_it_runs->rule.back(), running, 2e-3 * std::abs(running));
}

TEST_F(InspectionTest, TheInnerLossIsThatOfTheWeightsInEveryPrecision) {
    constexpr Place first{0, 0};  // Its keys and values do not depend on the rule.
    for (const Precision precision : {Precision::bf16, Precision::fp32, Precision::fp64}) {
        SCOPED_TRACE(to_string(precision));
        model_ = test::small_model(folder_, precision);
        ASSERT_NE(model_, nullptr);
        const auto curve = inspect("steps=3").inner_loss(first);
        ASSERT_TRUE(curve.has_value()) << curve.error().message();
        ASSERT_EQ(curve->rule.size(), 4U);
        // What a session with so many steps reads, in plain loops.
        for (int steps = 1; steps <= 3; ++steps) {
            Inspection other = inspect(("steps=" + std::to_string(steps)).c_str());
            const double running = running_dot_loss(other, first);
            EXPECT_NEAR(curve->rule.at(static_cast<std::size_t>(steps)), running, 1e-5 * std::abs(running))
                << steps;
        }
    }
}

TEST_F(InspectionTest, LaterChangesOfTheSessionDoNotTouchIt) {
    Session session = set_up("baseline");
    auto inspection = Inspection::of(session, inputs());
    ASSERT_TRUE(inspection.has_value());
    const auto before = inspection->linear_matrix(place, LinearMatrix::updated_w1);
    ASSERT_TRUE(session.set_up(inputs(), *parse_update_rule("mse")).has_value());
    EXPECT_EQ(inspection->linear_matrix(place, LinearMatrix::updated_w1)->values, before->values);
    EXPECT_EQ(inspection->session().rule(), UpdateRule{});
}

TEST_F(InspectionTest, AStoppedJobIsAnErrorAndNothingIsLost) {
    Inspection inspection = inspect("baseline");
    std::stop_source stop;
    stop.request_stop();
    Job job;
    job.stop = stop.get_token();
    const auto stopped = inspection.linear_matrix(place, LinearMatrix::keys, 0, job);
    ASSERT_FALSE(stopped.has_value());
    EXPECT_TRUE(stopped.error().cancelled);
    EXPECT_FALSE(inspection.without_view(0, target(), job).has_value());
    EXPECT_TRUE(inspection.linear_matrix(place, LinearMatrix::keys).has_value());
}

TEST_F(InspectionTest, EveryPresetThatTheWeightsCanRunIsOkAndTheOthersSayWhyNot) {
    const auto rules = preset_rules(*model_);
    const auto rows = check_equivalence(*model_, inputs(), target(), rules);
    ASSERT_TRUE(rows.has_value()) << rows.error().message();
    EXPECT_EQ(rows->size(), rules.size() * 2 * 2);
    int refused = 0;
    for (const EquivalenceRow& row : *rows) {
        EXPECT_FALSE(row.failed()) << row.preset << " " << row.rel_fp64;
        if (!row.applicable()) {
            ++refused;
            EXPECT_NE(row.status.find("d_h"), std::string::npos) << row.status;
        }
    }
    EXPECT_EQ(refused, 4 * 2 * 2);  // variants 3 to 6: d_h is not d_in
    EXPECT_GT(largest_rel_fp64(*rows), 0);
    EXPECT_LE(largest_rel_fp64(*rows), 1e-9);
    EXPECT_GT(largest_rel_fp32(*rows), 1e-8);
    EXPECT_LE(largest_rel_fp32(*rows), 1e-4);
}

TEST_F(InspectionTest, APlantedErrorTurnsEveryRowRed) {
    const std::vector<NamedRule> rules = {{"baseline", UpdateRule{}}};
    const auto rows = check_equivalence(*model_, inputs(), target(), rules, {}, PlantedError::sign);
    ASSERT_TRUE(rows.has_value()) << rows.error().message();
    EXPECT_EQ(rows->size(), 2U * 2);
    for (const EquivalenceRow& row : *rows) {
        EXPECT_TRUE(row.failed());
        EXPECT_EQ(row.status, "out of tolerance");
    }
    // A rule that the mistake does not change is not judged.
    const std::vector<NamedRule> variant = {{"variant1", *parse_update_rule("variant1")}};
    const auto none =
        check_equivalence(*model_, inputs(), target(), variant, {}, PlantedError::stale_features);
    ASSERT_TRUE(none.has_value());
    EXPECT_FALSE(none->front().applicable());
    EXPECT_NE(none->front().status.find("stale-features"), std::string::npos) << none->front().status;
    const auto refused = check_planted_errors(*model_, inputs(), target(), *parse_update_rule("variant3"));
    EXPECT_FALSE(refused.has_value());  // d_h is not d_in
}

UpdateRule random_rule(std::mt19937& random) {
    const auto coin = [&] { return random() % 2 == 0; };
    UpdateRule rule;
    rule.loss = coin() ? InnerLoss::dot : InnerLoss::mse;
    rule.direction = coin() ? Direction::descent : Direction::ascent;
    rule.inner_steps = static_cast<int>(1 + random() % 3);
    rule.orthogonalize = coin();
    rule.ns_precision = static_cast<NsPrecision>(random() % 3);
    rule.weight_norm = coin();
    rule.per_token_rate = coin();
    rule.updated = coin() ? UpdatedMatrices::all : UpdatedMatrices::last;
    rule.read_with = coin() ? ReadWith::query : ReadWith::key;
    return rule;
}

TEST_F(InspectionTest, TwoHundredSwitchesOfTheRuleEndAsAFreshStart) {
    std::mt19937 random(3);
    Session session(model_);
    for (int i = 0; i < 200; ++i) {
        // A rule that diverges is refused and leaves the state before it.
        static_cast<void>(session.set_up(inputs(), random_rule(random)));
    }
    const UpdateRule last = *parse_update_rule("mse,steps=2");
    ASSERT_TRUE(session.set_up(inputs(), last).has_value());
    Session fresh(model_);
    ASSERT_TRUE(fresh.set_up(inputs(), last).has_value());
    EXPECT_EQ(session.render(target())->image.rgb, fresh.render(target())->image.rgb);
    for (const FastMatrix which : {FastMatrix::w0, FastMatrix::w1, FastMatrix::w2}) {
        const MatrixKey key{1, 0, which, MatrixTime::updated};
        EXPECT_EQ(session.fast_weights(key)->values, fresh.fast_weights(key)->values);
    }
}

TEST_F(InspectionTest, ATokenIsReadAsTheRowsSay) {
    Inspection inspection = inspect("baseline,ns=fp32");
    const std::size_t token = 7;
    for (const AttentionOptions options : all_options) {
        const MuonFactor factor = options.factor;
        const auto detail = inspection.token(place, token, target(), options);
        ASSERT_TRUE(detail.has_value()) << detail.error().message();
        const std::size_t patches = detail->reads.size();
        ASSERT_EQ(static_cast<int>(patches), detail->columns * inspection.grid().rows);
        for (std::size_t i = 0; i < patches; ++i) {
            const std::array patch{static_cast<int>(i) % detail->columns,
                                   static_cast<int>(i) / detail->columns};
            const auto row = inspection.attention(place, {target(), patch}, options);
            ASSERT_TRUE(row.has_value());
            EXPECT_NEAR(row->tokens[token], detail->reads[i], 1e-6 + 1e-4 * std::abs(detail->reads[i]));
        }
        const auto keys = inspection.linear_matrix(
            place, factor == MuonFactor::right ? LinearMatrix::keys : LinearMatrix::effective_keys);
        const auto values = inspection.linear_matrix(
            place, factor == MuonFactor::right ? LinearMatrix::effective_values : LinearMatrix::values);
        ASSERT_TRUE(keys && values);
        ASSERT_EQ(static_cast<int>(detail->key.size()), keys->columns);
        ASSERT_EQ(static_cast<int>(detail->value.size()), values->columns);
        for (std::size_t c = 0; c < detail->key.size(); ++c) {
            // The matrix holds the same numbers, rounded to fp32.
            EXPECT_FLOAT_EQ(static_cast<float>(detail->key[c]), keys->values[token * detail->key.size() + c]);
        }
        for (std::size_t c = 0; c < detail->value.size(); ++c) {
            EXPECT_FLOAT_EQ(static_cast<float>(detail->value[c]),
                            values->values[token * detail->value.size() + c]);
        }
    }
    EXPECT_FALSE(inspection.token(place, inspection.grid().tokens(), target(), {}).has_value());
}

TEST_F(InspectionTest, TheSheetHoldsEveryLayerAndHead) {
    Inspection inspection = inspect("baseline,ns=fp32");
    const Query query{target(), std::array{1, 1}};
    const auto sheet = inspection.attention_sheet(query, {});
    ASSERT_TRUE(sheet.has_value()) << sheet.error().message();
    const ModelConfig& config = inspection.session().model().config();
    ASSERT_EQ(static_cast<int>(sheet->size()), config.layers * config.ttt_heads());
    const auto one = inspection.attention({1, 0}, query, {});
    ASSERT_TRUE(one.has_value());
    const AttentionMap& same = sheet->at(static_cast<std::size_t>(config.ttt_heads()));
    EXPECT_EQ(one->label, same.label);
    EXPECT_EQ(one->tokens, same.tokens);
    EXPECT_NE(one->tokens, sheet->front().tokens);
    std::stop_source stop;
    stop.request_stop();
    Job job;
    job.stop = stop.get_token();
    EXPECT_FALSE(inspection.attention_sheet(query, {}, job).has_value());
}

/// The middle one of an odd number of values.
double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values.at(values.size() / 2);
}

// Order and sign of an independent computation, not its figures: the mean answer is much of the output, so
// shares of o go to S0 and cancel between tokens.
TEST(SharesOfTrainedWeights, AreMostlyThoseOfTheMeanAnswerUntilItIsSubtracted) {
    const auto model = Model::load(LACT_ASSETS_DIR "/weights/general.safetensors",
                                   {test::test_device().str(), Precision::fp32, 0});
    ASSERT_TRUE(model.has_value()) << model.error().message();
    SceneRequest request;
    request.path = LACT_ASSETS_DIR "/scenes/spinning_top";
    const auto scene = load_scene(request, (*model)->config(), (*model)->info());
    ASSERT_TRUE(scene.has_value()) << scene.error().message();
    Session session(*model);
    ASSERT_TRUE(session.set_up(scene->input_views(), UpdateRule{}).has_value());
    auto inspection = Inspection::of(session, scene->input_views());
    ASSERT_TRUE(inspection.has_value());
    const Query all{scene->target_views().front().camera, {}};
    std::vector<double> whole_s0;
    std::vector<double> centred_s0;
    for (const ShareOf of : {ShareOf::output, ShareOf::centred}) {
        const auto sheet = inspection->attention_sheet(all, {MuonFactor::right, of});
        ASSERT_TRUE(sheet.has_value()) << sheet.error().message();
        for (const AttentionMap& map : *sheet) {
            SCOPED_TRACE(map.label);
            (of == ShareOf::output ? whole_s0 : centred_s0).push_back(map.s0);
            EXPECT_GT(map.absolute_sum, map.sum);
            EXPECT_GT(map.mean_fraction, 0.3);
            EXPECT_LT(map.mean_fraction, 0.99);
        }
    }
    EXPECT_GT(median(whole_s0), median(centred_s0));
}

}  // namespace
}  // namespace lact
