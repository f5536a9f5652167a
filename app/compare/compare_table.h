#pragma once

#include "engine/metrics/metrics.h"
#include "engine/scene/camera.h"
#include "engine/scene/image.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace lact::app {

/// What one side of a comparison is: for labels on images and for files.
struct SideInfo {
    std::string spec;            ///< As parse_side_spec() reads it.
    std::string what = "model";  ///< "model", "photo", "truth" (the ground truth), "captured"
    std::string weights;         ///< Name of the weights. Only a model has it, and all below.
    std::string sha256;
    std::string trained_rule;
    std::string rule;                  ///< As parse_update_rule() reads it.
    std::string rule_label;            ///< On screen: "Gradient ascent".
    bool by_linear_attention = false;  ///< Every TTT layer is computed by its linear-attention form.
    bool rule_switched = false;        ///< Switched at inference: not the rule of the training.
    std::string precision;
    std::string device;
    std::vector<std::size_t> inputs;
    std::string warning;  ///< A sentence, where it is outside the training range of its weights.

    /// "general, Gradient ascent (switched at inference), fp32, 8 views"; "photo"; "ground truth".
    [[nodiscard]] std::string label() const;
    [[nodiscard]] nlohmann::json json() const;
};

/// One side from one camera.
struct SideImage {
    std::shared_ptr<const ImageF> image;  ///< Null where there is none from here.
    std::string label;                    ///< What the side is; of a photo, which one.
    std::string why_not;                  ///< A sentence, where there is no image.
    double milliseconds = 0;              ///< Time to render it.
    bool elsewhere = false;               ///< Another camera has an image.
};

/// Both sides from one camera; immutable. Where a side shares the state of the base, the pair is published
/// with the frame of that camera; otherwise the frame follows, or is omitted.
struct ComparedPair {
    Camera camera;  ///< Of both.
    SideImage a;
    SideImage b;
    bool a_switched = false;  ///< The rule of A is switched at inference; likewise that of B.
    bool b_switched = false;
    std::optional<std::size_t> view;                   ///< The view with this camera.
    std::optional<PairFigures> figures;                ///< A against B, where both exist.
    std::array<std::optional<PairFigures>, 2> photos;  ///< A and B against that photo.
    bool whole = false;                                ///< The figures include the SSIM.
    std::uint64_t sides = 0;                           ///< Incremented when a side changes.
    std::uint64_t number = 0;  ///< Number of the pair; the same after the SSIM is added.
};

/// One held-out view: each side against the photo, and A against B. NaN where a side has no image.
struct CompareRow {
    std::size_t view = 0;
    std::string name;  ///< File name of the photo.
    double psnr_a = 0;
    double ssim_a = 0;
    double psnr_b = 0;
    double ssim_b = 0;
    double psnr_ab = 0;
    double ssim_ab = 0;
};

/// A column of the table: its name in files and its value.
struct CompareColumn {
    const char* name;
    double CompareRow::*value;
};
inline constexpr std::array<CompareColumn, 6> compare_columns{{{"psnr_a", &CompareRow::psnr_a},
                                                               {"ssim_a", &CompareRow::ssim_a},
                                                               {"psnr_b", &CompareRow::psnr_b},
                                                               {"ssim_b", &CompareRow::ssim_b},
                                                               {"psnr_ab", &CompareRow::psnr_ab},
                                                               {"ssim_ab", &CompareRow::ssim_ab}}};

/// The means of the columns, each over the rows in which it has a number.
struct CompareMean : CompareRow {
    std::array<std::size_t, compare_columns.size()> counts{};  ///< Of these rows, by column.
};

/// The views that are inputs of neither side.
struct CompareTable {
    SideInfo a;
    SideInfo b;
    std::vector<CompareRow> rows;  ///< Those computed so far.
    std::size_t of = 0;            ///< Final number of rows.
    std::uint64_t sides = 0;       ///< As in ComparedPair.

    /// Means over the rows, without NaN, as in an evaluation.
    [[nodiscard]] CompareMean mean() const;
};

// Figures on screen. NaN is "-".

/// `digits` after the point; an infinite PSNR is that of "equal" images.
[[nodiscard]] std::string figure_text(double value, int digits);
/// The mean of a column. An infinite one is "inf": not all of its rows need be equal. Where it is not over
/// all `rows`, their number follows in a line of its own: "31.20\nof 1".
[[nodiscard]] std::string mean_figure_text(const CompareMean& mean, std::size_t column, int digits,
                                           std::size_t rows);
/// `digits` after the point; two significant digits where these would show 0 or almost. `sign`: a plus, too.
[[nodiscard]] std::string difference_text(double value, int digits, bool sign = false);

/// What the table is of in lines that begin with #, as in the numbers of panels; a header line, a line for
/// each view, and the means; numbers with all their digits. `scene`, `size`: its name, and that of its
/// images.
[[nodiscard]] std::string to_csv(const CompareTable& table, const std::string& scene, Size size);
/// Sides, views, means and the number of views of each mean. Infinities are the texts "inf" and "-inf", NaN
/// is null.
[[nodiscard]] nlohmann::json to_json(const CompareTable& table);
/// A figure in JSON: infinities as text, NaN as null.
[[nodiscard]] nlohmann::json json_number(double value);

}  // namespace lact::app
