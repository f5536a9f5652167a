#pragma once

#include "app/commands/services.h"
#include "app/document/scene_prober.h"
#include "app/platform/assets.h"
#include "app/runtime/log.h"
#include "app/ui/panel.h"
#include "app/ui/path_chooser.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lact::app {

/// What stops the person: an error that was logged since the last look, with what, where and what to do. A
/// scene that takes too much memory is offered as it would fit.
class ErrorDialog {
  public:
    ErrorDialog(PanelServices services, const ErrorLog& log) : services_(services), log_(&log) {}
    void draw(PanelContext& context);

  private:
    /// What would fit in place of a scene that takes too much memory. True: one was chosen.
    bool draw_offer(PanelContext& context);

    PanelServices services_;
    const ErrorLog* log_;
    std::uint64_t seen_ = 0;
    std::vector<LogEntry> errors_;
    std::shared_ptr<const MemoryOffer> dismissed_;  ///< Was shown with an error before.
};

/// Asks for the path of a scene folder, weight file or script; offers bundled scenes and what was open
/// before.
class OpenDialog {
  public:
    OpenDialog(PanelServices services, const std::vector<std::string>& recent, std::function<void()> wake)
        : services_(services), recent_(&recent), prober_(std::move(wake)) {}
    void open() { requested_ = true; }
    void draw(PanelContext& context);

  private:
    void choose(const std::string& path);
    void draw_native(PanelContext& context);
    /// A button for each, in as many rows as they need; it runs the action with the name.
    void draw_bundled(PanelContext& context, const char* icon, std::span<const BundledAsset> assets,
                      const char* command);
    [[nodiscard]] std::optional<std::string> take_native(PanelContext& context);
    /// What stands at the path, and what opening it takes.
    void draw_probe(PanelContext& context);

    PanelServices services_;
    const std::vector<std::string>* recent_;
    bool requested_ = false;
    std::string path_;
    PathChooser chooser_;
    SceneProber prober_;
};

}  // namespace lact::app
