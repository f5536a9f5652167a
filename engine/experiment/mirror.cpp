#include "engine/core/counted.h"
#include "engine/experiment/experiment_list.h"
#include "engine/experiment/verdict.h"
#include "engine/metrics/metrics.h"
#include "engine/ttt/rule_schema.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace lact {
namespace {

/// A rule on the weights, and its counterpart with the other direction on the mirrored weights.
struct MirrorCase {
    std::string name;
    UpdateRule rule;
    bool linear_loss = true;  ///< The loss is linear in f(k): the images are equal.
};

UpdateRule other_direction(UpdateRule rule) {
    rule.direction = rule.direction == Direction::descent ? Direction::ascent : Direction::descent;
    return rule;
}

std::vector<MirrorCase> mirror_cases(const UpdateRule& current) {
    UpdateRule dot = current;
    dot.loss = InnerLoss::dot;
    UpdateRule steps = dot;
    steps.inner_steps = dot.inner_steps == 4 ? 1 : 4;
    UpdateRule mse = current;
    mse.loss = InnerLoss::mse;
    return {{"dot product, " + counted(dot.inner_steps, "inner step"), dot, true},
            {"dot product, " + counted(steps.inner_steps, "inner step"), steps, true},
            {"MSE, " + counted(mse.inner_steps, "inner step"), mse, false}};
}

class MirrorRun final : public ExperimentRun {
  public:
    MirrorRun(ExperimentInput input, const ExperimentSettings& settings)
        : input_(std::move(input)),
          held_out_(chosen_held_out(input_, settings)),
          mirrored_(input_.session.model().mirrored()),
          cases_(mirror_cases(input_.session.rule())) {
        report_.own_statement = "The symmetry";
        report_.remarks.emplace_back(
            "For a loss that is linear in f(k) the symmetry of the weights alone explains why training with "
            "ascent can do as well; it holds for any weights, random ones also. Training itself is measured "
            "in the experiment variants.");
        report_.condition = fmt::format(
            "With the dot-product loss no value of any image differs. The control is the MSE loss: where its "
            "images do not differ by more than {:g}, nothing is decided.",
            other_image);
        report_.tables.push_back(
            {"cases",
             {"inner loss", "weights as they are", "mirrored weights", "largest difference",
              "mean difference", "PSNR (dB)", "PSNR mirrored (dB)", "PSNR unmirrored (dB)"},
             {}});
        report_.remarks.emplace_back(
            "Mirrored: the signs of every initial W1 and of every output projection of a TTT layer are "
            "flipped. Unmirrored: the flipped direction on the weights as they are, which were not trained "
            "for it.");
    }

    Result<bool> advance(const Job& job) override {
        const MirrorCase& one = cases_[done_];
        const auto inputs = input_.scene->chosen(input_.inputs);
        Session here = input_.session.snapshot();
        Session mirror(mirrored_);
        auto ready = here.set_up(inputs, one.rule, job);
        if (ready) {
            ready = mirror.set_up(inputs, other_direction(one.rule), job);
        }
        if (!ready && ready.error().cancelled) {
            return tl::unexpected<Error>(ready.error());
        }
        if (ready) {
            LACT_CHECK(measure(one, here, mirror, job));
        } else {
            leave_out(one, ready.error());
        }
        ++done_;
        report_.fraction = static_cast<double>(done_) / static_cast<double>(cases_.size());
        if (done_ == cases_.size()) {
            conclude();
        }
        return done_ < cases_.size();
    }

  private:
    /// PSNR of the other direction on the weights as they are, which may diverge: NaN then.
    Result<double> psnr_unmirrored(const MirrorCase& one, const Job& job) {
        Session unmirrored = input_.session.snapshot();
        const auto inputs = input_.scene->chosen(input_.inputs);
        if (const auto ready = unmirrored.set_up(inputs, other_direction(one.rule), job); !ready) {
            if (ready.error().cancelled) {
                return tl::unexpected<Error>(ready.error());
            }
            report_.remarks.push_back(
                fmt::format("{}, unmirrored, is not measured: {}.", one.name, ready.error().what));
            return std::numeric_limits<double>::quiet_NaN();
        }
        return mean_psnr(unmirrored, held_out_, job);
    }

    Result<void> measure(const MirrorCase& one, Session& here, Session& mirror, const Job& job) {
        LACT_TRY(const ImageDifference difference, largest_difference(here, mirror, job));
        LACT_TRY(const double psnr_here, mean_psnr(here, held_out_, job));
        LACT_TRY(const double psnr_mirror, mean_psnr(mirror, held_out_, job));
        LACT_TRY(Frame image_here, here.render(input_.camera, job));
        LACT_TRY(Frame image_mirror, mirror.render(input_.camera, job));
        LACT_TRY(const double psnr_other, psnr_unmirrored(one, job));
        report_.tables.front().rows.push_back({one.name, format(one.rule), format(other_direction(one.rule)),
                                               difference.largest, difference.mean, psnr_here, psnr_mirror,
                                               psnr_other});
        report_.images.push_back({fmt::format("case{}", done_), "as they are, " + rule_label(one.rule),
                                  std::move(image_here.image)});
        report_.images.push_back({fmt::format("case{}_mirrored", done_),
                                  fmt::format("mirrored, {}: largest difference {:.3g}",
                                              rule_label(other_direction(one.rule)), difference.largest),
                                  std::move(image_mirror.image)});
        double& kind = one.linear_loss ? linear_ : other_;
        kind = larger_or_nan(kind, difference.largest);
        ++(one.linear_loss ? linear_count_ : other_count_);
        return {};
    }

    /// The row of a case that cannot be set up: the other cases are measured all the same.
    void leave_out(const MirrorCase& one, const Error& why) {
        const double none = std::numeric_limits<double>::quiet_NaN();
        report_.tables.front().rows.push_back({one.name, format(one.rule), format(other_direction(one.rule)),
                                               "not measured", none, none, none, none});
        report_.remarks.push_back(fmt::format("{} is not measured: {}.", one.name, why.what));
    }

    /// Over the target camera and the held-out cameras.
    Result<ImageDifference> largest_difference(Session& a, Session& b, const Job& job) {
        std::vector<Camera> cameras{input_.camera};
        for (const PreparedView& view : held_out_) {
            cameras.push_back(view.camera);
        }
        ImageDifference all;
        for (const Camera& camera : cameras) {
            LACT_TRY(const Frame image_a, a.render(camera, job));
            LACT_TRY(const Frame image_b, b.render(camera, job));
            const ImageDifference one = image_difference(image_a.image, image_b.image);
            all.largest = larger_or_nan(all.largest, one.largest);
            all.mean += one.mean / static_cast<double>(cameras.size());
        }
        return all;
    }

    void conclude() {
        report_.finding =
            linear_count_ == 0
                ? std::string("With the dot-product loss nothing was measured.")
                : fmt::format(
                      "With the dot-product loss, the mirrored weights under the other direction give {} "
                      "(largest difference over {} and {}: {:.3g}).",
                      linear_ == 0 ? "the same images to the last bit" : "other images",
                      counted(held_out_.size() + 1, "image"),
                      linear_count_ == 2 ? "both numbers of steps" : "one number of steps", linear_);
        report_.finding +=
            other_count_ == 0
                ? std::string(" The control, MSE, was not measured.")
                : fmt::format(
                      " With MSE they give {} (largest difference {:.3g}): its residual v − f(k) "
                      "becomes v + f(k) when f changes its sign.",
                      other_ > other_image ? "other images" : "images that hardly differ", other_);
        const bool all_measured = linear_count_ + other_count_ == cases_.size();
        if (!all_measured) {
            report_.finding += " Where a case was not measured, nothing is decided by it.";
        }
        report_.agreement = mirror_verdict(linear_, other_, all_measured);
        report_.finished = true;
    }

    ExperimentInput input_;
    std::vector<PreparedView> held_out_;
    std::shared_ptr<const Model> mirrored_;
    std::vector<MirrorCase> cases_;
    std::size_t done_ = 0;
    std::size_t linear_count_ = 0;  ///< Cases that were measured, of a loss that is linear in f(k),
    std::size_t other_count_ = 0;   ///< and of the control.
    double linear_ = 0;
    double other_ = 0;
};

}  // namespace

Experiment mirror_experiment() {
    return {.id = "mirror",
            .title = "Mirror: ascent is descent",
            .claim =
                "A model trained with gradient ascent in the inner loop is as good as one trained with "
                "descent (LaCT-NVS, 12 layers, RealEstate10K at 128x128, 2 input views: 25.85 dB against "
                "25.94 dB; arXiv 2602.21204, section 4).",
            .summary = "Flips the signs of W1 and of the output projection, and the direction of the update.",
            .uses = {.views = true},
            .start = [](ExperimentInput input,
                        const ExperimentSettings& settings) -> Result<std::unique_ptr<ExperimentRun>> {
                return std::make_unique<MirrorRun>(std::move(input), settings);
            }};
}

}  // namespace lact
