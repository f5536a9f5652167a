#pragma once

#include "app/commands/services.h"
#include "app/ui/panel.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace lact::app {

/// One entry of the palette: what it is called, what it says beside that, and what it does.
struct PaletteEntry {
    std::string title;   ///< "Rule: MSE", "Show panel: Compare"
    std::string detail;  ///< Key, current value, or folder.
    std::string tooltip;
    std::string why_not;  ///< Why it cannot run now; empty: it can.
    std::function<void()> run;
};

/// Everything that can be done without further questions: commands, panels, bundled and recent files, presets
/// of paths, axes to look from, switches, and parameters with named values. A query that ends in a number
/// offers to set the numbers that match the rest of it. What fits best comes first; an empty query gives all.
[[nodiscard]] std::vector<PaletteEntry> palette_entries(const PanelServices& services, const KeyMap& keys,
                                                        const std::vector<std::string>& panels,
                                                        std::string_view query);

/// A field over the window that finds commands by name; arrow keys choose, Enter runs.
class CommandPalette {
  public:
    explicit CommandPalette(PanelServices services) : services_(services) {}
    /// Titles of the panels, which the palette can show.
    void set_panels(std::vector<std::string> panels) { panels_ = std::move(panels); }
    void draw(PanelContext& context);

  private:
    void draw_entries(PanelContext& context, const std::vector<PaletteEntry>& entries, bool entered);

    PanelServices services_;
    std::vector<std::string> panels_;
    std::string query_;
    int chosen_ = 0;
};

}  // namespace lact::app
