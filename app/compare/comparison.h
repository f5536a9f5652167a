#pragma once

#include "app/compare/compare_table.h"
#include "app/compare/side.h"
#include "app/compare/side_spec.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lact::app {

/// A request for two sides.
struct CompareRequest {
    SideSpec a;
    SideSpec b;
    std::shared_ptr<const Captured> captured;  ///< What "captured" means.
    friend bool operator==(const CompareRequest&, const CompareRequest&) = default;
};

/// Two sides over what is open. One thread at a time.
class Comparison {
  public:
    /// Makes the sides; one that stays what it was keeps its state. Errors: those of plan_side(), for both
    /// sides before either is set up, and ComparedSide::of(), with which side it is; both sides then stay as
    /// they were.
    [[nodiscard]] Result<void> set(const CompareRequest& request, const SideBase& base, const Job& job);

    /// Both sides from one camera of the base scene. `current`: the frame that the base rendered from there,
    /// if it did; a side that equals the base takes it. Without SSIM where `with_ssim` is false: complete()
    /// fills it in later.
    [[nodiscard]] Result<ComparedPair> pair(const Camera& camera, const std::shared_ptr<const Frame>& current,
                                            bool with_ssim, const Job& job);
    void complete(ComparedPair& pair) const;
    /// A side is what is open: its image is the frame of the base.
    [[nodiscard]] bool shows_base() const { return a_->is_base() || b_->is_base(); }
    /// Releases the sides. The counters of sides and pairs go on.
    void end();

    /// A view's figures. Errors: those of ComparedSide::render_view().
    [[nodiscard]] Result<CompareRow> row(std::size_t view, const Job& job);
    /// Both sides from the camera of a view, with all figures.
    [[nodiscard]] Result<ComparedPair> pair_from_view(std::size_t view, const Job& job);

    /// The views that neither side was given.
    [[nodiscard]] std::vector<std::size_t> held_out() const;
    /// Without rows.
    [[nodiscard]] CompareTable empty_table() const;

  private:
    void measure(ComparedPair& pair, bool with_ssim) const;

    SideModels models_;
    std::shared_ptr<const ViewSet> scene_;
    std::optional<ComparedSide> a_;
    std::optional<ComparedSide> b_;
    std::uint64_t sides_ = 0;
    std::uint64_t pairs_ = 0;
};

/// The figures of a pair from a view's camera as a row of the table.
[[nodiscard]] CompareRow row_of(const ComparedPair& pair, std::string name);

}  // namespace lact::app
