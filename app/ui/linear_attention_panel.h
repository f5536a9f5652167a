#pragma once

#include "app/commands/services.h"
#include "app/ui/attention_view.h"
#include "app/ui/matrix_view.h"
#include "app/ui/panel.h"

#include <memory>
#include <string>

namespace lact::app {

/// The equivalent linear attention of the selected layer and head: the state S beside the updated W1, their
/// largest difference, and the attention of a patch of the view over the patches of the input photos.
class LinearAttentionPanel {
  public:
    explicit LinearAttentionPanel(PanelServices services) : services_(services), attention_(services) {}
    void draw(PanelContext& context);

    [[nodiscard]] PanelData data() const;

    /// The comparison on screen; null before its answer arrives.
    [[nodiscard]] const EquivalenceRow* difference() const {
        return difference_ ? difference_->get<EquivalenceRow>() : nullptr;
    }
    [[nodiscard]] const AttentionView& attention() const { return attention_; }
    [[nodiscard]] const MatrixView& left() const { return left_; }
    [[nodiscard]] const MatrixView& right() const { return right_; }

  private:
    /// Two matrices beside each other.
    struct Pair {
        const char* id;
        const char* title;
        const char* tooltip;
        LinearMatrix left, right;
        const char* left_name;
        const char* right_name;
        const char* left_formula;  ///< Formula of a cell.
        const char* right_formula;
        const char* rows;
        const char* columns;
        bool one_range;  ///< Both share a colour range, for comparison.
    };
    static const std::vector<Pair>& pairs();

    void draw_difference(PanelContext& context);
    void draw_matrices(PanelContext& context);
    /// One matrix of a pair: its map, query name, title and formula.
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
