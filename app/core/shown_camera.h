#pragma once

#include "app/core/compared.h"
#include "app/core/engine_state.h"

namespace lact::app {

/// The camera of what the view shows: of both sides while they are compared, else of the model's picture;
/// null before there is one.
[[nodiscard]] inline const Camera* shown_camera(const Published& published) {
    if (published.pair) {
        return &published.pair->camera;
    }
    return published.frame ? &published.frame->camera : nullptr;
}

}  // namespace lact::app
