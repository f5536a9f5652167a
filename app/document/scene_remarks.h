#pragma once

#include "app/runtime/snapshot.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace lact::app {

/// How the remarks on the open scene are shown; part of the document.
struct RemarksView {
    bool open = true;                      ///< The list is expanded.
    std::uint64_t scene = 0;               ///< SceneSummary::sequence of the scene of `dismissed`.
    std::vector<SceneRemark> dismissed{};  ///< Hidden until that scene is opened again.

    /// Hides all remarks that the scene has now. Later ones appear, as those of other weights.
    void dismiss(const SceneSummary& summary);
    /// The remarks of the scene without the dismissed ones.
    [[nodiscard]] std::vector<SceneRemark> shown(const SceneSummary& summary) const;
};

/// [{"kind": "left-out", "view": "a.png", "text": "…"}, …]
[[nodiscard]] nlohmann::json remarks_to_json(std::span<const SceneRemark> remarks);
/// The remarks as lines for a terminal, "  left-out         …": of the JSON above.
[[nodiscard]] std::string remarks_text(const nlohmann::json& remarks);

/// "1 remark on this scene", "3 remarks on this scene".
[[nodiscard]] std::string remarks_title(std::size_t count);

/// The view of the scene that a remark is about. Empty where it is about none, about one that was left out,
/// or where several views have that name.
[[nodiscard]] std::optional<std::size_t> view_of(const SceneRemark& remark, const SceneSummary& scene);

}  // namespace lact::app
