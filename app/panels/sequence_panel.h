#pragma once

#include "app/core/panel_data.h"
#include "app/panels/matrix_view.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace lact::app {

/// The layer over a sequence of many chunks (random tokens) as recurrence and in parallel form, how fast both
/// are, and ViTTT's modules on a picture.
class SequencePanel {
  public:
    explicit SequencePanel(PanelServices services) : services_(services) {}
    void draw(window::PanelContext& context);

    /// What is looked at: maps and chunks, speeds, or the attention of a position.
    [[nodiscard]] PanelData data() const;
    /// What the panel shows, for tests; null before the engine has answered.
    [[nodiscard]] const SequenceExample* example() const {
        return example_ ? example_->get<SequenceExample>() : nullptr;
    }
    [[nodiscard]] const SequenceSpeeds* speeds() const {
        return speeds_ ? speeds_->get<SequenceSpeeds>() : nullptr;
    }
    [[nodiscard]] const VitttPictures* pictures() const {
        return pictures_ ? pictures_->get<VitttPictures>() : nullptr;
    }
    [[nodiscard]] const VitttAttention* attention() const {
        return attention_ ? attention_->get<VitttAttention>() : nullptr;
    }

  private:
    void draw_tokens(window::PanelContext& context);
    void draw_options(window::PanelContext& context);
    void draw_difference(window::PanelContext& context, const SequenceExample& example);
    void draw_chunks(window::PanelContext& context, const SequenceExample& example);
    void draw_maps(window::PanelContext& context, const SequenceExample& example);
    void draw_outputs(window::PanelContext& context, const SequenceExample& example);
    void draw_speed(window::PanelContext& context);
    void draw_rates(window::PanelContext& context, const SequenceSpeeds& speeds);
    void draw_picture(window::PanelContext& context);
    void upload_pictures(window::PanelContext& context, const VitttPictures& pictures);
    void draw_attention(window::PanelContext& context, const VitttPictures& pictures);
    /// A picture in the panel's width shared by two; returns the position under the pointer.
    [[nodiscard]] std::optional<std::array<int, 2>> draw_one(window::PanelContext& context,
                                                             const window::Texture& texture,
                                                             const VitttPictures& pictures, float width,
                                                             const std::vector<double>* shares);

    PanelServices services_;
    std::shared_ptr<const Answered> example_;
    std::shared_ptr<const Answered> speeds_;
    std::shared_ptr<const Answered> pictures_;
    std::shared_ptr<const Answered> attention_;
    std::shared_ptr<const Answered> uploaded_;
    MatrixView coefficients_, momentum_, recurrent_, other_, difference_;
    window::Texture picture_, glu_, conv_;
    std::optional<std::array<int, 2>> hovered_;
    std::string image_text_;
    bool editing_image_ = false;
};

}  // namespace lact::app
