#include "app/panels/poses_card.h"

#include "app/window/icons.h"
#include "app/window/widgets.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

void PosesCard::draw(window::PanelContext& context, const JobStatus& job) const {
    const ImGuiViewport& viewport = *ImGui::GetMainViewport();
    const float margin = 18 * context.scale;
    ImGui::SetNextWindowPos({viewport.WorkPos.x + viewport.WorkSize.x - margin,
                             viewport.WorkPos.y + viewport.WorkSize.y - margin},
                            ImGuiCond_Appearing, {1.0F, 1.0F});
    ImGui::SetNextWindowSize({320 * context.scale, 0});
    ImGui::PushStyleColor(ImGuiCol_WindowBg, ImGui::GetStyleColorVec4(ImGuiCol_PopupBg));
    const bool seen =
        ImGui::Begin("poses card", nullptr,
                     ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoDocking |
                         ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoFocusOnAppearing);
    ImGui::PopStyleColor();
    if (seen) {
        ImGui::TextUnformatted(job.title.c_str());
        ImGui::ProgressBar(
            static_cast<float>(job.fraction), {-ImGui::GetFontSize() * 5, 0},
            fmt::format("{} {:.0f} %", job.stage.empty() ? "starting" : job.stage, 100 * job.fraction)
                .c_str());
        ImGui::SameLine();
        if (window::button(context, fmt::format("{} stop", window::icon::stop).c_str(),
                           "Stop COLMAP; nothing is left of what it found so far. (Esc)",
                           job.cancelling ? "It is being stopped." : "", {-1, 0})) {
            services_.run("jobs.cancel", {{"job", job.id}});
        }
    }
    ImGui::End();
}

}  // namespace lact::app
