// `lactscope inspect`: what concerns the photos (attention, shares, causes, rates), painted over them.
#include "app/cli/inspect_sheets.h"
#include "app/picture/contact_sheet.h"
#include "app/picture/heat_picture.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact::app {
namespace {

constexpr int photos_in_a_row = 8;

/// How often a photo is enlarged to be seen.
int scale_of(const Image8& photo) {
    return std::max(1, 128 / std::max(photo.width, 1));
}

Image8 larger(const Image8& photo) {
    const int scale = scale_of(photo);
    Image8 image{photo.width * scale, photo.height * scale, 3, {}};
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x) {
            const auto at = (static_cast<std::ptrdiff_t>(y / scale) * photo.width + x / scale) * 3;
            image.pixels.insert(image.pixels.end(), photo.pixels.begin() + at, photo.pixels.begin() + at + 3);
        }
    }
    return image;
}

std::vector<Image8> photos_of(const Inspection& inspection) {
    std::vector<Image8> photos;
    for (const PreparedView& view : inspection.inputs()) {
        photos.push_back(larger(to_image8(view.image)));
    }
    return photos;
}

/// Pictures under one caption, eight in a row.
void add_rows(std::vector<SheetRow>& rows, const std::string& label, std::vector<Image8> pictures) {
    for (std::size_t first = 0; first < pictures.size(); first += photos_in_a_row) {
        const auto last = std::min(pictures.size(), first + photos_in_a_row);
        SheetRow row{first == 0 ? label : "", {}};
        for (std::size_t i = first; i < last; ++i) {
            row.pictures.push_back(std::move(pictures[i]));
        }
        rows.push_back(std::move(row));
    }
}

/// One number a token over all photos.
std::vector<Image8> over_photos(const Inspection& inspection, const std::vector<double>& tokens,
                                Colours colours, double limit) {
    const TokenGrid& grid = inspection.grid();
    const std::size_t patches = grid.tokens() / grid.views.size();
    const std::vector<Image8> photos = photos_of(inspection);
    std::vector<Image8> pictures;
    for (std::size_t i = 0; i < photos.size(); ++i) {
        pictures.push_back(heat_over_photo(photos[i], std::span(tokens).subspan(i * patches, patches),
                                           grid.rows, grid.columns, colours, limit));
    }
    return pictures;
}

Image8 asking_photo(const Inspection& inspection, const Look& look) {
    Image8 photo = larger(look.asking);
    if (look.query.patch) {
        const TokenGrid& grid = inspection.grid();
        mark_patch(photo, (*look.query.patch)[0], (*look.query.patch)[1], grid.rows, grid.columns);
    }
    return photo;
}

std::string listed(const std::vector<double>& values) {
    std::vector<std::string> words;
    for (const double value : values) {
        words.push_back(fmt::format("{:+.3f}", value));
    }
    return fmt::format("{}", fmt::join(words, " "));
}

}  // namespace

Result<Findings> look_at_attention(Inspection& inspection, const Look& look, const Job& job) {
    LACT_TRY(const AttentionMap map, inspection.attention(look.place, look.query, look.side, job));
    Findings findings;
    std::vector<SheetRow> rows;
    add_rows(rows, fmt::format("asks: view {}", look.asking_view), {asking_photo(inspection, look)});
    add_rows(rows, fmt::format("input photos {}", fmt::join(inspection.grid().views, " ")),
             photos_of(inspection));
    for (std::size_t step = 0; step < map.weights.size(); ++step) {
        const double limit = largest_magnitude(map.weights[step]);
        add_rows(rows,
                 fmt::format("weights a of inner step {}, {} side: -{:.3g} to {:.3g}", step + 1,
                             to_string(map.side), limit, limit),
                 over_photos(inspection, map.weights[step], Colours::diverging, limit));
    }
    const double limit = largest_magnitude(map.tokens);
    add_rows(
        rows,
        fmt::format("shares {} and S0 {:+.3f}, sum 1; red adds, blue takes away", listed(map.views), map.s0),
        over_photos(inspection, map.tokens, Colours::diverging, limit));
    findings.pictures.push_back({"attention", contact_sheet(look.scene_title + " - " + map.label, rows)});
    findings.figures = {{"label", map.label},
                        {"side", to_string(map.side)},
                        {"views", inspection.grid().views},
                        {"shares", map.views},
                        {"s0", map.s0},
                        {"token_shares", map.tokens},
                        {"weights", map.weights}};
    return findings;
}

Result<Findings> look_at_causes(Inspection& inspection, const Look& look, const Job& job) {
    Findings findings;
    std::vector<Image8> without;
    std::vector<std::vector<double>> differences;
    std::vector<std::string> words;
    double limit = 0;
    Image8 with;
    const std::size_t count = inspection.inputs().size();
    for (std::size_t i = 0; i < count; ++i) {
        job.progress("leaving photos out", static_cast<double>(i) / static_cast<double>(count));
        LACT_TRY(const CausalAnswer answer,
                 inspection.without_view(i, look.query.camera, Job{{}, {}, job.stop}));
        with = larger(to_image8(answer.with));
        without.push_back(larger(to_image8(answer.without)));
        std::vector<double> magnitude;
        for (std::size_t p = 0; p < answer.with.rgb.size(); p += 3) {
            double sum = 0;
            for (std::size_t c = p; c < p + 3; ++c) {
                sum += std::abs(answer.with.rgb[c] - answer.without.rgb[c]);
            }
            magnitude.push_back(sum / 3);
        }
        limit = std::max(limit, largest_magnitude(magnitude));
        differences.push_back(std::move(magnitude));
        words.push_back(fmt::format("{:.4f}", answer.mean_difference));
        findings.figures["without"].push_back({{"view", inspection.grid().views[i]},
                                               {"mean_difference", answer.mean_difference},
                                               {"largest_difference", answer.largest_difference}});
    }
    std::vector<Image8> maps;
    const int width = look.query.camera.width;
    for (const auto& values : differences) {
        maps.push_back(heat_picture(values, width, scale_of(look.asking), Colours::sequential, limit));
    }
    std::vector<SheetRow> rows;
    add_rows(rows, fmt::format("view {} and its picture with all photos", look.asking_view),
             {larger(look.asking), with});
    add_rows(rows, fmt::format("input photos {}", fmt::join(inspection.grid().views, " ")),
             photos_of(inspection));
    add_rows(rows, "rebuilt without each photo", std::move(without));
    add_rows(rows,
             fmt::format("difference, mean {}, yellow {:.3f}: which photo this comes from",
                         fmt::join(words, " "), limit),
             std::move(maps));
    findings.pictures.push_back(
        {"causal", contact_sheet(look.scene_title + " - from real set-ups without each photo", rows)});
    return findings;
}

Result<Findings> look_at_rates(Inspection& inspection, const Look& look, const Job& job) {
    LACT_TRY(const TokenRates rates, inspection.rates(look.place, job));
    Findings findings;
    std::vector<SheetRow> rows;
    add_rows(rows, fmt::format("input photos {}", fmt::join(inspection.grid().views, " ")),
             photos_of(inspection));
    const auto add = [&](const char* name, const std::vector<double>& values) {
        const double limit = largest_magnitude(values);
        add_rows(rows, fmt::format("rates of {}: 0 to {:.3g}", name, limit),
                 over_photos(inspection, values, Colours::sequential, limit));
        findings.figures[name] = values;
    };
    add("W0", rates.w0);
    add("W1", rates.w1);
    add("W2", rates.w2);
    findings.figures["used"] = rates.used;
    const std::string note = rates.used ? "" : " - the rule does not use them";
    findings.pictures.push_back({"rates", contact_sheet(look.title + " - per-token rates" + note, rows)});
    return findings;
}

}  // namespace lact::app
