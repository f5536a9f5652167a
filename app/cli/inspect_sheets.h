#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/scene/image.h"
#include "engine/session/inspection.h"

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace lact::app {

/// What `inspect --what` looks at.
struct Look {
    Place place;
    Side side = Side::value;
    Query query;
    Image8 asking;  ///< The photo of the view that asks.
    std::size_t asking_view = 0;
    std::string scene_title;  ///< Scene, weights and rule.
    std::string title;        ///< The same with layer and head: on top of what belongs to one of them.
};

/// A picture and the name of its file, without ending.
struct NamedPicture {
    std::string name;
    Image8 picture;
};

/// What one kind of look gives: pictures for people, figures for programs.
struct Findings {
    std::vector<NamedPicture> pictures;
    nlohmann::json figures;
};

/// One function a kind. Errors: those of Inspection.
[[nodiscard]] Result<Findings> look_at_inputs(Inspection& inspection, const Look& look, const Job& job);
[[nodiscard]] Result<Findings> look_at_weights(Inspection& inspection, const Look& look, const Job& job);
[[nodiscard]] Result<Findings> look_at_spectrum(Inspection& inspection, const Look& look, const Job& job);
[[nodiscard]] Result<Findings> look_at_state(Inspection& inspection, const Look& look, const Job& job);
[[nodiscard]] Result<Findings> look_at_attention(Inspection& inspection, const Look& look, const Job& job);
[[nodiscard]] Result<Findings> look_at_causes(Inspection& inspection, const Look& look, const Job& job);
[[nodiscard]] Result<Findings> look_at_rates(Inspection& inspection, const Look& look, const Job& job);

}  // namespace lact::app
