#pragma once

#include "app/panels/matrix_view.h"
#include "app/panels/view_textures.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

#include <memory>
#include <string>

namespace lact::app {

/// The chosen layer and head a second time, as linear attention: the state S beside the updated W1 with their
/// largest difference, and what the input photos' patches add to a patch of the novel view.
class LinearAttentionPanel {
  public:
    explicit LinearAttentionPanel(PanelServices services) : services_(services) {}
    void draw(window::PanelContext& context);

    /// What the panel shows, for tests; null before the engine has answered.
    [[nodiscard]] const TwinCheckRow* difference() const {
        return difference_ ? difference_->get<TwinCheckRow>() : nullptr;
    }
    [[nodiscard]] const AttentionMap* attention() const {
        return attention_ ? attention_->get<AttentionMap>() : nullptr;
    }

  private:
    /// Two matrices beside each other, and what they are.
    struct Pair {
        const char* id;
        const char* title;
        const char* tooltip;
        TwinMatrix left, right;
        const char* left_name;
        const char* right_name;
        const char* rows;
        const char* columns;
        bool one_range;  ///< Both in one colour range: they are comparable.
    };
    static const std::vector<Pair>& pairs();

    void draw_difference(window::PanelContext& context);
    void draw_matrices(window::PanelContext& context);
    void draw_side(window::PanelContext& context, MatrixView& map, const char* name, const char* asks,
                   TwinMatrix which, const Pair& pair, ImVec2 space, float range);
    void draw_attention(window::PanelContext& context);
    void draw_photos(window::PanelContext& context, const AttentionMap& map, bool fresh);
    void draw_shares(window::PanelContext& context, const AttentionMap& map);

    PanelServices services_;
    MatrixView left_, right_;
    ViewTextures textures_;
    std::size_t pair_ = 0;
    std::shared_ptr<const Answered> difference_;
    std::shared_ptr<const Answered> attention_;
};

}  // namespace lact::app
