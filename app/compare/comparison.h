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
    std::shared_ptr<const Captured> captured;  ///< The rendering of the side "captured".
    friend bool operator==(const CompareRequest&, const CompareRequest&) = default;
};

/// Two sides, relative to the open scene and model. Not thread-safe.
class Comparison {
  public:
    /// Builds the sides; an unchanged one keeps its state. Errors, which name the side and leave both
    /// unchanged: those of plan_side(), for both sides before either is set up, and of ComparedSide::of().
    [[nodiscard]] Result<void> set(const CompareRequest& request, const SideBase& base, const Job& job);

    /// Both sides from one camera of the base scene. `current`: the frame that the base rendered from there,
    /// if it did; a side that equals the base takes it. Without SSIM where `with_ssim` is false: complete()
    /// fills it in later.
    [[nodiscard]] Result<ComparedPair> pair(const Camera& camera, const std::shared_ptr<const Frame>& current,
                                            bool with_ssim, const Job& job);
    void complete(ComparedPair& pair) const;
    /// Whether a side shares the state of the base: its image is the frame of the base.
    [[nodiscard]] bool shows_base() const { return a_->is_base() || b_->is_base(); }
    /// Releases the sides. The counters of sides and pairs go on.
    void end();

    /// A view's figures. Errors: those of ComparedSide::render_view().
    [[nodiscard]] Result<CompareRow> row(std::size_t view, const Job& job);
    /// Both sides from the camera of a view, with all figures.
    [[nodiscard]] Result<ComparedPair> pair_from_view(std::size_t view, const Job& job);

    /// The views that are inputs of neither side, without outlying ones.
    [[nodiscard]] std::vector<std::size_t> held_out() const;
    /// The table without rows.
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
