#pragma once

#include "app/commands/services.h"
#include "app/ui/file_dialogs.h"
#include "app/ui/panel.h"
#include "app/ui/path_timeline.h"
#include "app/ui/widgets.h"

namespace lact::app {

/// The script: its steps, playback, and recording from user input. Part of the record panel.
class ScriptView {
  public:
    explicit ScriptView(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);

  private:
    void draw_interaction(PanelContext& context);
    void draw_steps(PanelContext& context);

    PanelServices services_;
};

/// The video: content, format, size, range and folder; start, stop and progress. Part of the record panel.
class RecordingView {
  public:
    RecordingView(PanelServices services, PreviewImages& previews)
        : services_(services), folder_dialog_(previews) {}
    void draw(PanelContext& context);

  private:
    void draw_choices(PanelContext& context);
    void draw_size(PanelContext& context);
    void draw_size_presets(PanelContext& context);
    void draw_range(PanelContext& context);
    void draw_folder(PanelContext& context);
    void draw_running(PanelContext& context);
    /// Names what the video will show, such as "the script above, 12 steps".
    [[nodiscard]] std::string playback() const;

    PanelServices services_;
    /// The job that records a video; null where none runs.
    [[nodiscard]] const JobStatus* running() const;
    FolderDialog folder_dialog_;
};

/// The camera path (keys, presets, playback), the script, and video recording.
class RecordPanel {
  public:
    RecordPanel(PanelServices services, PreviewImages& previews)
        : services_(services), timeline_(services), script_(services), recording_(services, previews) {}
    void draw(PanelContext& context);
    /// The keys of the camera path.
    [[nodiscard]] PanelData data() const;
    [[nodiscard]] const PathTimeline& timeline() const { return timeline_; }

  private:
    void draw_path(PanelContext& context);
    void draw_keys(PanelContext& context);
    void toggle(PanelContext& context, Flow& flow, const char* id);

    PanelServices services_;
    PathTimeline timeline_;
    ScriptView script_;
    RecordingView recording_;
};

}  // namespace lact::app
