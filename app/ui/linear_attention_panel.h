#pragma once

#include "app/commands/services.h"
#include "app/ui/attention_view.h"
#include "app/ui/matrix_view.h"
#include "app/ui/panel.h"

#include <memory>
#include <string>

namespace lact::app {

/// The chosen layer and head a second time, as linear attention: the state S beside the updated W1 with their
/// largest difference, and what the input photos' patches add to a patch of the novel view.
class LinearAttentionPanel {
  public:
    explicit LinearAttentionPanel(PanelServices services) : services_(services), attention_(services) {}
    void draw(PanelContext& context);

    [[nodiscard]] PanelData data() const;

    /// What the panel shows, for tests; null before the engine has answered.
    [[nodiscard]] const EquivalenceRow* difference() const {
        return difference_ ? difference_->get<EquivalenceRow>() : nullptr;
    }
    [[nodiscard]] const AttentionView& attention() const { return attention_; }
    [[nodiscard]] const MatrixView& left() const { return left_; }
    [[nodiscard]] const MatrixView& right() const { return right_; }

  private:
    /// Two matrices beside each other, and what they are.
    struct Pair {
        const char* id;
        const char* title;
        const char* tooltip;
        LinearMatrix left, right;
        const char* left_name;
        const char* right_name;
        const char* left_formula;  ///< What a cell is.
        const char* right_formula;
        const char* rows;
        const char* columns;
        bool one_range;  ///< Both in one colour range: they are comparable.
    };
    static const std::vector<Pair>& pairs();

    void draw_difference(PanelContext& context);
    void draw_matrices(PanelContext& context);
    /// One side of a pair: which matrix, under which name.
    struct PairSide {
        MatrixView& map;
        const MatrixView& other;
        const char* asks;
        LinearMatrix which;
        const char* name;
        const char* other_name;
        const char* formula;
    };
    void draw_side(PanelContext& context, const PairSide& side, const Pair& pair, ImVec2 space, float range);

    PanelServices services_;
    MatrixView left_, right_;
    std::size_t pair_ = 0;
    std::shared_ptr<const Answered> difference_;
    AttentionView attention_;
};

}  // namespace lact::app
