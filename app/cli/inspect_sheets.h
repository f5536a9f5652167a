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

/// What `inspect --what` examines.
struct InspectionTarget {
    Place place;
    AttentionOptions attention;
    Query query;
    Image8 photo;  ///< Of the query view.
    std::size_t query_view = 0;
    std::string scene_title;  ///< Scene, weights and rule.
    std::string title;        ///< The same with layer and head, for figures of a single head.
};

/// An image and the name of its file without extension.
struct NamedImage {
    std::string name;
    Image8 image;
};

/// The result of one kind of inspection: images, and the same numbers as JSON.
struct InspectionExport {
    std::vector<NamedImage> images;
    nlohmann::json figures;
};

/// The equivalence check of one head as JSON; differences are null where nothing was compared.
[[nodiscard]] nlohmann::json figures_of(const EquivalenceRow& row);

// One function per value of --what. Errors: those of Inspection.
[[nodiscard]] Result<InspectionExport> export_inputs(Inspection& inspection, const InspectionTarget& target,
                                                     const Job& job);
[[nodiscard]] Result<InspectionExport> export_weights(Inspection& inspection, const InspectionTarget& target,
                                                      const Job& job);
[[nodiscard]] Result<InspectionExport> export_spectrum(Inspection& inspection, const InspectionTarget& target,
                                                       const Job& job);
[[nodiscard]] Result<InspectionExport> export_state(Inspection& inspection, const InspectionTarget& target,
                                                    const Job& job);
[[nodiscard]] Result<InspectionExport> export_attention(Inspection& inspection,
                                                        const InspectionTarget& target, const Job& job);
[[nodiscard]] Result<InspectionExport> export_causal(Inspection& inspection, const InspectionTarget& target,
                                                     const Job& job);
[[nodiscard]] Result<InspectionExport> export_rates(Inspection& inspection, const InspectionTarget& target,
                                                    const Job& job);

}  // namespace lact::app
