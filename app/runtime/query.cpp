#include "app/runtime/query.h"

namespace lact::app {

namespace {

bool equal(const LinearMatrixQuery& a, const LinearMatrixQuery& b) {
    return a.place == b.place && a.which == b.which && a.step == b.step;
}
bool equal(const EquivalenceQuery& a, const EquivalenceQuery& b) {
    return a.place == b.place && a.camera == b.camera;
}
bool equal(const StateDistanceQuery& a, const StateDistanceQuery& b) {
    return a.place == b.place;
}
bool same_query(const Query& a, const Query& b) {
    return a.patch == b.patch && a.camera == b.camera;
}

bool equal(const AttentionQuery& a, const AttentionQuery& b) {
    return a.place == b.place && a.options == b.options && same_query(a.query, b.query);
}
bool equal(const AttentionSheetQuery& a, const AttentionSheetQuery& b) {
    return a.options == b.options && same_query(a.query, b.query);
}
bool equal(const TokenQuery& a, const TokenQuery& b) {
    return a.place == b.place && a.token == b.token && a.options == b.options && a.camera == b.camera;
}
bool equal(const ReadQuery& a, const ReadQuery& b) {
    return a.place == b.place && a.which == b.which && same_query(a.query, b.query);
}
bool equal(const SpectraQuery& a, const SpectraQuery& b) {
    return a.place == b.place;
}
bool equal(const NormsQuery&, const NormsQuery&) {
    return true;
}
bool equal(const RatesQuery& a, const RatesQuery& b) {
    return a.place == b.place;
}
bool equal(const InnerLossQuery& a, const InnerLossQuery& b) {
    return a.place == b.place;
}
bool equal(const ViewGradientsQuery& a, const ViewGradientsQuery& b) {
    return a.place == b.place;
}
bool equal(const AfterViewsQuery& a, const AfterViewsQuery& b) {
    return a.key == b.key && a.views == b.views && a.features == b.features;
}
bool equal(const ImageAfterViewsQuery& a, const ImageAfterViewsQuery& b) {
    return a.views == b.views && a.camera == b.camera;
}
bool equal(const ImageQuery& a, const ImageQuery& b) {
    return a.camera == b.camera;
}
bool equal(const WithoutViewQuery& a, const WithoutViewQuery& b) {
    return a.view == b.view && a.camera == b.camera;
}

bool equal(const HeldOutQuery&, const HeldOutQuery&) {
    return true;
}

bool equal(const GroundTruthQuery& a, const GroundTruthQuery& b) {
    return a.camera == b.camera;
}

bool equal(const SequenceQuery& a, const SequenceQuery& b) {
    return a.options == b.options;
}
bool equal(const VitttQuery& a, const VitttQuery& b) {
    return a == b;
}
bool equal(const VitttAttentionQuery& a, const VitttAttentionQuery& b) {
    return a.image == b.image && a.position == b.position;
}
bool equal(const SequenceSpeedQuery& a, const SequenceSpeedQuery& b) {
    return a.measurement == b.measurement;
}

}  // namespace

bool same(const StateQuery& a, const StateQuery& b) {
    return a.index() == b.index() && std::visit(
                                         [&](const auto& one) {
                                             using T = std::decay_t<decltype(one)>;
                                             return equal(one, std::get<T>(b));
                                         },
                                         a);
}

}  // namespace lact::app
