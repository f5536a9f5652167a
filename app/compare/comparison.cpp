#include "app/compare/comparison.h"

#include "engine/metrics/metrics.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

namespace {

/// A result whose error names the side.
template <class T>
Result<T> of_side(char name, Result<T> result) {
    if (!result && !result.error().cancelled) {
        std::string& where = result.error().where;
        constexpr std::string_view side = "side";
        if (where.starts_with(side)) {
            where.erase(0, side.size());
        } else if (!where.empty()) {
            where.insert(0, ", ");
        }
        where.insert(0, fmt::format("side {}", name));
    }
    return result;
}

/// Builds the side of a plan; none where the plan is unchanged.
Result<std::optional<ComparedSide>> remade(const SideSpec& spec, SidePlan plan, const ComparedSide* before,
                                           const SideBase& base, const Job& job) {
    if (before != nullptr && before->plan() == plan && before->info().spec == format(spec)) {
        return std::optional<ComparedSide>();
    }
    LACT_TRY(ComparedSide side, ComparedSide::of(spec, std::move(plan), base, job));
    return std::optional<ComparedSide>(std::move(side));
}

/// Sets the new side. Where there is none, the old side stays, and may begin or cease to be that of the base.
void replace_side(std::optional<ComparedSide>& side, std::optional<ComparedSide> fresh,
                  const SideBase& base) {
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

Result<void> Comparison::set(const CompareRequest& request, const SideBase& base, const Job& job) {
    SideBase all = base;
    all.captured = request.captured;
    LACT_TRY(SidePlan plan_a, of_side('A', plan_side(request.a, all, models_)));
    LACT_TRY(SidePlan plan_b, of_side('B', plan_side(request.b, all, models_)));
    const auto before = [&](const std::optional<ComparedSide>& side) {
        return side && scene_ == base.scene ? &*side : nullptr;
    };
    LACT_TRY(auto a, of_side('A', remade(request.a, std::move(plan_a), before(a_), all, job)));
    LACT_TRY(auto b, of_side('B', remade(request.b, std::move(plan_b), before(b_), all, job)));
    if (a || b) {
        ++sides_;
    }
    replace_side(a_, std::move(a), base);
    replace_side(b_, std::move(b), base);
    scene_ = base.scene;
    return {};
}

Result<ComparedPair> Comparison::pair(const Camera& camera, const std::shared_ptr<const Frame>& current,
                                      bool with_ssim, const Job& job) {
    const auto image_of = [&](ComparedSide& side) -> Result<SideImage> {
        if (side.is_base() && current) {
            return SideImage{std::shared_ptr<const ImageF>(current, &current->image),
                             side.info().label(),
                             {},
                             current->milliseconds};
        }
        return side.render(camera, job);
    };
    ComparedPair pair;
    pair.camera = camera;
    LACT_TRY(pair.a, of_side('A', image_of(*a_)));
    LACT_TRY(pair.b, of_side('B', image_of(*b_)));
    pair.view = view_at(*scene_, camera);
    pair.number = ++pairs_;
    measure(pair, with_ssim && !pair.view);  // at a photo there are three SSIMs: complete() adds them
    return pair;
}

void Comparison::measure(ComparedPair& pair, bool with_ssim) const {
    pair.a_switched = a_->info().rule_switched;
    pair.b_switched = b_->info().rule_switched;
    pair.sides = sides_;
    pair.whole = with_ssim;
    if (pair.a.image && pair.b.image) {
        pair.figures = compare_images(*pair.a.image, *pair.b.image, with_ssim);
    }
    if (pair.view) {
        const ImageF& photo = *scene_->view(*pair.view).image;
        const std::array sides{pair.a.image.get(), pair.b.image.get()};
        for (std::size_t i = 0; i < sides.size(); ++i) {
            if (sides.at(i) != nullptr && sides.at(1 - i) == &photo) {
                pair.photos.at(i) = pair.figures;  // the other side is that photo
            } else if (sides.at(i) != nullptr) {
                pair.photos.at(i) = compare_images(*sides.at(i), photo, with_ssim);
            }
        }
    }
}

void Comparison::end() {
    a_.reset();
    b_.reset();
    scene_.reset();
}

void Comparison::complete(ComparedPair& pair) const {
    measure(pair, true);
}

Result<ComparedPair> Comparison::pair_from_view(std::size_t view, const Job& job) {
    ComparedPair pair;
    pair.camera = scene_->view(view).camera;
    LACT_TRY(pair.a, of_side('A', a_->render_view(view, job)));
    LACT_TRY(pair.b, of_side('B', b_->render_view(view, job)));
    pair.view = view;
    measure(pair, true);
    return pair;
}

Result<CompareRow> Comparison::row(std::size_t view, const Job& job) {
    LACT_TRY(const ComparedPair pair, pair_from_view(view, job));
    return row_of(pair, scene_->photo_name(view));
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
    for (const PreparedView& view : scene_->views) {
        if (!view.outlying && !given_to(*a_, view.index) && !given_to(*b_, view.index)) {
            views.push_back(view.index);
        }
    }
    return views;
}

CompareTable Comparison::empty_table() const {
    return {a_->info(), b_->info(), {}, held_out().size(), sides_};
}

}  // namespace lact::app
