#pragma once

#include "app/commands/services.h"
#include "app/ui/panel.h"
#include "app/ui/panel_data.h"
#include "app/ui/photo_grid.h"

#include <memory>

namespace lact::app {

/// The attention of every layer (rows) and head (columns) as small multiples: the input photos' patches of
/// each in signed colours. A click chooses layer and head.
class AttentionSheetView {
  public:
    /// `query`: the same as that of the single map.
    void draw(PanelContext& context, const PanelServices& services, const Query& query);

    /// What is shown, for tests and files; null before the engine has answered.
    [[nodiscard]] const AttentionSheet* sheet() const {
        return shown_ ? shown_->get<AttentionSheet>() : nullptr;
    }

  private:
    std::shared_ptr<const Answered> shown_;
};

/// What the input photos' patches add to a patch of the novel view (or to all of it): over the photos, as
/// shares that sum to one, and the vectors behind it; or the same of all layers and heads.
class AttentionView {
  public:
    explicit AttentionView(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);
    [[nodiscard]] PanelData data() const;

    /// What is shown, for tests and files; null before the engine has answered.
    [[nodiscard]] const AttentionMap* map() const { return map_ ? map_->get<AttentionMap>() : nullptr; }
    [[nodiscard]] const AttentionSheet* sheet() const { return sheet_.sheet(); }
    [[nodiscard]] const Matrix* query_features() const { return query_ ? query_->get<Matrix>() : nullptr; }
    [[nodiscard]] const TokenDetail* token() const { return token_ ? token_->get<TokenDetail>() : nullptr; }
    [[nodiscard]] const CausalAnswer* causal() const {
        return causal_ ? causal_->get<CausalAnswer>() : nullptr;
    }

  private:
    void draw_choices(PanelContext& context);
    void draw_photos(PanelContext& context, const AttentionMap& map, bool fresh);
    void draw_shares(PanelContext& context, const AttentionMap& map);
    void draw_vectors(PanelContext& context, const Query& query);

    PanelServices services_;
    ViewTextures textures_;
    AttentionSheetView sheet_;
    int patches_ = 1;  ///< Of one photo.
    std::shared_ptr<const Answered> map_;
    std::shared_ptr<const Answered> query_;
    std::shared_ptr<const Answered> token_;
    std::shared_ptr<const Answered> causal_;
};

}  // namespace lact::app
