#pragma once

#include "app/commands/services.h"
#include "app/ui/panel.h"
#include "app/ui/photo_grid.h"

#include <memory>
#include <optional>
#include <string>

namespace lact::app {

/// "shares cancel: Σ|s| 1.31, Σ s 0.29": sums over all tokens.
[[nodiscard]] std::string cancellation_text(const AttentionMap& map);

/// The attention maps of all layers (rows) and heads (columns) over the input photos, in signed colours. A
/// click selects layer and head.
class AttentionSheetView {
  public:
    /// `query`: the same as for the single map.
    void draw(PanelContext& context, const PanelServices& services, const Query& query);

    /// The data on screen; null before the answer arrives.
    [[nodiscard]] const AttentionSheet* sheet() const {
        return shown_ ? shown_->get<AttentionSheet>() : nullptr;
    }
    [[nodiscard]] const Answered* answer() const { return shown_.get(); }

  private:
    std::shared_ptr<const Answered> shown_;
};

/// The attention of a patch of the view (or of the whole view) over the patches of the input photos: maps
/// over the photos, shares that sum to one, and the key, value and query vectors; or the maps of all heads.
class AttentionView {
  public:
    explicit AttentionView(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);
    /// Error: the numbers are not those of the present state and choice.
    [[nodiscard]] Result<PanelData> data() const;

    /// The data on screen; null before the answer arrives.
    [[nodiscard]] const AttentionMap* map() const { return map_ ? map_->get<AttentionMap>() : nullptr; }
    [[nodiscard]] const AttentionSheet* sheet() const { return sheet_.sheet(); }
    [[nodiscard]] const Matrix* query_features() const { return query_ ? query_->get<Matrix>() : nullptr; }
    [[nodiscard]] const TokenDetail* token() const { return token_ ? token_->get<TokenDetail>() : nullptr; }
    [[nodiscard]] const CausalAnswer* causal() const {
        return causal_ ? causal_->get<CausalAnswer>() : nullptr;
    }

  private:
    /// The patches of the document's selection; those under the pointer are those of the last draw(), as
    /// nothing is under the pointer before the panels are drawn.
    [[nodiscard]] Selection selection() const;
    /// What asks: the patch of the view, or all of them. Empty while the camera moves.
    [[nodiscard]] std::optional<Query> query() const;
    /// The patch of an input photo whose vectors are shown.
    [[nodiscard]] std::optional<InputPatch> input() const;
    [[nodiscard]] TokenQuery token_query(const InputPatch& input, const Camera& camera) const;

    void draw_choices(PanelContext& context);
    void draw_photos(PanelContext& context, const AttentionMap& map, bool fresh);
    void draw_shares(PanelContext& context, const AttentionMap& map);
    void draw_cancellation(PanelContext& context, const AttentionMap& map);
    void draw_vectors(PanelContext& context, const Query& query);

    PanelServices services_;
    ViewTextures textures_;
    AttentionSheetView sheet_;
    std::optional<PatchAt> hovered_;  ///< In the last draw(); of the view, and of a photo.
    std::optional<InputPatch> hovered_input_;
    int patches_ = 1;  ///< Number of patches per photo.
    std::shared_ptr<const Answered> map_;
    std::shared_ptr<const Answered> query_;
    std::shared_ptr<const Answered> token_;
    std::shared_ptr<const Answered> causal_;
};

}  // namespace lact::app
