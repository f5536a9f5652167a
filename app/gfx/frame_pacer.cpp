#include "app/gfx/frame_pacer.h"

#include <algorithm>

namespace lact::gfx {

void FramePacer::input(double now) {
    soon_ = std::max(soon_, settle_frames);
    later_ = {now + 0.2, now + 0.6};
}

void FramePacer::changed(double now) {
    soon_ = std::max(soon_, 1);
    if (later_.empty()) {
        later_ = {now + 0.25};
    }
}

void FramePacer::animate_once() {
    soon_ = std::max(soon_, 1);
}

void FramePacer::at(double time) {
    ends_ = std::min(ends_.value_or(time), time);
}

bool FramePacer::due(double now) const {
    return soon_ > 0 || (next() && *next() <= now);
}

std::optional<double> FramePacer::wait(double now) const {
    if (due(now)) {
        return 0.0;
    }
    const auto time = next();
    return time ? std::optional(*time - now) : std::nullopt;
}

void FramePacer::drawn(double now) {
    soon_ = std::max(soon_ - 1, 0);
    std::erase_if(later_, [&](double time) { return time <= now; });
    if (ends_ && *ends_ <= now) {
        ends_.reset();
    }
}

std::optional<double> FramePacer::next() const {
    if (later_.empty()) {
        return ends_;
    }
    return std::min(later_.front(), ends_.value_or(later_.front()));
}

}  // namespace lact::gfx
