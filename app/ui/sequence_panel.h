#pragma once

#include "app/commands/services.h"
#include "app/ui/matrix_view.h"
#include "app/ui/panel.h"

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace lact::app {

/// A layer over a sequence of many chunks (random tokens) in recurrent and parallel form, the throughput of
/// both, and the modules of ViTTT on an image.
class SequencePanel {
  public:
    explicit SequencePanel(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);

    /// The numbers of the current mode: maps and chunks, throughput, or the attention of a position.
    /// Error: they are not of the present options.
    [[nodiscard]] Result<PanelData> data() const;
    /// The data on screen; null before the answer arrives.
    [[nodiscard]] const SequenceExample* example() const {
        return example_ ? example_->get<SequenceExample>() : nullptr;
    }
    [[nodiscard]] const SequenceSpeeds* speeds() const {
        return speeds_ ? speeds_->get<SequenceSpeeds>() : nullptr;
    }
    [[nodiscard]] const VitttImages* images() const {
        return images_ ? images_->get<VitttImages>() : nullptr;
    }
    [[nodiscard]] const VitttAttention* attention() const {
        return attention_ ? attention_->get<VitttAttention>() : nullptr;
    }

  private:
    void draw_tokens(PanelContext& context);
    void draw_options(PanelContext& context);
    void draw_difference(PanelContext& context, const SequenceExample& example);
    void draw_chunks(PanelContext& context, const SequenceExample& example);
    void draw_maps(PanelContext& context, const SequenceExample& example);
    void draw_outputs(PanelContext& context, const SequenceExample& example);
    void draw_speed(PanelContext& context);
    void draw_rates(PanelContext& context, const SequenceSpeeds& speeds);
    void draw_image(PanelContext& context);
    void upload_images(PanelContext& context, const VitttImages& images);
    void draw_attention(PanelContext& context, const VitttImages& images);
    /// Draws an image of `width` pixels with optional shares over it. Returns the position under the pointer.
    [[nodiscard]] std::optional<std::array<int, 2>> draw_one(PanelContext& context,
                                                             const gfx::Texture& texture,
                                                             const VitttImages& images, float width,
                                                             const std::vector<double>* shares);

    PanelServices services_;
    std::shared_ptr<const Answered> example_;
    std::shared_ptr<const Answered> speeds_;
    std::shared_ptr<const Answered> images_;
    std::shared_ptr<const Answered> attention_;
    std::shared_ptr<const Answered> uploaded_;
    MatrixView coefficients_, momentum_, recurrent_, other_, difference_;
    gfx::Texture image_, glu_, conv_;
    std::optional<std::array<int, 2>> hovered_;
    std::string image_text_;
    bool editing_image_ = false;
};

}  // namespace lact::app
