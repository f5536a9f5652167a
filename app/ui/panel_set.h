#pragma once

#include "app/ui/command_palette.h"
#include "app/ui/compare_panel.h"
#include "app/ui/dialogs.h"
#include "app/ui/experiments_panel.h"
#include "app/ui/fast_weights_panel.h"
#include "app/ui/file_dialogs.h"
#include "app/ui/help_window.h"
#include "app/ui/linear_attention_panel.h"
#include "app/ui/overview_panel.h"
#include "app/ui/record_panel.h"
#include "app/ui/rule_panel.h"
#include "app/ui/scene_panel.h"
#include "app/ui/sequence_panel.h"
#include "app/ui/shell.h"
#include "app/ui/status_panel.h"
#include "app/ui/training_panel.h"
#include "app/ui/viewport_panel.h"

#include <functional>
#include <string>
#include <string_view>

namespace lact::app {

/// All panels and the windows over them. A new panel needs a member here, a row in add_to() and, if it has
/// numbers to save, a row in panel_set.cpp.
struct PanelSet {
    /// `wake`: called from another thread when new data arrive.
    PanelSet(PanelServices services, std::function<void()> wake);

    /// Adds the panels to the shell, in the order of their tabs.
    void add_to(Shell& shell);
    /// Draws dialogs, notifications and cards. Call it after the panels.
    void draw_over(PanelContext& context);
    /// Returns the numbers that a panel shows. Errors: a panel without numbers.
    [[nodiscard]] Result<PanelData> data(const std::string& panel) const;
    /// Whether a panel is of a kind that has numbers.
    [[nodiscard]] static bool has_numbers(std::string_view panel);
    /// Draws the context menu of a panel's tab: save the panel as an image, or its numbers where it has some.
    void draw_tab_menu(const std::string& panel) const;

    PanelServices services;
    PreviewImages previews;
    ViewportPanel viewport;
    ScenePanel scene;
    OverviewPanel overview;
    RulePanel rule;
    FastWeightsPanel fast_weights;
    LinearAttentionPanel linear_attention;
    ComparePanel compare;
    ExperimentsPanel experiments;
    RecordPanel record;
    SequencePanel sequence;
    TrainingPanel training;
    StatusPanel status;
    HelpWindow help;
    CommandPalette palette;
    OpenDialog open_dialog;
    SaveDialog save_dialog;
    PosesDialog poses_dialog;
    QuitDialog quit_dialog;
    ConsentDialog consent_dialog;
    ErrorDialog errors;
    TourCard tour;
    Notices notices;
};

}  // namespace lact::app
