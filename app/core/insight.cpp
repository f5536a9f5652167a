#include "app/core/insight.h"

#include "engine/metrics/metrics.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace lact::app {
namespace {

/// A value of some type as an answer.
template <class T>
Result<Answer> answered(Result<T> result) {
    if (!result) {
        return tl::unexpected<Error>(std::move(result.error()));
    }
    return Answer(std::move(*result));
}

Result<void> check_views(std::size_t views, std::size_t inputs) {
    if (views < 1 || views > inputs) {
        return fail("views", fmt::format("{} is not between 1 and the {} input views", views, inputs));
    }
    return {};
}

template <class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

Result<Insight> Insight::of(const Session& session, std::vector<PreparedView> inputs,
                            std::vector<PreparedView> held_out, std::filesystem::path folder) {
    LACT_TRY(Inspection inspection, Inspection::of(session, std::move(inputs)));
    return Insight(std::move(inspection), std::move(held_out), std::move(folder));
}

Result<Answer> Insight::answer(const Question& question, const Job& job) {
    Inspection& i = inspection_;
    const Overloaded choose{
        [&](const AskTwinMatrix& ask) {
            return answered(i.twin_matrix(ask.place, ask.which, ask.step, job));
        },
        [&](const AskDifference& ask) { return answered(i.difference(ask.place, ask.camera, job)); },
        [&](const AskAttention& ask) { return answered(i.attention(ask.place, ask.query, ask.side, job)); },
        [&](const AskAttentionSheet& ask) { return answered(i.attention_sheet(ask.query, ask.side, job)); },
        [&](const AskToken& ask) {
            return answered(i.token(ask.place, ask.token, ask.camera, ask.side, job));
        },
        [&](const AskRead& ask) { return answered(i.read_matrix(ask.place, ask.which, ask.query, job)); },
        [&](const AskSpectra& ask) { return answered(i.spectra(ask.place, job)); },
        [&](const AskNorms&) { return answered(i.norms()); },
        [&](const AskLayerCosines& ask) { return answered(i.layer_cosines(ask.head, ask.which)); },
        [&](const AskRates& ask) { return answered(i.rates(ask.place, job)); },
        [&](const AskInnerLoss& ask) { return answered(i.inner_loss(ask.place, job)); },
        [&](const AskViewGradients& ask) { return answered(i.view_gradients(ask.place, job)); },
        [&](const AskAfterViews& ask) { return after_views(ask, job); },
        [&](const AskPictureAfterViews& ask) { return picture_after_views(ask, job); },
        [&](const AskPicture& ask) { return picture(ask.camera, job); },
        [&](const AskWithoutView& ask) { return answered(i.without_view(ask.view, ask.camera, job)); },
        [&](const AskHeldOut&) { return held_out_score(job); },
        [&](const AskTruth& ask) { return truth(ask.camera); },
        [&](const AskSequence& ask) { return answered(sequence_example(ask.options, job)); },
        [&](const AskVittt& ask) { return answered(sequence_.vittt(ask)); },
        [&](const AskVitttAttention& ask) { return answered(sequence_.attention(ask)); },
        [&](const AskSequenceSpeed&) { return answered(quick_sequence_speed(job)); }};
    return std::visit(choose, question);
}

Result<Answer> Insight::after_views(const AskAfterViews& ask, const Job& job) {
    const std::size_t inputs = inspection_.inputs().size();
    LACT_CHECK(check_views(ask.views, inputs));
    std::vector<double> counted(inputs, 0.0);
    std::fill_n(counted.begin(), ask.views, 1.0);
    return answered(inspection_.reweighted(ask.key, counted, ask.features, job));
}

Result<Answer> Insight::picture_after_views(const AskPictureAfterViews& ask, const Job& job) {
    const auto& inputs = inspection_.inputs();
    LACT_CHECK(check_views(ask.views, inputs.size()));
    auto known = first_views_.find(ask.views);
    if (known == first_views_.end()) {
        Session fresh = inspection_.session().snapshot();
        LACT_TRY(const double milliseconds,
                 fresh.set_up(std::span(inputs).first(ask.views), inspection_.session().rule(), job));
        (void)milliseconds;
        known = first_views_.emplace(ask.views, std::move(fresh)).first;
    }
    return answered(known->second.render(ask.camera, job));
}

Result<Answer> Insight::picture(const Camera& camera, const Job& job) {
    Session session = inspection_.session().snapshot();
    return answered(session.render(camera, job));
}

Result<Answer> Insight::held_out_score(const Job& job) {
    constexpr std::size_t most = 16;
    if (held_out_.empty()) {
        return fail("held-out photos", "every photo is an input view: none is held out");
    }
    const std::size_t count = std::min(most, held_out_.size());
    HeldOutPsnr score{0, count};
    Session session = inspection_.session().snapshot();
    for (std::size_t i = 0; i < count; ++i) {
        const PreparedView& view = held_out_[i * held_out_.size() / count];
        LACT_TRY(const Frame frame, session.render(view.camera, job));
        score.psnr += psnr(frame.image, view.image) / static_cast<double>(count);
    }
    return Answer(score);
}

Result<Answer> Insight::truth(const Camera& camera) {
    if (!truth_) {
        const auto origin = origin_of(folder_);
        if (!origin) {
            return fail("ground truth", "this scene was not generated", "Scene > Generate another.");
        }
        LACT_TRY(truth_, GroundTruth::of(*origin));
    }
    LACT_TRY(ImageF picture, truth_->picture(camera));
    return Answer(Truth{std::move(picture)});
}

}  // namespace lact::app
