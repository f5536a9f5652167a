#include "app/picture/evaluation_sheet.h"

#include "app/picture/contact_sheet.h"
#include "app/picture/enlarge.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace lact::app {

Result<Image8> evaluation_sheet(std::string_view title, std::span<const EvaluationPicture> pictures) {
    constexpr int wanted_width = 128;
    constexpr std::size_t columns = 8;
    std::vector<SheetRow> rows;
    for (std::size_t i = 0; i < pictures.size(); ++i) {
        if (i % columns == 0) {
            rows.push_back({"ground truth", {}});
            rows.push_back({"rendered", {}});
        }
        const int scale = std::max(1, wanted_width / pictures[i].truth.width);
        LACT_TRY(Image8 truth, enlarge(pictures[i].truth, scale, EnlargeFilter::nearest));
        LACT_TRY(Image8 made, enlarge(pictures[i].made, scale, EnlargeFilter::nearest));
        rows[rows.size() - 2].pictures.push_back(std::move(truth));
        rows.back().pictures.push_back(std::move(made));
    }
    return contact_sheet(title, rows);
}

}  // namespace lact::app
