#include "app/core/comparison.h"

#include "engine/metrics/metrics.h"

#include <algorithm>
#include <limits>

namespace lact::app {
namespace {

/// The side of a text: what it was before where it would be the same.
Result<std::optional<ComparedSide>> remade(const SideSpec& spec, const std::optional<ComparedSide>& before,
                                           const SideBase& base, SideModels& models, const Job& job) {
    LACT_TRY(SidePlan plan, plan_side(spec, base, models, job));
    if (before && before->plan() == plan && before->info().spec == format(spec)) {
        return std::optional<ComparedSide>();
    }
    LACT_TRY(ComparedSide side, ComparedSide::of(spec, std::move(plan), base, job));
    return std::optional<ComparedSide>(std::move(side));
}

/// The new side; where it is the old one, it may have become that of the base, or no longer be it.
void take(std::optional<ComparedSide>& side, std::optional<ComparedSide> fresh, const SideBase& base) {
    if (fresh) {
        side = std::move(fresh);
    } else {
        side->rebase(base);
    }
}

bool given_to(const ComparedSide& side, std::size_t view) {
    const auto& inputs = side.info().inputs;
    return std::find(inputs.begin(), inputs.end(), view) != inputs.end();
}

}  // namespace

Result<void> Comparison::set(const CompareWish& wish, const SideBase& base, const Job& job) {
    SideBase all = base;
    all.captured = wish.captured;
    const bool other_scene = scene_ != base.scene;
    const std::optional<ComparedSide> none;
    LACT_TRY(auto a, remade(wish.a, other_scene ? none : a_, all, models_, job));
    LACT_TRY(auto b, remade(wish.b, other_scene ? none : b_, all, models_, job));
    if (a || b) {
        ++sides_;
    }
    take(a_, std::move(a), base);
    take(b_, std::move(b), base);
    scene_ = base.scene;
    return {};
}

Result<ComparedPair> Comparison::pair(const Camera& camera, const std::shared_ptr<const Frame>& current,
                                      bool with_ssim, const Job& job) {
    const auto look = [&](ComparedSide& side) -> Result<SidePicture> {
        if (side.is_base() && current) {
            return SidePicture{std::shared_ptr<const ImageF>(current, &current->image),
                               side.info().label(),
                               {},
                               current->milliseconds};
        }
        return side.look(camera, job);
    };
    ComparedPair pair;
    pair.camera = camera;
    LACT_TRY(pair.a, look(*a_));
    LACT_TRY(pair.b, look(*b_));
    pair.view = view_at(*scene_, camera);
    measure(pair, with_ssim);
    return pair;
}

void Comparison::measure(ComparedPair& pair, bool with_ssim) const {
    pair.a_switched = a_->info().rule_switched;
    pair.b_switched = b_->info().rule_switched;
    pair.sides = sides_;
    pair.whole = with_ssim;
    if (pair.a.picture && pair.b.picture) {
        pair.figures = compare_pictures(*pair.a.picture, *pair.b.picture, with_ssim);
    }
    if (pair.view) {
        const ImageF& photo = (*scene_->views)[*pair.view].image;
        const std::array sides{pair.a.picture.get(), pair.b.picture.get()};
        for (std::size_t i = 0; i < sides.size(); ++i) {
            if (sides.at(i) != nullptr && sides.at(1 - i) == &photo) {
                pair.photos.at(i) = pair.figures;  // the other side is that photo
            } else if (sides.at(i) != nullptr) {
                pair.photos.at(i) = compare_pictures(*sides.at(i), photo, with_ssim);
            }
        }
    }
}

void Comparison::complete(ComparedPair& pair) const {
    measure(pair, true);
}

Result<ComparedPair> Comparison::pair_from_view(std::size_t view, const Job& job) {
    ComparedPair pair;
    pair.camera = (*scene_->views)[view].camera;
    LACT_TRY(pair.a, a_->look_from_view(view, job));
    LACT_TRY(pair.b, b_->look_from_view(view, job));
    pair.view = view;
    measure(pair, true);
    return pair;
}

Result<CompareRow> Comparison::row(std::size_t view, const Job& job) {
    LACT_TRY(const ComparedPair pair, pair_from_view(view, job));
    return row_of(pair, scene_->summaries[view].name);
}

CompareRow row_of(const ComparedPair& pair, std::string name) {
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    const PairFigures nothing{none, none, none, none, none};
    const PairFigures a = pair.photos[0].value_or(nothing);
    const PairFigures b = pair.photos[1].value_or(nothing);
    const PairFigures ab = pair.figures.value_or(nothing);
    return {pair.view.value_or(0), std::move(name), a.psnr, a.ssim, b.psnr, b.ssim, ab.psnr, ab.ssim};
}

std::vector<std::size_t> Comparison::held_out() const {
    std::vector<std::size_t> views;
    for (const PreparedView& view : *scene_->views) {
        if (!given_to(*a_, view.index) && !given_to(*b_, view.index)) {
            views.push_back(view.index);
        }
    }
    return views;
}

CompareTable Comparison::empty_table() const {
    return {a_->info(), b_->info(), {}, held_out().size(), sides_};
}

}  // namespace lact::app
