#pragma once

#include "app/core/compared.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace lact::app {

/// The figures of the pairs seen last, in order: what the plot shows.
class CompareHistory {
  public:
    static constexpr std::size_t most = 600;

    /// One more pair, or the SSIM of the last one, which may come later; nothing for one without figures. An
    /// infinite PSNR (equal pictures) and an SSIM that is not there have no place in a plot.
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

}  // namespace lact::app
