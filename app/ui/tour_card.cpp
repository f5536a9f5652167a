#include "app/ui/tour_card.h"

#include "app/ui/theme.h"
#include "app/ui/widgets.h"

#include <fmt/format.h>

namespace lact::app {

namespace {

constexpr float card_points = 430;

/// Begins the card at the lower end of the window, in the middle, where the overview is by default.
bool begin_card(PanelContext& context) {
    const ImGuiViewport& viewport = *ImGui::GetMainViewport();
    const float margin = 18 * context.scale;
    ImGui::SetNextWindowPos(
        {viewport.WorkPos.x + viewport.WorkSize.x * 0.45F, viewport.WorkPos.y + viewport.WorkSize.y - margin},
        ImGuiCond_Always, {0.5F, 1.0F});
    ImGui::SetNextWindowSize({card_points * context.scale, 0});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {14 * context.scale, 12 * context.scale});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 8 * context.scale);
    ImGui::PushStyleColor(ImGuiCol_WindowBg, ImGui::GetStyleColorVec4(ImGuiCol_PopupBg));
    const bool seen =
        ImGui::Begin("tour", nullptr,
                     ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoDocking | ImGuiWindowFlags_NoMove |
                         ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoFocusOnAppearing);
    ImGui::PopStyleColor();
    ImGui::PopStyleVar(2);
    return seen;
}

void card_title(PanelContext& context, const std::string& words) {
    ImGui::PushFont(context.fonts.bold, ImGui::GetStyle().FontSizeBase * 1.15F);
    ImGui::TextUnformatted(words.c_str());
    ImGui::PopFont();
}

void card_text(const std::string& words) {
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(words.c_str());
    ImGui::PopTextWrapPos();
}

}  // namespace

void TourCard::draw(PanelContext& context) {
    const TourState& tour = services_.document->tour;
    const bool shown = tour.step && *tour.step < tour.pages.size();
    if (!tour.offered && !shown) {
        return;
    }
    if (begin_card(context)) {
        if (shown) {
            draw_step(context, tour.pages[*tour.step]);
        } else {
            draw_offer(context);
        }
    }
    ImGui::End();
}

void TourCard::draw_offer(PanelContext& context) {
    card_title(context, "A network that learns at test time");
    card_text(
        "New here? The tour shows in two minutes what its layers learn from the photos, why that is linear "
        "attention, and what each switch does.");
    ImGui::Spacing();
    if (button(context, "Take the tour", "Also later, in the Help menu.")) {
        services_.dispatch->run(StartTour{});
    }
    ImGui::SameLine();
    if (button(context, "Not now", "The tour stays in the Help menu.")) {
        services_.dispatch->run(StopTour{});
    }
}

void TourCard::draw_step(PanelContext& context, const TourState::Page& page) {
    const TourState& tour = services_.document->tour;
    card_title(context, page.title);
    card_text(page.text);
    ImGui::Spacing();
    const bool last = *tour.step + 1 == tour.pages.size();
    if (button(context, fmt::format("{} Back", icon::previous).c_str(), "The step before.",
               *tour.step == 0 ? "This is the first step." : "")) {
        services_.dispatch->run(PreviousTourStep{});
    }
    ImGui::SameLine();
    if (button(context, last ? "Done" : fmt::format("Next {}", icon::next).c_str(),
               last ? "End the tour." : "The next step.")) {
        if (last) {
            services_.dispatch->run(StopTour{});
        } else {
            services_.dispatch->run(NextTourStep{});
        }
    }
    ImGui::SameLine();
    if (!last && button(context, "End", "End the tour; everything stays as it is.")) {
        services_.dispatch->run(StopTour{});
    }
    const std::string where = fmt::format("{} of {}", *tour.step + 1, tour.pages.size());
    ImGui::SameLine(ImGui::GetContentRegionAvail().x + ImGui::GetCursorPosX() -
                    ImGui::CalcTextSize(where.c_str()).x);
    ImGui::TextColored(context.colours.muted, "%s", where.c_str());
}

}  // namespace lact::app
