#include "app/document/layout_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace lact::app {
namespace {

constexpr std::size_t longest_text = 1U << 18;
constexpr std::size_t most_docks = 256;
constexpr int deepest = 16;
constexpr std::string_view panels_heading = "[Panels][Open]";
constexpr int farthest = 16384;  ///< Pixels; Dear ImGui keeps positions and sizes in 16 bits.

using Token = std::pair<std::string_view, std::string_view>;  ///< Key and value.

std::optional<long long> whole_number(std::string_view text) {
    long long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

bool is_number(std::string_view text, long long least, long long most) {
    const auto value = whole_number(text);
    return value && *value >= least && *value <= most;
}

bool is_pair(std::string_view text, long long least, long long most) {
    const std::size_t comma = text.find(',');
    return comma != std::string_view::npos && is_number(text.substr(0, comma), least, most) &&
           is_number(text.substr(comma + 1), least, most);
}

/// "0x" and up to eight hexadecimal digits.
std::optional<std::uint32_t> identifier(std::string_view text) {
    constexpr std::size_t prefix = 2;
    constexpr std::size_t longest = 10;
    std::uint32_t value = 0;
    if (!text.starts_with("0x") || text.size() <= prefix || text.size() > longest) {
        return std::nullopt;
    }
    const auto [end, error] = std::from_chars(text.data() + prefix, text.data() + text.size(), value, 16);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

bool is_fraction(std::string_view text, double most) {
    double value = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && value >= 0 && value <= most;
}

std::vector<std::string_view> words(std::string_view line) {
    std::vector<std::string_view> found;
    while (true) {
        const std::size_t first = line.find_first_not_of(' ');
        if (first == std::string_view::npos) {
            return found;
        }
        line.remove_prefix(first);
        const std::size_t end = std::min(line.find(' '), line.size());
        found.push_back(line.substr(0, end));
        line.remove_prefix(end);
    }
}

std::optional<Token> token(std::string_view word) {
    const std::size_t equal = word.find('=');
    return equal == std::string_view::npos
               ? std::nullopt
               : std::optional(Token(word.substr(0, equal), word.substr(equal + 1)));
}

/// The dock that a window names in "DockId=0x00000001,2" or without its place.
std::optional<std::uint32_t> dock_of(std::string_view line) {
    const auto pair = token(line);
    if (!pair || pair->first != "DockId") {
        return std::nullopt;
    }
    const std::size_t comma = pair->second.find(',');
    constexpr long long most_tabs = 1000;
    if (comma != std::string_view::npos && !is_number(pair->second.substr(comma + 1), -1, most_tabs)) {
        return std::nullopt;
    }
    return identifier(pair->second.substr(0, comma));
}

bool is_window_line(std::string_view line) {
    const auto pair = token(line);
    if (!pair) {
        return false;
    }
    const auto [key, value] = *pair;
    constexpr long long last_date = 99'999'999;
    return ((key == "Pos" || key == "ViewportPos") && is_pair(value, -farthest, farthest)) ||
           (key == "Size" && is_pair(value, 0, farthest)) ||
           ((key == "Collapsed" || key == "IsChild") && is_number(value, 0, 1)) ||
           (key == "LastUsed" && is_number(value, 0, last_date)) ||
           ((key == "ViewportId" || key == "ClassId") && identifier(value));
}

/// "0x12345678,3": the columns of a table; 0 where it is none.
int columns_of(std::string_view name) {
    constexpr int most = 64;
    const std::size_t comma = name.find(',');
    if (comma == std::string_view::npos || !identifier(name.substr(0, comma)) ||
        !is_number(name.substr(comma + 1), 1, most)) {
        return 0;
    }
    return static_cast<int>(*whole_number(name.substr(comma + 1)));
}

bool is_column_part(std::string_view key, std::string_view value, int columns) {
    constexpr double largest_weight = 1e4;
    const bool sorted = !value.empty() && (value.back() == 'v' || value.back() == '^');
    return (key == "Width" && is_number(value, 0, farthest)) ||
           (key == "Weight" && is_fraction(value, largest_weight)) ||
           (key == "Visible" && is_number(value, 0, 1)) ||
           (key == "Order" && is_number(value, 0, columns - 1)) ||
           (key == "Sort" && sorted && is_number(value.substr(0, value.size() - 1), 0, columns - 1)) ||
           ((key == "UserID" || key == "ID") && identifier(value));
}

bool is_table_line(std::string_view line, int columns) {
    const auto parts = words(line);
    if (parts.size() == 1) {
        const auto pair = token(parts[0]);
        constexpr long long last_date = 99'999'999;
        return pair && ((pair->first == "RefScale" && is_fraction(pair->second, farthest)) ||
                        (pair->first == "LastUsed" && is_number(pair->second, 0, last_date)));
    }
    if (parts.size() < 2 || parts[0] != "Column" || !is_number(parts[1], 0, columns - 1)) {
        return false;
    }
    for (std::size_t i = 2; i < parts.size(); ++i) {
        const auto pair = token(parts[i]);
        if (!pair || !is_column_part(pair->first, pair->second, columns)) {
            return false;
        }
    }
    return true;
}

struct Dock {
    int depth = 0;
    int children = 0;
    bool split = false;
};

/// The docks of a text by identifier.
class Docks {
  public:
    /// Adds the dock of a line. Returns why it cannot be one; empty where it is one.
    std::string add(std::string_view line);
    /// Why the docks are no trees; empty where they are.
    [[nodiscard]] std::string problem() const;
    /// Whether windows can be in the dock.
    [[nodiscard]] bool is_leaf(std::uint32_t id) const {
        const auto found = docks_.find(id);
        return found != docks_.end() && found->second.children == 0;
    }

  private:
    std::map<std::uint32_t, Dock> docks_;
};

/// Dear ImGui reads the fields of a dock in this order alone.
constexpr std::array<std::string_view, 14> dock_fields{"ID",
                                                       "Parent",
                                                       "Window",
                                                       "Pos",
                                                       "Size",
                                                       "SizeRef",
                                                       "Split",
                                                       "NoResize",
                                                       "CentralNode",
                                                       "NoTabBar",
                                                       "HiddenTabBar",
                                                       "NoWindowMenuButton",
                                                       "NoCloseButton",
                                                       "Selected"};

bool is_dock_field(std::string_view key, std::string_view value) {
    if (key == "ID" || key == "Parent" || key == "Window") {
        return identifier(value).value_or(0) != 0;
    }
    if (key == "Selected") {
        return identifier(value).has_value();
    }
    if (key == "Pos") {
        return is_pair(value, -farthest, farthest);
    }
    if (key == "Size" || key == "SizeRef") {
        return is_pair(value, 0, farthest);
    }
    return key == "Split" ? value == "X" || value == "Y" : is_number(value, 0, 1);
}

std::string Docks::add(std::string_view line) {
    const auto parts = words(line);
    if (docks_.size() >= most_docks) {
        return fmt::format("has more than {} docks", most_docks);
    }
    std::map<std::string_view, std::string_view> fields;
    std::size_t next = 0;
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const auto pair = token(parts[i]);
        while (pair && next < dock_fields.size() && dock_fields.at(next) != pair->first) {
            ++next;
        }
        if (!pair || next++ >= dock_fields.size() || !is_dock_field(pair->first, pair->second)) {
            return fmt::format("has a dock with '{}'", parts[i]);
        }
        fields.insert(*pair);
    }
    const bool space = parts[0] == "DockSpace";
    const bool root = !fields.contains("Parent");
    if ((!space && parts[0] != "DockNode") || !fields.contains("ID") || (space && !root) ||
        root != fields.contains("Pos") || root != fields.contains("Size")) {
        return "has a dock without the fields of one";
    }
    Dock dock;
    dock.split = fields.contains("Split");
    if (!root) {
        const auto parent = docks_.find(*identifier(fields["Parent"]));
        if (parent == docks_.end()) {
            return "has a dock whose parent does not come before it";
        }
        ++parent->second.children;
        dock.depth = parent->second.depth + 1;
    }
    if (dock.depth > deepest || !docks_.emplace(*identifier(fields["ID"]), dock).second) {
        return "has docks that are too deep, or two of one identifier";
    }
    return {};
}

std::string Docks::problem() const {
    for (const auto& [id, dock] : docks_) {
        if (dock.children != (dock.split ? 2 : 0)) {
            return fmt::format("has a dock with {} parts", dock.children);
        }
    }
    return {};
}

/// "Fast weights=1": whether a panel is open (with_open_panels() writes them). A title that is none of a
/// panel is harmless.
bool is_panel_line(std::string_view line) {
    constexpr std::size_t longest_title = 40;
    const std::size_t equals = line.find('=');
    const auto in_title = [](unsigned char c) { return std::isalnum(c) != 0 || c == ' '; };
    return equals != std::string_view::npos && equals > 0 && equals <= longest_title &&
           std::ranges::all_of(line.substr(0, equals), in_title) && is_number(line.substr(equals + 1), 0, 1);
}

enum class Section { none, window, table, docking, panels };

struct KeptLine {
    std::string_view text;
    std::optional<std::uint32_t> dock;  ///< Of a window.
};

/// Type and name of "[Type][Name]".
std::optional<Token> heading(std::string_view line) {
    const std::size_t middle = line.find("][");
    return line.starts_with('[') && line.ends_with(']') && middle != std::string_view::npos
               ? std::optional(
                     Token(line.substr(1, middle - 1), line.substr(middle + 2, line.size() - middle - 3)))
               : std::nullopt;
}

/// Reads a layout line by line.
class LayoutReader {
  public:
    /// Returns why the text cannot be restored; empty where this line does not prevent it.
    std::string read(std::string_view line) {
        if (line.starts_with('[')) {
            open(line);
        } else if (section_ == Section::docking && !words(line).empty()) {
            kept_.push_back({line, std::nullopt});
            return docks_.add(line);
        } else if (const auto dock = dock_of(line); section_ == Section::window && dock) {
            kept_.push_back({line, dock});
        } else if ((section_ == Section::window && is_window_line(line)) ||
                   (section_ == Section::table && is_table_line(line, columns_)) ||
                   (section_ == Section::panels && is_panel_line(line))) {
            kept_.push_back({line, std::nullopt});
        }
        return {};
    }

    /// The lines that can be restored.
    [[nodiscard]] Result<std::string> restorable() const {
        if (const std::string problem = docks_.problem(); !problem.empty()) {
            return fail("window layout", problem);
        }
        std::string text;
        for (const KeptLine& line : kept_) {
            if (!line.dock || *line.dock == 0 || docks_.is_leaf(*line.dock)) {
                text += line.text;
                text += '\n';
            }
        }
        return text;
    }

  private:
    void open(std::string_view line) {
        section_ = Section::none;
        const auto found = heading(line);
        if (!found || found->second.empty()) {
            return;
        }
        columns_ = found->first == "Table" ? columns_of(found->second) : 0;
        section_ = found->first == "Window"                               ? Section::window
                   : columns_ > 0                                         ? Section::table
                   : found->first == "Docking" && found->second == "Data" ? Section::docking
                   : line == panels_heading                               ? Section::panels
                                                                          : Section::none;
        if (section_ != Section::none) {
            kept_.push_back({line, std::nullopt});
        }
    }

    Section section_ = Section::none;
    int columns_ = 0;
    Docks docks_;
    std::vector<KeptLine> kept_;
};

}  // namespace

Result<std::string> restorable_layout(std::string_view text) {
    if (text.size() > longest_text || text.find('\0') != std::string_view::npos) {
        return fail("window layout", "is too long, or no text");
    }
    LayoutReader reader;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
        if (const std::string problem = reader.read(text.substr(0, end)); !problem.empty()) {
            return fail("window layout", problem);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return reader.restorable();
}

std::string with_open_panels(std::string layout, const OpenPanels& panels) {
    if (layout.empty() || panels.empty()) {
        return layout;  // No text: nothing was docked yet, and the default layout is what is restored.
    }
    layout += fmt::format("\n{}\n", panels_heading);
    for (const auto& [title, open] : panels) {
        layout += fmt::format("{}={:d}\n", title, open);
    }
    return layout;
}

OpenPanels open_panels(std::string_view layout) {
    OpenPanels panels;
    bool inside = false;
    while (!layout.empty()) {
        const std::size_t end = std::min(layout.find_first_of("\r\n"), layout.size());
        const std::string_view line = layout.substr(0, end);
        if (line.starts_with('[')) {
            inside = line == panels_heading;
        } else if (inside && is_panel_line(line)) {
            panels.insert_or_assign(std::string(line.substr(0, line.find('='))), line.back() == '1');
        }
        layout.remove_prefix(std::min(end + 1, layout.size()));
    }
    return panels;
}

}  // namespace lact::app
