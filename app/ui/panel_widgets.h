#pragma once

#include "app/commands/services.h"
#include "app/gfx/canvas.h"
#include "app/ui/panel.h"
#include "app/ui/widgets.h"

#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lact::app {

/// Draws a button for a command without arguments (`LevelCamera::id`). While the command is disabled, the
/// button is, too. The tooltip names the key and the reason. Draws nothing if the command does not exist.
void command_button(const PanelContext& context, const PanelServices& services, const char* id,
                    const char* label);
/// The same, as the next item of `flow`.
void command_button(const PanelContext& context, const PanelServices& services, Flow& flow, const char* id,
                    const char* label);

/// Begins a section of a panel: its title, and a question mark that explains terms of the glossary; a click
/// on it opens the help window.
void section(const PanelContext& context, const PanelServices& services, const char* title,
             std::initializer_list<std::string_view> terms);
void section(const PanelContext& context, const PanelServices& services, const char* title,
             std::span<const std::string_view> terms);

/// How the update rule on screen relates to the weights: "as trained", "switched at inference", or, while
/// another rule is being computed, which one.
struct RuleStatus {
    std::string text;
    const char* icon = nullptr;
    bool pending = false;  ///< What is on screen is still of the rule before.
    bool switched = false;

    [[nodiscard]] ImVec4 colour(const PanelContext& context) const {
        return pending ? context.colours.muted : switched ? context.colours.warning : context.colours.good;
    }
};
/// `services.snapshot->state` is not null.
[[nodiscard]] RuleStatus rule_status(const PanelServices& services);

/// A part of a panel that shows the answer of a query. While the answer is not to the question of this frame,
/// or of an older state, its text, plots and widgets are faded and "Computing..." stands over it: values of
/// another layer, rule or camera never look current.
class AnswerScope {
  public:
    explicit AnswerScope(bool fresh);
    /// Of an answer that follows the pointer, with an id in its window: it fades where it is late by more
    /// than `patience` seconds, as it would flicker otherwise.
    AnswerScope(bool fresh, const char* id);
    static constexpr float patience = 0.2F;
    AnswerScope(const AnswerScope&) = delete;
    AnswerScope& operator=(const AnswerScope&) = delete;
    ~AnswerScope();

  private:
    bool fresh_;
};
/// Writes "Computing..." over the middle of what shows an earlier answer.
void write_computing(const gfx::Rect& rect);

/// An answer on screen, and what its panel asks at this moment.
struct ShownAnswer {
    const Answered* answer = nullptr;
    std::optional<StateQuery> asked;  ///< Empty: nothing.
};
/// For numbers that are saved. Error: one of these answers is about an older state, or about another query
/// than the one asked: of a hidden panel, or while the new one is computed. Null ones do not count.
[[nodiscard]] Result<void> check_current(const PanelServices& services,
                                         std::initializer_list<ShownAnswer> answers);
/// The error of numbers that are not current.
[[nodiscard]] tl::unexpected<Error> not_current();
/// What a query asks for beside layer and head, for DataTable::about: camera, patch, factor, shares.
[[nodiscard]] std::map<std::string, std::string> about_query(const StateQuery& query);

/// Whether the rule of the state orthogonalises gradients (Muon).
[[nodiscard]] bool has_muon(const PanelServices& services);

/// Height of a heat map or plot: a share of what is left of the panel, but enough to read it; the panel
/// scrolls in a short window.
[[nodiscard]] float graph_height(const PanelContext& context, float share);

/// Draws rows that select the layer and head for all panels. Call it between begin_rows() and end_rows().
void draw_place_choice(PanelContext& context, const PanelServices& services);

/// Returns the largest centred rectangle with the aspect ratio of a `width` x `height` image. Above 2x the
/// scale is an integer.
[[nodiscard]] gfx::Rect fit_image(ImVec2 min, ImVec2 space, int width, int height);

/// Fills `all` except `image`, so that no pixel is painted twice.
void fill_around(ImDrawList& list, const gfx::Rect& all, const gfx::Rect& image, ImU32 colour);

/// Draws text on a dark box, readable over any image, in lines of at most `wrap` pixels (0: one line).
/// Returns the size of the text.
ImVec2 text_on_image(ImDrawList& list, ImVec2 at, ImU32 colour, const std::string& text, float wrap = 0);

inline constexpr ImU32 white_on_image = IM_COL32(235, 238, 243, 255);

/// Returns the canvas filter for an enlargement.
[[nodiscard]] inline gfx::Filter filter_of(Enlargement enlargement) {
    return enlargement == Enlargement::nearest ? gfx::Filter::nearest : gfx::Filter::bicubic;
}

}  // namespace lact::app
