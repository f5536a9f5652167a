#include "app/ui/poses_dialog.h"

#include "app/commands/command_table.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"

#include <array>
#include <string>

#include <fmt/format.h>

namespace lact::app {

namespace {

constexpr const char* popup_title = "Photos without poses###poses";

/// "every pair: 1225", "neighbours".
std::string pairs_of(PhotoMatching matching, std::size_t photos) {
    return matching_for(matching, photos) == PhotoMatching::exhaustive
               ? fmt::format("every pair: {}", photos * (photos - 1) / 2)
               : "neighbours in the order of names";
}

}  // namespace

void PosesDialog::close() {
    offer().reset();
    ImGui::CloseCurrentPopup();
}

void PosesDialog::find() {
    services_.dispatch->run(FindPoses{.path = offer()->folder.string(),
                                      .matching = std::string(to_string(matching_)),
                                      .one_camera = one_camera_});
    close();
}

void PosesDialog::draw(PanelContext& context) {
    if (!offer()) {
        return;
    }
    // An error that is being told, or the dialog this came from, goes first.
    if (!ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopup)) {
        ImGui::OpenPopup(popup_title);
    }
    if (!ImGui::IsPopupOpen(popup_title)) {
        return;  // BeginPopupModal() would take this for a closed dialog.
    }
    ImGui::SetNextWindowPos(ImGui::GetMainViewport()->GetWorkCenter(), ImGuiCond_Appearing, {0.5F, 0.5F});
    ImGui::SetNextWindowSize({540 * context.scale, 0}, ImGuiCond_Appearing);
    bool keep = true;
    if (!ImGui::BeginPopupModal(popup_title, &keep, ImGuiWindowFlags_NoSavedSettings)) {
        if (!keep) {
            offer().reset();
        }
        return;
    }
    draw_words(context);
    draw_choices(context);
    draw_buttons(context);
    ImGui::EndPopup();
}

void PosesDialog::draw_words(const PanelContext& context) const {
    ImGui::PushFont(context.fonts.mono, 0);
    ImGui::TextWrapped("%s", offer()->folder.string().c_str());
    ImGui::PopFont();
    ImGui::TextWrapped(
        "%zu photos, but nothing that says where they were taken from: their poses. COLMAP, which is "
        "installed here, can find them out from the photos alone:",
        offer()->photos);
    if (begin_rows("steps")) {
        row(context, "1  features", "points of each photo that can be told from others");
        row(context, "2  matches", "which of them show the same spot in several photos");
        row(context, "3  cameras", "where the cameras stood so that all spots fit");
        end_rows();
    }
    ImGui::TextWrapped(
        "This may take minutes. The window stays free; a card in its corner says how far it is and stops it. "
        "The photos stay as they are; the poses are written to the folder \"sparse\" beside them.");
}

void PosesDialog::draw_choices(const PanelContext& context) {
    struct Choice {
        PhotoMatching matching;
        const char* label;
        const char* words;
    };
    static constexpr std::array<Choice, 3> choices = {{
        {PhotoMatching::automatic, "automatic", "By the number of photos: every pair up to 200."},
        {PhotoMatching::exhaustive, "all pairs",
         "Every photo with every other one: surest, and slow for many photos."},
        {PhotoMatching::sequential, "neighbours",
         "Photos that follow each other by name: frames of a video, or a walk around."},
    }};
    ImGui::SeparatorText("How");
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted("Compare");
    for (const Choice& choice : choices) {
        ImGui::SameLine();
        if (ImGui::RadioButton(choice.label, matching_ == choice.matching)) {
            matching_ = choice.matching;
        }
        tip(context, choice.words);
    }
    ImGui::SameLine();
    ImGui::TextColored(context.colours.muted, "%s", pairs_of(matching_, offer()->photos).c_str());
    ImGui::Checkbox("One camera with one zoom took all photos", &one_camera_);
    tip(context,
        "Its lens is then found out once from all photos. Switch it off for photos of several cameras, "
        "or where the zoom changed.");
}

void PosesDialog::draw_buttons(const PanelContext& context) {
    ImGui::Separator();
    const Command* command = services_.dispatch->find<FindPoses>();
    const std::string why = command != nullptr ? command->why_not() : std::string();
    const bool pressed = button(context, fmt::format("{} Find poses", icon::search).c_str(),
                                "Start COLMAP beside the window; the scene is opened at the end.", why);
    ImGui::SameLine();
    const bool cancelled = button(context, "Cancel", "What was open before stays.");
    if (pressed || (why.empty() && ImGui::IsKeyPressed(ImGuiKey_Enter, false))) {
        find();
    } else if (cancelled || ImGui::IsKeyPressed(ImGuiKey_Escape, false)) {
        close();
    }
}

}  // namespace lact::app
