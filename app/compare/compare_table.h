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
    std::string rule;
    bool rule_switched = false;  ///< Switched at inference: not the rule of the training.
    std::string precision;
    std::string device;
    std::vector<std::size_t> inputs;
    std::string warning;  ///< A sentence, where its weights were trained for something else.

    /// "nano64, ascent (switched at inference), fp32, 8 views"; "photo"; "ground truth".
    [[nodiscard]] std::string label() const;
    [[nodiscard]] nlohmann::json json() const;
};

/// One side from one camera.
struct SideImage {
    std::shared_ptr<const ImageF> image;  ///< Null where there is none from here.
    std::string label;                    ///< What the side is; of a photo, which one.
    std::string why_not;                  ///< A sentence, where there is no image.
    double milliseconds = 0;              ///< Time to render it.
    bool elsewhere = false;               ///< There is an image from another camera.
};

/// Both sides from one camera, immutable once made. It comes with the frame of that camera where a side is
/// what is open; where none is, the frame comes later, or not at all.
struct ComparedPair {
    Camera camera;  ///< Of both.
    SideImage a;
    SideImage b;
    bool a_switched = false;  ///< Its rule was only switched at inference; likewise B's.
    bool b_switched = false;
    std::optional<std::size_t> view;                   ///< The photo that was taken from here.
    std::optional<PairFigures> figures;                ///< A against B, where there are both.
    std::array<std::optional<PairFigures>, 2> photos;  ///< A and B against that photo.
    bool whole = false;                                ///< The SSIM of the figures is there, too.
    std::uint64_t sides = 0;                           ///< Rises when a side becomes another one.
    std::uint64_t number = 0;                          ///< Which pair; stays when the SSIM is filled in.
};

/// One held-out view: each side against the photo, and A against B. NaN where a side shows nothing there.
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

/// All views that neither side was given.
struct CompareTable {
    SideInfo a;
    SideInfo b;
    std::vector<CompareRow> rows;  ///< Those computed so far.
    std::size_t of = 0;            ///< How many there will be.
    std::uint64_t sides = 0;       ///< As in ComparedPair.

    /// Means; what is NaN in a row is left out of its mean, as in an evaluation.
    [[nodiscard]] CompareRow mean() const;
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

/// A header line, a line for each view, and the means; numbers with all their digits.
[[nodiscard]] std::string to_csv(const CompareTable& table);
/// Sides, views and means. Infinities are the texts "inf" and "-inf", NaN is null.
[[nodiscard]] nlohmann::json to_json(const CompareTable& table);
/// A figure in JSON: infinities as text, NaN as null.
[[nodiscard]] nlohmann::json json_number(double value);

}  // namespace lact::app
