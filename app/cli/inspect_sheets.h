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
struct FormulaLink {
    Place place;
    MuonFactor factor = MuonFactor::right;
    Query query;
    Image8 asking;  ///< The photo of the view that asks.
    std::size_t asking_view = 0;
    std::string scene_title;  ///< Scene, weights and rule.
    std::string title;        ///< The same with layer and head: on top of what belongs to one of them.
};

/// A picture and the name of its file, without ending.
struct NamedImage {
    std::string name;
    Image8 image;
};

/// What one kind of look gives: pictures for people, figures for programs.
struct Findings {
    std::vector<NamedImage> images;
    nlohmann::json figures;
};

/// One function a kind. Errors: those of Inspection.
[[nodiscard]] Result<Findings> export_inputs(Inspection& inspection, const FormulaLink& mode, const Job& job);
[[nodiscard]] Result<Findings> export_weights(Inspection& inspection, const FormulaLink& mode,
                                              const Job& job);
[[nodiscard]] Result<Findings> export_spectrum(Inspection& inspection, const FormulaLink& mode,
                                               const Job& job);
[[nodiscard]] Result<Findings> export_state(Inspection& inspection, const FormulaLink& mode, const Job& job);
[[nodiscard]] Result<Findings> export_attention(Inspection& inspection, const FormulaLink& mode,
                                                const Job& job);
[[nodiscard]] Result<Findings> export_causal(Inspection& inspection, const FormulaLink& mode, const Job& job);
[[nodiscard]] Result<Findings> export_rates(Inspection& inspection, const FormulaLink& mode, const Job& job);

}  // namespace lact::app
