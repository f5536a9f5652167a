#pragma once

#include "app/compare/compare_mode.h"
#include "app/compare/compare_table.h"
#include "app/compare/comparison.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lact::app {

/// The figures of the last pairs, in order, for the plot.
class CompareHistory {
  public:
    static constexpr std::size_t most = 600;

    /// Adds a pair, or the SSIM of the last pair, which may come later. A pair without figures is ignored. An
    /// infinite PSNR (equal images) becomes NaN, which plots leave out.
    void add(const ComparedPair& pair) {
        if (!pair.figures) {
            return;
        }
        if (!count_.empty() && number_ == pair.number && sides_ == pair.sides) {
            ssim_.back() = pair.figures->ssim;
            return;
        }
        if (sides_ != pair.sides && !count_.empty()) {
            changes_.push_back(next_);
        }
        sides_ = pair.sides;
        number_ = pair.number;
        if (count_.size() == most) {
            for (auto* values : {&count_, &psnr_, &ssim_}) {
                values->erase(values->begin());
            }
            std::erase_if(changes_, [this](double at) { return at <= count_.front(); });
        }
        count_.push_back(next_++);
        psnr_.push_back(std::isinf(pair.figures->psnr) ? std::numeric_limits<double>::quiet_NaN()
                                                       : pair.figures->psnr);
        ssim_.push_back(pair.figures->ssim);
    }

    [[nodiscard]] const std::vector<double>& count() const { return count_; }  ///< Which pair, from 0.
    [[nodiscard]] const std::vector<double>& psnr() const { return psnr_; }
    [[nodiscard]] const std::vector<double>& ssim() const { return ssim_; }
    [[nodiscard]] const std::vector<double>& changes() const { return changes_; }  ///< Where a side changed.

  private:
    std::vector<double> count_;
    std::vector<double> psnr_;
    std::vector<double> ssim_;
    std::vector<double> changes_;
    double next_ = 0;
    std::uint64_t sides_ = 0;
    std::uint64_t number_ = 0;
};

/// What is compared and how it is shown; part of the document.
struct CompareState {
    bool on = false;
    SideSpec a;
    SideSpec b = four_views();
    std::shared_ptr<const Captured> captured;
    CompareMode mode = CompareMode::wipe;
    double divider = 0.5;              ///< Share of the width that shows A in a wipe, 0 to 1.
    double amplify = default_amplify;  ///< Differences of 1 / amplify take the last colour.
    bool shows_b = false;              ///< In flip mode.
    bool blink = false;                ///< In flip mode: A and B by turns.
    bool table = true;                 ///< Compute the table while its panel is visible.
    std::string sort = "view";
    bool descending = false;
    std::optional<std::array<int, 2>>
        pixel;                ///< The pixel whose values are written; empty: under the pointer.
    bool table_seen = false;  ///< The panel was drawn this frame.
    CompareHistory history;

    [[nodiscard]] std::optional<CompareRequest> request() const {
        return on ? std::optional<CompareRequest>({a, b, captured}) : std::nullopt;
    }
    /// The initial side B: four input views.
    [[nodiscard]] static SideSpec four_views() {
        SideSpec spec;
        spec.view_count = 4;
        return spec;
    }
};

}  // namespace lact::app
