#include "engine/linear/comparators.h"

#include "engine/experiment/experiment.h"
#include "engine/experiment/token_images.h"
#include "engine/scene/colour_map.h"
#include "engine/session/inspection.h"
#include "tests/engine/experiment/bundled_input.h"
#include "tests/engine/linear/layer_example.h"

#include <cmath>
#include <string>
#include <variant>
#include <vector>

#include <ATen/ATen.h>
#include <Eigen/Dense>
#include <gtest/gtest.h>

namespace lact {
namespace {

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Rows rows_of(const at::Tensor& x) {
    const at::Tensor values = x.to(at::kCPU, at::kDouble).contiguous();
    return Eigen::Map<const Rows>(values.const_data_ptr<double>(), values.size(0), values.size(1));
}

Rows rows_of(const Matrix& x) {
    Rows rows(x.rows, x.columns);
    for (int r = 0; r < x.rows; ++r) {
        for (int c = 0; c < x.columns; ++c) {
            rows(r, c) = x.values[static_cast<std::size_t>(r * x.columns + c)];
        }
    }
    return rows;
}

/// Softmax attention, token by token.
Rows softmax_by_loops(const Rows& q, const Rows& k, const Rows& v) {
    Rows o = Rows::Zero(q.rows(), v.cols());
    for (Eigen::Index i = 0; i < q.rows(); ++i) {
        double sum = 0;
        for (Eigen::Index j = 0; j < k.rows(); ++j) {
            const double weight = std::exp(q.row(i).dot(k.row(j)) / std::sqrt(static_cast<double>(q.cols())));
            o.row(i) += weight * v.row(j);
            sum += weight;
        }
        o.row(i) /= sum;
    }
    return o;
}

/// The state of a recurrence S <- gate S + beta k^T (v - erased k S), token by token.
Rows state_by_loops(const Rows& k, const Rows& v, double gate, const Rows& beta, double erased) {
    Rows state = Rows::Zero(k.cols(), v.cols());
    for (Eigen::Index j = 0; j < k.rows(); ++j) {
        Eigen::RowVectorXd value = v.row(j);
        for (Eigen::Index c = 0; c < v.cols(); ++c) {
            for (Eigen::Index r = 0; r < k.cols(); ++r) {
                value(c) -= erased * k(j, r) * state(r, c);
            }
        }
        for (Eigen::Index r = 0; r < k.cols(); ++r) {
            for (Eigen::Index c = 0; c < v.cols(); ++c) {
                state(r, c) = gate * state(r, c) + beta(j, 0) * k(j, r) * value(c);
            }
        }
    }
    return state;
}

Rows output_by_loops(Comparator comparator, const ComparedTokens& tokens, const at::Tensor& q, int64_t n) {
    const Rows k = rows_of(tokens.k[n]);
    const Rows v = rows_of(tokens.v[n]);
    const Rows ones = Rows::Ones(k.rows(), 1);
    switch (comparator) {
        case Comparator::softmax:
            return softmax_by_loops(rows_of(q[n]), k, v);
        case Comparator::linear:
            return rows_of(q[n]) * state_by_loops(k, v, 1, ones, 0);
        case Comparator::gated:
            return rows_of(q[n]) * state_by_loops(k, v, tokens.gate, ones, 0);
        case Comparator::delta:
            break;
    }
    return rows_of(q[n]) * state_by_loops(k, v, 1, rows_of(tokens.beta[n]), 1);
}

/// Example tokens with a strong decay and rates on both sides of 1.
ComparedTokens example_tokens(const LayerInputs& inputs) {
    LayerInputs scaled = inputs;
    scaled.tokens.lr1 = inputs.tokens.lr1 * 6;
    return compared_tokens(UpdateRule{}, scaled);
}

TEST(Comparators, EachIsWhatPlainLoopsCompute) {
    const LayerInputs inputs = test::example_inputs();
    const ComparedTokens tokens = example_tokens(inputs);
    for (const Comparator one : all_comparators) {
        const at::Tensor o = comparator_output(one, tokens, inputs.q);
        for (int64_t n = 0; n < 2; ++n) {
            const Rows expected = output_by_loops(one, tokens, inputs.q, n);
            EXPECT_LE((rows_of(o[n]) - expected).cwiseAbs().maxCoeff(),
                      1e-12 * expected.cwiseAbs().maxCoeff())
                << to_string(one) << ", head " << n;
        }
    }
}

TEST(Comparators, NoTwoOfThemAreTheSame) {
    const LayerInputs inputs = test::example_inputs();
    const ComparedTokens tokens = example_tokens(inputs);
    for (const Comparator a : all_comparators) {
        for (const Comparator b : all_comparators) {
            if (a != b) {
                EXPECT_GT(test::relative(comparator_output(a, tokens, inputs.q),
                                         comparator_output(b, tokens, inputs.q)),
                          0.05)
                    << to_string(a) << ", " << to_string(b);
            }
        }
    }
}

TEST(Comparators, TheAttentionRowsTimesTheValuesAreTheOutput) {
    const LayerInputs inputs = test::example_inputs();
    const ComparedTokens tokens = example_tokens(inputs);
    for (const Comparator one : all_comparators) {
        const at::Tensor weights = comparator_weights(one, tokens, inputs.q);
        ASSERT_EQ(weights.size(2), tokens.tokens());
        EXPECT_LE(test::relative(comparator_output(one, tokens, inputs.q), at::bmm(weights, tokens.v)), 1e-12)
            << to_string(one);
    }
}

TEST(Comparators, TheStateAfterAViewIsThatOfTheTokensUpToIt) {
    const LayerInputs inputs = test::example_inputs();
    const ComparedTokens tokens = example_tokens(inputs);
    for (const Comparator one : {Comparator::linear, Comparator::gated, Comparator::delta}) {
        const auto states = comparator_states(one, tokens);
        ASSERT_EQ(states.size(), 3U);
        ComparedTokens fewer = tokens;
        fewer.k = tokens.k.slice(1, 0, 16);
        fewer.v = tokens.v.slice(1, 0, 16);
        fewer.beta = tokens.beta.slice(1, 0, 16);
        EXPECT_LE(test::relative(comparator_states(one, fewer).back(), states[1]), 1e-12) << to_string(one);
        EXPECT_GT(test::relative(states[2], states[1]), 0.01) << to_string(one);
    }
    EXPECT_TRUE(comparator_states(Comparator::softmax, tokens).empty());
}

TEST(Comparators, TheGateLeavesTheFirstTokenOneEthAndBetaIsAClippedRate) {
    LayerInputs inputs = test::example_inputs();
    inputs.tokens.lr1 = at::full_like(inputs.tokens.lr1, 0.25);
    inputs.tokens.lr1.slice(1, 3, 4).fill_(7);
    const ComparedTokens tokens = compared_tokens(UpdateRule{}, inputs);
    EXPECT_NEAR(std::pow(tokens.gate, 23), std::exp(-1.0), 1e-12);
    EXPECT_EQ(tokens.beta.max().item<double>(), 1);
    EXPECT_EQ(tokens.beta.min().item<double>(), 0.25);
    UpdateRule without = UpdateRule{};
    without.per_token_rate = false;
    EXPECT_EQ(compared_tokens(without, inputs).beta.min().item<double>(), 1);
}

TEST(Comparators, TheCosineIsTheMeanOverQueries) {
    const at::Tensor a = at::tensor({1.0, 0.0, 0.0, 2.0, 0.0, 0.0}).reshape({1, 3, 2});
    const at::Tensor b = at::tensor({3.0, 0.0, 4.0, 4.0, 1.0, 1.0}).reshape({1, 3, 2});
    EXPECT_NEAR(mean_cosine(a, b).item<double>(), (1 + std::sqrt(0.5) + 0) / 3, 1e-12);
}

/// Mean over rows of the cosine of two matrices, after the mean over rows is subtracted from both.
double centred_cosine_by_loops(Rows a, Rows b) {
    a.rowwise() -= a.colwise().mean().eval();
    b.rowwise() -= b.colwise().mean().eval();
    double sum = 0;
    for (Eigen::Index i = 0; i < a.rows(); ++i) {
        sum += a.row(i).dot(b.row(i)) / (a.row(i).norm() * b.row(i).norm());
    }
    return sum / static_cast<double>(a.rows());
}

TEST(ComparatorsExperiment, ItsFiguresAreThoseOfTheInspectedMatrices) {
    ExperimentInput input = test::bundled_input("spinning_top", "general", "ns=fp32", 3);
    auto inspection = Inspection::of(input.session, input.scene->chosen(input.inputs));
    ASSERT_TRUE(inspection.has_value());
    const Place place{2, 1};
    const Query query{input.camera, {}};
    const Rows q = rows_of(*inspection->read_matrix(place, ReadMatrix::q, query));
    const Rows o = rows_of(*inspection->read_matrix(place, ReadMatrix::output, query));
    const Rows k = rows_of(*inspection->linear_matrix(place, LinearMatrix::k));
    const Rows v = rows_of(*inspection->linear_matrix(place, LinearMatrix::v));
    ExperimentSettings settings;
    settings.layer = place.layer;
    settings.head = place.head;
    const auto report = run_experiment("comparators", std::move(input), settings);
    ASSERT_TRUE(report.has_value()) << report.error().message();
    const auto& centred = report->tables.at(1).rows.at(0);
    EXPECT_NEAR(test::number_in(centred.at(1)), centred_cosine_by_loops(softmax_by_loops(q, k, v), o), 1e-4);
    EXPECT_NEAR(test::number_in(centred.at(2)), centred_cosine_by_loops(q * (k.transpose() * v), o), 1e-4);
    EXPECT_GE(test::number_in(centred.at(5)), 0.9999);
    // Effective rank of k^T v after the first photo.
    const Eigen::Index first = k.rows() / 3;
    const Rows written = k.topRows(first).transpose() * v.topRows(first);
    Eigen::VectorXd p = Eigen::JacobiSVD<Rows>(written).singularValues();
    p /= p.sum();
    double entropy = 0;
    for (const double one : p) {
        entropy -= one > 0 ? one * std::log(one) : 0;
    }
    EXPECT_NEAR(test::number_in(report->tables.at(2).rows.at(0).at(3)), std::exp(entropy), 1e-3);
    EXPECT_EQ(report->agreement, Agreement::open);
    EXPECT_EQ(report->images.size(), 5U);
}

TEST(ComparatorsExperiment, LinearAttentionIsNearestToALayerThatIsOne) {
    const auto report =
        run_experiment("comparators", test::bundled_input("spinning_top", "general", "variant6", 3), {});
    ASSERT_TRUE(report.has_value()) << report.error().message();
    EXPECT_EQ(report->tables.at(0).rows.size(), 6U);
    for (const auto& row : report->tables.at(1).rows) {
        EXPECT_GT(test::number_in(row.at(2)), test::number_in(row.at(1)));
        EXPECT_GT(test::number_in(row.at(2)), test::number_in(row.at(4)));
        EXPECT_GT(test::number_in(row.at(2)), 0.95);
    }
}

TEST(TokenImages, ASheetShowsThePhotosAndSignedMapsBelow) {
    auto image = std::make_shared<const ImageF>(ImageF{8, 4, std::vector<float>(8 * 4 * 3, 0.25F)});
    PreparedView view;
    view.image = image;
    view.camera.width = 8;
    view.camera.height = 4;
    const std::vector<PreparedView> photos{view, view};
    TokenSheet sheet(photos, 4, 1);
    sheet.add_row({0, -2, 1, 0});
    const ImageF& result = sheet.image();
    ASSERT_EQ(result.width, 18);
    ASSERT_EQ(result.height, 10);
    const auto pixel = [&](int x, int y) {
        const std::size_t at = static_cast<std::size_t>(y * result.width + x) * 3;
        return Colour{result.rgb[at], result.rgb[at + 1], result.rgb[at + 2]};
    };
    EXPECT_EQ(pixel(0, 0), (Colour{0.25F, 0.25F, 0.25F}));
    EXPECT_EQ(pixel(17, 3), (Colour{0.25F, 0.25F, 0.25F}));
    const auto& points = points_of(ColourMap::diverging);
    EXPECT_EQ(pixel(4, 6), points.front());
    EXPECT_EQ(pixel(0, 6), points[4]);
    EXPECT_EQ(pixel(10, 9), points[6]);
}

TEST(TokenImages, TheCentralPatchIsThatOfTheObjectOrOfAWhiteImage) {
    ImageF image{12, 12, std::vector<float>(12 * 12 * 3, 1.0F)};
    EXPECT_EQ(central_patch(image, 4), (std::array{1, 1}));
    image.rgb[static_cast<std::size_t>(9 * 12 + 2) * 3] = 0;
    EXPECT_EQ(central_patch(image, 4), (std::array{0, 2}));
}

}  // namespace
}  // namespace lact
