#pragma once

#include "app/commands/services.h"
#include "app/ui/attention_view.h"
#include "app/ui/matrix_view.h"
#include "app/ui/panel.h"

#include <memory>
#include <string>

namespace lact::app {

/// The equivalent linear attention of the selected layer and head: the verdict of the equivalence check, the
/// state S beside W1 with the distance of the two matrices on screen, and the attention of a patch of the
/// view over the patches of the input photos.
class LinearAttentionPanel {
  public:
    explicit LinearAttentionPanel(PanelServices services) : services_(services), attention_(services) {}
    void draw(PanelContext& context);

    /// Error: the numbers are not those of the present state and choice.
    [[nodiscard]] Result<PanelData> data() const;

    /// The comparison on screen; null before its answer arrives.
    [[nodiscard]] const EquivalenceRow* difference() const {
        return difference_ ? difference_->get<EquivalenceRow>() : nullptr;
    }
    /// How far W1 is from S; null before its answer arrives, or while another pair of matrices is shown.
    [[nodiscard]] const StateDistance* distance() const {
        return distance_ ? distance_->get<StateDistance>() : nullptr;
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
        const char* right_name;    ///< Null: the rule has no such matrix.
        const char* left_formula;  ///< Formula of a cell.
        const char* right_formula;
        const char* rows;
        const char* columns;
        bool one_range;  ///< Both share a colour range, for comparison.
    };
    static const std::vector<Pair>& pairs();
    /// A listed pair with the chosen W1, running or recomputed, and without Muon where the rule has none.
    [[nodiscard]] Pair adapted(const Pair& listed) const;
    [[nodiscard]] Pair shown_pair() const;
    [[nodiscard]] bool shows_state() const;

    void draw_difference(PanelContext& context);
    void draw_pair_choice(PanelContext& context);
    /// Which W1 is shown beside S, and how far the two matrices on screen are from each other.
    void draw_distance(PanelContext& context);
    void draw_matrices(PanelContext& context);
    /// One matrix of a pair: its map, query name, title and formula.
    struct PairSide {
        MatrixView& map;
        std::shared_ptr<const Answered>& answer;  ///< The one that `map` shows.
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
    std::shared_ptr<const Answered> left_answer_, right_answer_;
    std::shared_ptr<const Answered> difference_;
    std::shared_ptr<const Answered> distance_;
    AttentionView attention_;
};

}  // namespace lact::app
