#include "app/document/scene_remarks.h"

#include "engine/core/counted.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

void RemarksView::dismiss(const SceneSummary& summary) {
    scene = summary.sequence;
    dismissed = summary.remarks;
}

std::vector<SceneRemark> RemarksView::shown(const SceneSummary& summary) const {
    if (scene != summary.sequence) {
        return summary.remarks;
    }
    std::vector<SceneRemark> rest;
    for (const SceneRemark& remark : summary.remarks) {
        if (std::ranges::find(dismissed, remark) == dismissed.end()) {
            rest.push_back(remark);
        }
    }
    return rest;
}

nlohmann::json remarks_to_json(std::span<const SceneRemark> remarks) {
    nlohmann::json all = nlohmann::json::array();
    for (const SceneRemark& remark : remarks) {
        all.push_back(
            {{"kind", std::string(to_string(remark.kind))}, {"view", remark.view}, {"text", remark.text}});
    }
    return all;
}

std::string remarks_text(const nlohmann::json& remarks) {
    std::string lines;
    for (const nlohmann::json& remark : remarks) {
        const auto view = remark.at("view").get<std::string>();
        const auto text = remark.at("text").get<std::string>();
        const bool named = view.empty() || text.find(view) != std::string::npos;
        lines += fmt::format("  {:<16} {}{}{}\n", remark.at("kind").get<std::string>(), named ? "" : view,
                             named ? "" : ": ", text);
    }
    return lines;
}

std::string remarks_title(std::size_t count) {
    return counted(count, "remark") + " on this scene";
}

std::optional<std::size_t> view_of(const SceneRemark& remark, const SceneSummary& scene) {
    if (remark.view.empty()) {
        return std::nullopt;
    }
    const std::string name = std::filesystem::path(remark.view).filename().string();
    std::optional<std::size_t> found;
    for (const ViewSummary& view : scene.views) {
        if (view.name == remark.view || view.name == name) {
            if (found) {
                return std::nullopt;
            }
            found = view.index;
        }
    }
    return found;
}

}  // namespace lact::app
