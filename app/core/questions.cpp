#include "app/core/questions.h"

namespace lact::app {
namespace {

bool same_camera(const Camera& a, const Camera& b) {
    return a.width == b.width && a.height == b.height && a.fx == b.fx && a.fy == b.fy && a.cx == b.cx &&
           a.cy == b.cy && a.c2w == b.c2w;
}

bool equal(const AskTwinMatrix& a, const AskTwinMatrix& b) {
    return a.place == b.place && a.which == b.which && a.step == b.step;
}
bool equal(const AskDifference& a, const AskDifference& b) {
    return a.place == b.place && same_camera(a.camera, b.camera);
}
bool same_query(const Query& a, const Query& b) {
    return a.patch == b.patch && same_camera(a.camera, b.camera);
}

bool equal(const AskAttention& a, const AskAttention& b) {
    return a.place == b.place && a.side == b.side && same_query(a.query, b.query);
}
bool equal(const AskAttentionSheet& a, const AskAttentionSheet& b) {
    return a.side == b.side && same_query(a.query, b.query);
}
bool equal(const AskToken& a, const AskToken& b) {
    return a.place == b.place && a.token == b.token && a.side == b.side && same_camera(a.camera, b.camera);
}
bool equal(const AskRead& a, const AskRead& b) {
    return a.place == b.place && a.which == b.which && same_query(a.query, b.query);
}
bool equal(const AskSpectra& a, const AskSpectra& b) {
    return a.place == b.place;
}
bool equal(const AskNorms&, const AskNorms&) {
    return true;
}
bool equal(const AskLayerCosines& a, const AskLayerCosines& b) {
    return a.head == b.head && a.which == b.which;
}
bool equal(const AskRates& a, const AskRates& b) {
    return a.place == b.place;
}
bool equal(const AskInnerLoss& a, const AskInnerLoss& b) {
    return a.place == b.place;
}
bool equal(const AskViewGradients& a, const AskViewGradients& b) {
    return a.place == b.place;
}
bool equal(const AskAfterViews& a, const AskAfterViews& b) {
    return a.key == b.key && a.views == b.views && a.features == b.features;
}
bool equal(const AskPictureAfterViews& a, const AskPictureAfterViews& b) {
    return a.views == b.views && same_camera(a.camera, b.camera);
}
bool equal(const AskPicture& a, const AskPicture& b) {
    return same_camera(a.camera, b.camera);
}
bool equal(const AskWithoutView& a, const AskWithoutView& b) {
    return a.view == b.view && same_camera(a.camera, b.camera);
}

bool equal(const AskHeldOut&, const AskHeldOut&) {
    return true;
}

bool equal(const AskTruth& a, const AskTruth& b) {
    return same_camera(a.camera, b.camera);
}

bool equal(const AskSequence& a, const AskSequence& b) {
    return a.options == b.options;
}
bool equal(const AskVittt& a, const AskVittt& b) {
    return a == b;
}
bool equal(const AskVitttAttention& a, const AskVitttAttention& b) {
    return a.picture == b.picture && a.position == b.position;
}
bool equal(const AskSequenceSpeed& a, const AskSequenceSpeed& b) {
    return a.measurement == b.measurement;
}

}  // namespace

bool same(const Question& a, const Question& b) {
    return a.index() == b.index() && std::visit(
                                         [&](const auto& one) {
                                             using T = std::decay_t<decltype(one)>;
                                             return equal(one, std::get<T>(b));
                                         },
                                         a);
}

}  // namespace lact::app
