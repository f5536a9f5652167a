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

/// A matrix as a zoomable heat map with a symmetric colour range, exact numbers when cells are large, and
/// the value under the pointer.
class MatrixView {
  public:
    /// Takes the matrix to be shown; null shows none.
    void show(const std::shared_ptr<const Matrix>& matrix, PanelContext& context);
    [[nodiscard]] const std::shared_ptr<const Matrix>& shown() const { return shown_; }
    [[nodiscard]] float largest() const { return largest_; }       ///< max |value|
    [[nodiscard]] double frobenius() const { return frobenius_; }  ///< Frobenius norm.

    /// How it is drawn.
    struct Style {
        float range = 1;           ///< Colours from -range to range.
        std::string name;          ///< For the tooltip: "layer 0, head 0, W1 updated".
        std::string rows = "row";  ///< What rows and columns are.
        std::string columns = "column";
        std::string formula;            ///< What a cell is, for the tooltip.
        std::optional<CellAt> mark;     ///< A cell that is framed.
        const Matrix* other = nullptr;  ///< Of the same shape: the tooltip compares.
        std::string other_name;
    };
    /// In the given size at the cursor, as large as the cells' square shape allows (or stretched).
    void draw(PanelContext& context, const char* id, ImVec2 space, const Style& style, bool stretch = false);
    void whole() { part_ = {}; }
    /// The same part of another matrix of the same shape: two maps that move together.
    void follow(const MatrixView& other) { part_ = other.part_; }
    [[nodiscard]] bool moved() const { return moved_; }  ///< Zoomed or dragged in the last draw().
    /// Under the pointer in the last draw().
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
    gfx::Part part_;  ///< What of the matrix is visible, in cells.
    bool moved_ = false;
    std::optional<CellAt> hovered_;
};

}  // namespace lact::app

namespace lact::app {

/// Writes each visible cell's value over a heat map drawn with the same rectangle, part and style, in black
/// or white, whichever reads better. Does nothing while the cells are too small for text of the current font.
/// Value (row, column) at row * columns + column. True: the values are written.
bool draw_cell_values(ImDrawList& list, std::span<const float> values, int rows, int columns,
                      const gfx::Rect& rect, const gfx::HeatMapStyle& style, const gfx::Part& part = {});

}  // namespace lact::app
