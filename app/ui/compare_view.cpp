#include "app/ui/compare_view.h"

#include "app/commands/command_table.h"
#include "app/commands/parameter_table.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"
#include "engine/metrics/metrics.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace lact::app {

namespace {

using gfx::Rect;

std::optional<std::array<float, 3>> value_at(const SideImage& side, int x, int y) {
    if (!side.image) {
        return std::nullopt;
    }
    const auto at = (static_cast<std::size_t>(y) * static_cast<std::size_t>(side.image->width) +
                     static_cast<std::size_t>(x)) *
                    3;
    const auto& rgb = side.image->rgb;
    return std::array{rgb[at], rgb[at + 1], rgb[at + 2]};
}

bool inside(const Rect& rect, ImVec2 at) {
    return at.x >= rect.min.x && at.x < rect.max.x && at.y >= rect.min.y && at.y < rect.max.y;
}

bool is_heat(CompareMode mode) {
    return mode == CompareMode::difference || mode == CompareMode::error;
}

std::string decibels(double psnr) {
    return std::isinf(psnr) ? std::string("equal") : fmt::format("{:.2f} dB", psnr);
}

std::string figure(const PairFigures& figures) {
    const std::string psnr = "PSNR " + decibels(figures.psnr);
    return std::isnan(figures.ssim) ? psnr : fmt::format("{}, SSIM {:.3f}", psnr, figures.ssim);
}

}  // namespace

std::string PixelPair::text() const {
    std::string text = fmt::format("pixel {},{}", x, y);
    const auto add = [&](const char* name, const std::array<float, 3>& v, bool is_signed) {
        text += is_signed ? fmt::format("   {} {:+.3f} {:+.3f} {:+.3f}", name, v[0], v[1], v[2])
                          : fmt::format("   {} {:.3f} {:.3f} {:.3f}", name, v[0], v[1], v[2]);
    };
    if (a) {
        add("A", *a, false);
    }
    if (b) {
        add("B", *b, false);
    }
    if (a && b) {
        add("A-B", {(*a)[0] - (*b)[0], (*a)[1] - (*b)[1], (*a)[2] - (*b)[2]}, true);
    }
    return text;
}

std::optional<PixelPair> pixel_of(const ComparedPair& pair, int x, int y) {
    if (x < 0 || y < 0 || x >= pair.camera.width || y >= pair.camera.height) {
        return std::nullopt;
    }
    return PixelPair{x, y, value_at(pair.a, x, y), value_at(pair.b, x, y)};
}

bool CompareView::active() const {
    return services_.document->compare.on && services_.snapshot->pair != nullptr;
}

bool CompareView::shows_b() const {
    constexpr double period = 1.2;  // Seconds.
    const CompareState& compare = services_.document->compare;
    return compare.blink ? std::fmod(services_.document->now, period) >= period / 2 : compare.shows_b;
}

void CompareView::upload(gfx::Canvas& canvas) {
    const auto& pair = services_.snapshot->pair;
    const CompareMode mode = services_.document->compare.mode;
    const bool fresh = pair != shown_;
    if (fresh) {
        const auto put = [&](gfx::Texture& texture, const SideImage& side) {
            if (!side.image || !canvas.upload(texture, to_image8(*side.image))) {
                texture = {};
            }
        };
        put(a_, pair->a);
        put(b_, pair->b);
        shown_ = pair;
    }
    if (is_heat(mode) && (fresh || heat_mode_ != mode)) {
        heat_mode_ = mode;
        heat_ = {};
        if (pair->figures) {
            const auto values = mode == CompareMode::difference
                                    ? signed_difference(*pair->a.image, *pair->b.image)
                                    : absolute_error(*pair->a.image, *pair->b.image);
            (void)canvas.upload(heat_, values, pair->camera.height, pair->camera.width);
        }
    } else if (fresh) {
        heat_mode_.reset();
    }
}

/// Draws the image of a side. A missing photo is replaced by the nearest held-out one, with a label.
void CompareView::draw_side(PanelContext& context, const gfx::Texture& texture, const SideSpec& spec,
                            const SideImage& side, const Rect& rect) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    if (side.image) {
        context.canvas.draw_image(list, texture, rect, filter_of(services_.document->filter));
        return;
    }
    list.AddRectFilled(rect.min, rect.max, ImGui::GetColorU32(context.colours.backdrop));
    const SceneSummary* scene = services_.snapshot->scene.get();
    if (spec.kind != SideKind::photo || scene == nullptr) {
        return;
    }
    const auto held_out = scene->held_out();
    const auto cameras = scene->cameras(held_out);
    const auto nearest = nearest_camera(cameras, shown_->camera, services_.document->viewpoint().scale);
    if (!nearest) {
        return;
    }
    const std::size_t view = held_out[nearest->index];
    context.canvas.draw_image(list, photos_.thumbnail(context.canvas, *scene, view), rect,
                              gfx::Filter::bicubic);
    text_on_image(list, {rect.min.x + 8 * context.scale, rect.max.y - 5 * ImGui::GetTextLineHeight()},
                  ImGui::GetColorU32(context.colours.warning),
                  fmt::format("nearest held-out photo, {}, {:.0f}° away (another camera)", view,
                              nearest->angle_degrees),
                  rect.max.x - rect.min.x - 16 * context.scale);
}

Rect CompareView::draw(PanelContext& context, const Rect& area) {
    upload(context.canvas);
    const CompareState& compare = services_.document->compare;
    const Camera& camera = shown_->camera;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImU32 backdrop = ImGui::GetColorU32(context.colours.backdrop);
    const ImVec2 space{area.max.x - area.min.x, area.max.y - area.min.y};
    if (compare.mode == CompareMode::side) {
        const float half = (space.x - 2 * context.scale) / 2;
        a_rect_ = fit_image(area.min, {half, space.y}, camera.width, camera.height);
        b_rect_ = fit_image({area.max.x - half, area.min.y}, {half, space.y}, camera.width, camera.height);
        list.AddRectFilled(area.min, area.max, backdrop);
        draw_side(context, a_, compare.a, shown_->a, a_rect_);
        draw_side(context, b_, compare.b, shown_->b, b_rect_);
        return inside(b_rect_, ImGui::GetIO().MousePos) ? b_rect_ : a_rect_;
    }
    a_rect_ = fit_image(area.min, space, camera.width, camera.height);
    b_rect_ = a_rect_;
    fill_around(list, area, a_rect_, backdrop);
    const bool whole = !shown_->a.image || !shown_->b.image;  // One side alone, in any mode.
    if (compare.mode == CompareMode::wipe && !whole) {
        const auto share = static_cast<float>(compare.divider);
        const float at = a_rect_.min.x + (a_rect_.max.x - a_rect_.min.x) * share;
        const auto width = static_cast<float>(camera.width);
        const auto filter = filter_of(services_.document->filter);
        context.canvas.draw_image(list, a_, {a_rect_.min, {at, a_rect_.max.y}}, filter,
                                  {0, 0, width * share, 0});
        context.canvas.draw_image(list, b_, {{at, a_rect_.min.y}, a_rect_.max}, filter,
                                  {width * share, 0, 0, 0});
    } else if (is_heat(compare.mode) && !whole) {
        const auto limit = static_cast<float>(1 / compare.amplify);
        const bool is_signed = compare.mode == CompareMode::difference;
        const auto map = is_signed ? gfx::ColourMap::diverging : gfx::ColourMap::sequential;
        context.canvas.draw_heat_map(list, heat_, a_rect_, {map, is_signed ? -limit : 0, limit, 0});
    } else if (shown_->b.image && (!shown_->a.image || shows_b())) {
        draw_side(context, b_, compare.b, shown_->b, b_rect_);
    } else {
        draw_side(context, a_, compare.a, shown_->a, a_rect_);
    }
    return a_rect_;
}

void CompareView::draw_over(PanelContext& context, const Rect& area, bool hovered) {
    pixel_.reset();
    if (active() && shown_) {
        draw_labels(context, area);
        const float figures_top = draw_figures(context, area, hovered);
        if (shown_->figures && is_heat(services_.document->compare.mode)) {
            draw_key(context, area, figures_top);
        }
        if (shown_->figures && services_.document->compare.mode == CompareMode::wipe) {
            draw_divider(context);
        }
        if (services_.document->compare.blink && services_.document->compare.mode == CompareMode::flip) {
            context.animate = true;
        }
    }
    draw_notice(context, area);
}

void CompareView::draw_labels(PanelContext& context, const Rect& area) {
    const CompareState& compare = services_.document->compare;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float gap = 8 * context.scale;
    const float width = area.max.x - area.min.x - 2 * gap;
    const ImU32 warning = ImGui::GetColorU32(context.colours.warning);
    const auto colour = [&](bool switched) { return switched ? warning : white_on_image; };
    const std::string a = "A   " + shown_->a.label;
    const std::string b = "B   " + shown_->b.label;
    const ImVec2 top{area.min.x + gap, area.min.y + gap};
    if (compare.mode == CompareMode::side) {
        const float half = width / 2 - gap;
        text_on_image(list, top, colour(shown_->a_switched), a, half);
        text_on_image(list, {top.x + width / 2 + gap, top.y}, colour(shown_->b_switched), b, half);
    } else if (compare.mode == CompareMode::flip || !shown_->figures) {
        const bool is_b = shown_->b.image && (!shown_->a.image || (shown_->figures && shows_b()));
        text_on_image(list, top, colour(is_b ? shown_->b_switched : shown_->a_switched), is_b ? b : a, width);
    } else if (compare.mode == CompareMode::wipe) {
        // Each label lies over its own half and wraps there.
        const float half = width / 2 - gap;
        const float left = std::max(width / 2 + gap, width - ImGui::CalcTextSize(b.c_str()).x);
        text_on_image(list, top, colour(shown_->a_switched), a, half);
        text_on_image(list, {top.x + left, top.y}, colour(shown_->b_switched), b, half);
    } else {
        const ImVec2 size = text_on_image(list, top, colour(shown_->a_switched), a, width);
        text_on_image(list, {top.x, top.y + size.y + 1.5F * gap}, colour(shown_->b_switched), b, width);
    }
}

void CompareView::draw_divider(PanelContext& context) {
    CompareState& compare = services_.document->compare;
    const float reach = 7 * context.scale;
    const float width = a_rect_.max.x - a_rect_.min.x;
    float at = a_rect_.min.x + width * static_cast<float>(compare.divider);
    ImGui::SetCursorScreenPos({at - reach, a_rect_.min.y});
    ImGui::InvisibleButton("divider", {2 * reach, a_rect_.max.y - a_rect_.min.y});
    const bool held = ImGui::IsItemActive();
    if (held || ImGui::IsItemHovered()) {
        ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
    }
    if (held && width > 0) {
        const float share = (ImGui::GetIO().MousePos.x - a_rect_.min.x) / width;
        services_.dispatch->set("compare.divider", std::clamp(share, 0.0F, 1.0F));
        at = a_rect_.min.x + width * static_cast<float>(compare.divider);
    }
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float middle = (a_rect_.min.y + a_rect_.max.y) / 2;
    const ImU32 dark = IM_COL32(0, 0, 0, 160);
    const ImU32 light = held ? ImGui::GetColorU32(context.colours.accent) : white_on_image;
    list.AddLine({at, a_rect_.min.y}, {at, a_rect_.max.y}, dark, 4 * context.scale);
    list.AddLine({at, a_rect_.min.y}, {at, a_rect_.max.y}, light, 2 * context.scale);
    list.AddCircleFilled({at, middle}, reach, light);
    list.AddCircle({at, middle}, reach, dark, 0, context.scale);
}

void CompareView::draw_key(PanelContext& context, const Rect& area, float figures_top) {
    const CompareState& compare = services_.document->compare;
    const bool is_signed = compare.mode == CompareMode::difference;
    const auto limit = static_cast<float>(1 / compare.amplify);
    const float gap = 8 * context.scale;
    const float width = std::min(220 * context.scale, (area.max.x - area.min.x) / 2);
    const float line = ImGui::GetTextLineHeight();
    const float height = line * 3.2F;
    // Above the figures, also above those of the pixel that come and go; labels may take several lines at the
    // top.
    const float bottom = std::min(figures_top, area.max.y - gap - 2 * (line + gap));
    const ImVec2 corner{area.max.x - gap - width - 2 * gap, bottom - height - gap};
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddRectFilled(corner, {area.max.x - gap, corner.y + height + gap}, IM_COL32(0, 0, 0, 190), gap / 2);
    list.AddText({corner.x + gap, corner.y + gap / 2}, white_on_image,
                 is_signed ? "A - B   (red: A is brighter)" : "|A - B|");
    ImGui::SetCursorScreenPos({corner.x + gap, corner.y + gap / 2 + line * 1.3F});
    ImGui::PushStyleColor(ImGuiCol_Text, white_on_image);
    gfx::colour_bar(is_signed ? gfx::ColourMap::diverging : gfx::ColourMap::sequential,
                    is_signed ? -limit : 0, limit, width);
    ImGui::PopStyleColor();
}

std::optional<PixelPair> CompareView::pixel_under_pointer(bool hovered) const {
    if (const auto& fixed = services_.document->compare.pixel) {
        return pixel_of(*shown_, (*fixed)[0], (*fixed)[1]);
    }
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    if (!hovered || (!inside(a_rect_, mouse) && !inside(b_rect_, mouse))) {
        return std::nullopt;
    }
    const Rect& rect = inside(a_rect_, mouse) ? a_rect_ : b_rect_;
    const auto at = [](float from, float to, float here, int count) {
        return static_cast<int>((here - from) / (to - from) * static_cast<float>(count));
    };
    return pixel_of(*shown_, at(rect.min.x, rect.max.x, mouse.x, shown_->camera.width),
                    at(rect.min.y, rect.max.y, mouse.y, shown_->camera.height));
}

float CompareView::draw_figures(PanelContext& context, const Rect& area, bool hovered) {
    pixel_ = pixel_under_pointer(hovered);
    std::vector<std::string> lines;
    if (shown_->figures) {
        std::string text = "A against B: " + figure(*shown_->figures);
        const auto& photos = shown_->photos;
        const bool one_is_photo =
            photos[0] && photos[1] && (std::isinf(photos[0]->psnr) || std::isinf(photos[1]->psnr));
        if (photos[0] && photos[1] && !one_is_photo) {
            text += fmt::format("   |   photo {}: A {}, B {}", *shown_->view, decibels(photos[0]->psnr),
                                decibels(photos[1]->psnr));
        }
        lines.push_back(std::move(text));
    }
    if (pixel_) {
        lines.push_back(pixel_->text());
    }
    const float gap = 8 * context.scale;
    const float wrap = area.max.x - area.min.x - 2 * gap;
    ImVec2 at{area.min.x + gap, area.max.y - gap};
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
        at.y -= ImGui::CalcTextSize(line->c_str(), nullptr, false, wrap).y;
        text_on_image(*ImGui::GetWindowDrawList(), at, white_on_image, *line, wrap);
        at.y -= gap;
    }
    return at.y;
}

void CompareView::draw_notice(PanelContext& context, const Rect& area) {
    const Snapshot& snapshot = *services_.snapshot;
    if (!services_.document->compare.on) {
        return;
    }
    std::string text;
    bool can_go = false;
    if (!snapshot.pair) {
        text = snapshot.compare_problem.empty() ? "Rendering both sides..." : snapshot.compare_problem;
    } else if (!snapshot.pair->figures) {
        const bool a_missing = !snapshot.pair->a.image;
        const SideImage& missing = a_missing ? snapshot.pair->a : snapshot.pair->b;
        text = fmt::format("{}: {}", a_missing ? "A" : "B", missing.why_not);
        can_go = missing.elsewhere;
    }
    if (text.empty()) {
        return;
    }
    const float gap = 8 * context.scale;
    const ImVec2 padding = ImGui::GetStyle().FramePadding;
    constexpr const char* label = "Move camera";
    const float beside = can_go ? ImGui::CalcTextSize(label).x + 2 * (padding.x + gap) : 0;
    const float wrap = area.max.x - area.min.x - 4 * gap - beside;
    const float line = ImGui::GetTextLineHeight();
    const float height = ImGui::CalcTextSize(text.c_str(), nullptr, false, wrap).y;
    // Above the figures of a pixel.
    const ImVec2 at{area.min.x + 2 * gap, area.max.y - std::max(5 * line, height + 2 * (line + gap))};
    const ImVec2 size = text_on_image(*ImGui::GetWindowDrawList(), at,
                                      ImGui::GetColorU32(context.colours.warning), text, wrap);
    if (can_go) {
        ImGui::SetCursorScreenPos({at.x + size.x + 2 * gap, at.y - padding.y});
        const Command* go = services_.dispatch->find<GoWhereBothAreSeen>();
        if (go != nullptr && button(context, label, go->tooltip)) {
            services_.dispatch->run(GoWhereBothAreSeen{});
        }
    }
}

}  // namespace lact::app
