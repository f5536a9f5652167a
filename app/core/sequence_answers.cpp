#include "app/core/sequence_answers.h"

#include <utility>

namespace lact::app {

Result<const VitttExample*> SequenceAnswers::example(const AskVittt& ask) {
    if (!example_ || asked_ != ask) {
        LACT_TRY(const Image8 picture,
                 ask.image.empty() ? Result<Image8>(generated_picture()) : load_rgb(ask.image));
        VitttExampleOptions options;
        options.rotary = ask.rotary;
        LACT_TRY(example_, VitttExample::of(picture, options));
        asked_ = ask;
    }
    return &*example_;
}

Result<VitttPictures> SequenceAnswers::vittt(const AskVittt& ask) {
    LACT_TRY(const VitttExample* one, example(ask));
    return VitttPictures{one->picture(), one->glu_picture(),    one->conv_picture(),   one->rows(),
                         one->columns(), one->glu_difference(), one->conv_difference()};
}

Result<VitttAttention> SequenceAnswers::attention(const AskVitttAttention& ask) {
    LACT_TRY(const VitttExample* one, example(ask.picture));
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

}  // namespace lact::app
