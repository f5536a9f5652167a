#pragma once

#include "app/gfx/canvas.h"
#include "app/ui/panel.h"
#include "engine/session/matrix.h"

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace lact::app {

/// A cell of a matrix.
struct CellAt {
    int row = 0;
    int column = 0;
    friend bool operator==(const CellAt&, const CellAt&) = default;
};

/// A matrix as a zoomable heat map with a symmetric colour range. Large cells show their values; a tooltip
/// shows the value under the pointer.
class MatrixView {
  public:
    /// Sets the matrix; null clears the view.
    void show(const std::shared_ptr<const Matrix>& matrix, PanelContext& context);
    [[nodiscard]] const std::shared_ptr<const Matrix>& shown() const { return shown_; }
    [[nodiscard]] float largest() const { return largest_; }       ///< max |value|
    [[nodiscard]] double frobenius() const { return frobenius_; }  ///< Frobenius norm.

    /// How a matrix is drawn.
    struct Style {
        float range = 1;           ///< The colours cover [-range, range]; 0: all values are zero.
        std::string name;          ///< For the tooltip: "layer 0, head 0, W1 updated".
        std::string rows = "row";  ///< What a row and a column stand for.
        std::string columns = "column";
        std::string formula;            ///< Formula of a cell, for the tooltip.
        std::optional<CellAt> mark;     ///< A cell with a frame.
        const Matrix* other = nullptr;  ///< A matrix of the same shape to compare with in the tooltip.
        std::string other_name;
    };
    /// Draws at the cursor within `space`, with square cells, or stretched to fill it.
    void draw(PanelContext& context, const char* id, ImVec2 space, const Style& style, bool stretch = false);
    /// Zooms out to the whole matrix.
    void whole() { part_ = {}; }
    /// Shows the same part as `other`, whose matrix has the same shape.
    void follow(const MatrixView& other) { part_ = other.part_; }
    [[nodiscard]] bool moved() const { return moved_; }  ///< By zoom or drag in the last draw().
    /// The cell under the pointer in the last draw().
    [[nodiscard]] const std::optional<CellAt>& hovered() const { return hovered_; }

  private:
    void zoom_and_pan(ImVec2 cell, const gfx::Rect& rect);
    [[nodiscard]] std::optional<CellAt> cell_under(ImVec2 cell, const gfx::Rect& rect) const;
    void describe_cell(PanelContext& context, CellAt at, const Style& style) const;
    void draw_mark(PanelContext& context, CellAt at, ImVec2 cell, const gfx::Rect& rect) const;

    std::shared_ptr<const Matrix> shown_;
    gfx::Texture texture_;
    float largest_ = 1;
    double frobenius_ = 0;
    gfx::Part part_;  ///< Visible part, in cells.
    bool moved_ = false;
    std::optional<CellAt> hovered_;
};

}  // namespace lact::app

namespace lact::app {

/// Writes the values of the visible cells over a heat map with the same rectangle, part and style, in black
/// or white for contrast. `values` is row-major. Returns false if the cells are too small for the current
/// font.
bool draw_cell_values(ImDrawList& list, std::span<const float> values, int rows, int columns,
                      const gfx::Rect& rect, const gfx::HeatMapStyle& style, const gfx::Part& part = {});

}  // namespace lact::app
