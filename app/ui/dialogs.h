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
    explicit ErrorDialog(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);

  private:
    /// What would fit in place of a scene that takes too much memory. True: one was chosen.
    bool draw_offer(PanelContext& context);

    PanelServices services_;
    std::uint64_t seen_ = 0;
    std::vector<LogEntry> errors_;
    std::shared_ptr<const MemoryOffer> dismissed_;  ///< Was shown with an error before.
};

/// Asks for the path of a scene folder, weight file or script; offers bundled scenes and what was open
/// before.
class OpenDialog {
  public:
    OpenDialog(PanelServices services, std::function<void()> wake)
        : services_(services), prober_(std::move(wake)) {}
    void draw(PanelContext& context);

  private:
    void choose(const std::string& path);
    void draw_native(PanelContext& context);
    /// A button for each asset, in as many rows as they need; `open` is called with the name.
    void draw_bundled(PanelContext& context, const char* icon, std::span<const BundledAsset> assets,
                      const std::function<void(const std::string& name)>& open);
    [[nodiscard]] std::optional<std::string> take_native(PanelContext& context);
    /// What stands at the path, and what opening it takes.
    void draw_probe(PanelContext& context);

    PanelServices services_;
    std::string path_;
    PathChooser chooser_;
    SceneProber prober_;
};

}  // namespace lact::app
