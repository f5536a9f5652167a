#pragma once

#include "app/core/panel_data.h"
#include "app/panels/attention_sheet_view.h"
#include "app/panels/view_textures.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

#include <memory>

namespace lact::app {

/// What the input photos' patches add to a patch of the novel view (or to all of it): over the photos, as
/// shares that sum to one, and the vectors behind it; or the same of all layers and heads.
class AttentionView {
  public:
    explicit AttentionView(PanelServices services) : services_(services) {}
    void draw(window::PanelContext& context);
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
    void draw_choices(window::PanelContext& context);
    void draw_photos(window::PanelContext& context, const AttentionMap& map, bool fresh);
    void draw_shares(window::PanelContext& context, const AttentionMap& map);
    void draw_vectors(window::PanelContext& context, const Query& query);

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
