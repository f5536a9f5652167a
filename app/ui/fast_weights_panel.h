#pragma once

#include "app/commands/services.h"
#include "app/ui/matrix_view.h"
#include "app/ui/panel.h"
#include "app/ui/photo_grid.h"

#include <memory>

namespace lact::app {

/// Singular values of the selected matrix: gradient, gradient after Newton-Schulz, and change.
class SpectrumMode {
  public:
    void draw(PanelContext& context, const PanelServices& services);
    /// Of the selected matrix: the answer holds all three.
    [[nodiscard]] PanelData data(const PanelServices& services) const;
    /// The answer whose numbers data() returns; likewise of the other modes.
    [[nodiscard]] const Answered* answer() const { return shown_.get(); }

  private:
    std::shared_ptr<const Answered> shown_;
};

/// All layers: the relative change of each matrix.
class LayersMode {
  public:
    void draw(PanelContext& context, const PanelServices& services);

    [[nodiscard]] PanelData data() const;
    [[nodiscard]] const Answered* answer() const { return norms_.get(); }

  private:
    std::shared_ptr<const Answered> norms_;
};

/// The learned rate of every token over the photos.
class RatesMode {
  public:
    void draw(PanelContext& context, const PanelServices& services);

    [[nodiscard]] PanelData data() const;
    [[nodiscard]] const Answered* answer() const { return shown_.get(); }

  private:
    ViewTextures textures_;
    std::shared_ptr<const Answered> shown_;
};

/// The state after the first n photos: the selected matrix at frozen features, and the rendering from a
/// recomputed set-up.
class TimelineMode {
  public:
    void draw(PanelContext& context, const PanelServices& services);

    [[nodiscard]] PanelData data() const;
    [[nodiscard]] const Answered* answer() const { return matrix_.get(); }

  private:
    void draw_image(PanelContext& context, const PanelServices& services, std::size_t views, float side);
    void draw_matrix(PanelContext& context, const PanelServices& services, const AfterViewsQuery& query,
                     float side);
    void play(PanelContext& context, const PanelServices& services, std::size_t count);

    MatrixView map_;
    std::shared_ptr<const Answered> matrix_;  ///< The answer that `map_` shows.
    gfx::Texture image_;
    std::shared_ptr<const Answered> shown_;
    bool image_fresh_ = false;  ///< In the last frame.
    bool playing_ = false;
    double next_at_ = 0;  ///< Time of the next photo, in seconds of Document::now.
};

/// The fast weights of a layer and head: a matrix as a zoomable heat map (before the update, after it, or the
/// change), its spectrum, all layers, token rates, and the state after each photo.
class FastWeightsPanel {
  public:
    explicit FastWeightsPanel(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);
    /// The numbers of the current mode. Error: they are not those of the present state and choice.
    [[nodiscard]] Result<PanelData> data() const;
    [[nodiscard]] const MatrixView& map() const { return map_; }

  private:
    /// Whether a matrix is the chosen one, of the present state.
    [[nodiscard]] bool is_current(const Matrix& matrix) const;
    void draw_choice(PanelContext& context);
    void draw_modes(PanelContext& context);
    void draw_time(PanelContext& context);
    void draw_map(PanelContext& context);

    PanelServices services_;
    MatrixView map_;
    SpectrumMode spectrum_;
    LayersMode layers_;
    RatesMode rates_;
    TimelineMode timeline_;
};

}  // namespace lact::app
