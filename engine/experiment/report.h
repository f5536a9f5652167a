#pragma once

#include "engine/scene/image.h"

#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace lact {

// The result of an experiment as plain data, the same for the window, the command line and files.

/// A cell of a table: a number (NaN: none) or a text.
using ExperimentCell = std::variant<double, std::string>;

/// Rows with named columns.
struct ExperimentTable {
    std::string name;                  ///< As in a file name: "layers".
    std::vector<std::string> columns;  ///< With units: "PSNR (dB)".
    std::vector<std::vector<ExperimentCell>> rows;
};

/// What a point of a series stands for, where it is a token.
struct ExperimentToken {
    int view = -1;  ///< Index in the scene; -1: a patch of the target camera.
    int column = 0;
    int row = 0;
    friend bool operator==(const ExperimentToken&, const ExperimentToken&) = default;
};

/// Points of one colour.
struct ExperimentSeries {
    std::string name;
    std::vector<double> x;
    std::vector<double> y;
    std::vector<ExperimentToken> tokens{};  ///< One for each point, or empty.
};

enum class PlotKind { lines, points, bars };

/// One plot. The bars of a series stand at x = 0, 1, …, named by `ticks`.
struct ExperimentPlot {
    std::string name;   ///< As in a file name: "loss".
    std::string title;  ///< One line.
    PlotKind kind = PlotKind::lines;
    std::string x_label;
    std::string y_label;
    bool x_logarithmic = false;
    std::vector<std::string> ticks{};  ///< Names of the bars.
    std::vector<ExperimentSeries> series{};
};

struct ExperimentImage {
    std::string name;   ///< As in a file name: "mirror".
    std::string title;  ///< One line, with the figure that belongs to it.
    ImageF image;
};

/// Whether what was measured agrees with what the paper says.
enum class Agreement {
    open,       ///< Not decided: the run is not finished, or the settings do not allow it.
    agrees,     ///< The condition stated in ExperimentReport::condition holds.
    disagrees,  ///< It does not hold.
};
[[nodiscard]] const char* to_string(Agreement agreement);

/// One run of an experiment. While it runs, tables and plots grow.
struct ExperimentReport {
    std::string id;           ///< Of the experiment: "memory".
    std::string title;        ///< "Memory test"
    std::string claim;        ///< What the paper says, with its place and setting.
    std::string rule{};       ///< On screen: "Baseline (as trained)". Files have the text form in `settings`.
    std::string finding{};    ///< What this run shows, computed from its numbers.
    std::string condition{};  ///< When the two count as agreeing.
    /// What of the claim the condition judges, where it is not all: completes "Agrees with the paper on".
    std::string judges{};
    std::string not_judged{};  ///< The rest of the claim.
    /// The statement that the condition judges, where it is not the paper's: completes "... holds."
    std::string own_statement{};
    Agreement agreement = Agreement::open;
    /// How it was made: scene, inputs, weights, rule, precision, device, layer, seed, ….
    std::vector<std::pair<std::string, std::string>> settings{};
    std::vector<std::string> remarks{};  ///< One sentence each.
    std::vector<ExperimentTable> tables{};
    std::vector<ExperimentPlot> plots{};
    std::vector<ExperimentImage> images{};
    double fraction = 0;  ///< Of the work that is done, in [0, 1].
    bool finished = false;
};

}  // namespace lact
