#include "app/runtime/query_service.h"

#include "engine/metrics/metrics.h"

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

Result<const VitttExample*> SequenceAnswers::example(const VitttQuery& ask) {
    if (!example_ || asked_ != ask) {
        LACT_TRY(const Image8 image,
                 ask.image.empty() ? Result<Image8>(generated_image()) : load_rgb(ask.image));
        VitttExampleOptions options;
        options.rotary = ask.rotary;
        LACT_TRY(example_, VitttExample::of(image, options));
        asked_ = ask;
    }
    return &*example_;
}

Result<VitttImages> SequenceAnswers::vittt(const VitttQuery& ask) {
    LACT_TRY(const VitttExample* one, example(ask));
    return VitttImages{one->image(),   one->glu_image(),      one->conv_image(),     one->rows(),
                       one->columns(), one->glu_difference(), one->conv_difference()};
}

Result<VitttAttention> SequenceAnswers::attention(const VitttAttentionQuery& ask) {
    LACT_TRY(const VitttExample* one, example(ask.image));
    return one->attention(ask.position[0], ask.position[1]);
}

Result<SequenceSpeeds> quick_sequence_speed(const Job& job) {
    SequenceWorkload work;
    work.lengths = {2048, 8192};
    work.compute.threads = -1;  // those of the engine
    work.repeats = 3;
    work.seconds = 0.3;
    return measure_sequence_speed(work, job);
}

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
        return fail("views",
                    fmt::format("{} is not between 1 and {}, the number of input views", views, inputs));
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

Result<QueryService> QueryService::of(const Session& session, std::vector<PreparedView> inputs,
                                      std::vector<PreparedView> held_out, std::filesystem::path folder) {
    LACT_TRY(Inspection inspection, Inspection::of(session, std::move(inputs)));
    return QueryService(std::move(inspection), std::move(held_out), std::move(folder));
}

Result<Answer> QueryService::answer(const StateQuery& query, const Job& job) {
    Inspection& i = inspection_;
    const Overloaded choose{
        [&](const LinearMatrixQuery& ask) {
            return answered(i.linear_matrix(ask.place, ask.which, ask.step, job));
        },
        [&](const EquivalenceQuery& ask) { return answered(i.difference(ask.place, ask.camera, job)); },
        [&](const StateDistanceQuery& ask) { return answered(i.state_distance(ask.place, job)); },
        [&](const AttentionQuery& ask) {
            return answered(i.attention(ask.place, ask.query, ask.options, job));
        },
        [&](const AttentionSheetQuery& ask) {
            return answered(i.attention_sheet(ask.query, ask.options, job));
        },
        [&](const TokenQuery& ask) {
            return answered(i.token(ask.place, ask.token, ask.camera, ask.options, job));
        },
        [&](const ReadQuery& ask) { return answered(i.read_matrix(ask.place, ask.which, ask.query, job)); },
        [&](const SpectraQuery& ask) { return answered(i.spectra(ask.place, job)); },
        [&](const NormsQuery&) { return answered(i.norms()); },
        [&](const RatesQuery& ask) { return answered(i.rates(ask.place, job)); },
        [&](const InnerLossQuery& ask) { return answered(i.inner_loss(ask.place, job)); },
        [&](const ViewGradientsQuery& ask) { return answered(i.view_gradients(ask.place, job)); },
        [&](const AfterViewsQuery& ask) { return after_views(ask, job); },
        [&](const ImageAfterViewsQuery& ask) { return image_after_views(ask, job); },
        [&](const ImageQuery& ask) { return image(ask.camera, job); },
        [&](const WithoutViewQuery& ask) { return answered(i.without_view(ask.view, ask.camera, job)); },
        [&](const HeldOutQuery&) { return held_out_score(job); },
        [&](const GroundTruthQuery& ask) { return ground_truth(ask.camera); },
        [&](const SequenceQuery& ask) { return answered(sequence_example(ask.options, job)); },
        [&](const VitttQuery& ask) { return answered(sequence_.vittt(ask)); },
        [&](const VitttAttentionQuery& ask) { return answered(sequence_.attention(ask)); },
        [&](const SequenceSpeedQuery&) { return answered(quick_sequence_speed(job)); }};
    return std::visit(choose, query);
}

Result<Answer> QueryService::after_views(const AfterViewsQuery& ask, const Job& job) {
    const std::size_t inputs = inspection_.inputs().size();
    LACT_CHECK(check_views(ask.views, inputs));
    std::vector<double> counted(inputs, 0.0);
    std::fill_n(counted.begin(), ask.views, 1.0);
    return answered(inspection_.reweighted(ask.key, counted, ask.features, job));
}

Result<Answer> QueryService::image_after_views(const ImageAfterViewsQuery& ask, const Job& job) {
    const auto& inputs = inspection_.inputs();
    LACT_CHECK(check_views(ask.views, inputs.size()));
    auto known = first_views_.find(ask.views);
    if (known == first_views_.end()) {
        Session fresh = inspection_.session().snapshot();
        LACT_TRY(const double milliseconds,
                 fresh.set_up(std::span(inputs).first(ask.views), inspection_.session().rule(), job));
        (void)milliseconds;
        if (first_views_.size() >= kept_states) {
            first_views_.clear();
        }
        known = first_views_.emplace(ask.views, std::move(fresh)).first;
    }
    return answered(known->second.render(ask.camera, job));
}

Result<Answer> QueryService::image(const Camera& camera, const Job& job) {
    Session session = inspection_.session().snapshot();
    return answered(session.render(camera, job));
}

Result<Answer> QueryService::held_out_score(const Job& job) {
    constexpr std::size_t most = 64;
    if (held_out_.empty()) {
        return fail("held-out photos", "every photo is an input view or has an outlying camera");
    }
    const std::size_t count = std::min(most, held_out_.size());
    HeldOutPsnr score;
    Session session = inspection_.session().snapshot();
    for (std::size_t i = 0; i < count; ++i) {
        const PreparedView& view = held_out_[i * held_out_.size() / count];
        LACT_TRY(const Frame frame, session.render(view.camera, job));
        score.views.push_back({view.index, psnr(frame.image, *view.image)});
        score.psnr += score.views.back().psnr / static_cast<double>(count);
    }
    return Answer(score);
}

Result<Answer> QueryService::ground_truth(const Camera& camera) {
    if (!ground_truth_) {
        const auto origin = origin_of(folder_);
        if (!origin) {
            return fail("ground truth", "this scene was not generated", "Scene > Generate another.");
        }
        LACT_TRY(ground_truth_, GroundTruth::of(*origin));
    }
    LACT_TRY(ImageF image, ground_truth_->image(camera));
    return Answer(GroundTruthImage{std::move(image)});
}

}  // namespace lact::app
