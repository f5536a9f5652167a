#include "app/ui/glossary.h"

#include "app/ui/theme.h"
#include "app/ui/widgets.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

namespace {

constexpr const char* lact = "arXiv 2505.23884 (LaCT)";

constexpr std::array<Term, 31> terms = {{
    {"attention row",
     "The weights with which a patch of the view reads the patches of the photos: its query "
     "features times their key features.",
     "arXiv 2602.21204, theorem 5.1"},
    {"base rate",
     "The learning rate that every token has before its own part is added: softplus(lr(x) + c), where "
     "c gives the base rate for lr(x) = 0.",
     lact},
    {"camera path",
     "Camera keys with times, and a curve through them. A video of the view follows it at exact frame times.",
     ""},
    {"chunk", "The tokens that one update takes together. LaCT-NVS has one: all tokens of the input photos.",
     lact},
    {"D",
     "The diagonal matrix of weight normalisation: it scales each column of S (and of S0) back to the norm "
     "of the column before the update.",
     "arXiv 2602.21204, table 2: variant 2 leaves it out"},
    {"effective rank",
     "The exponential of the entropy of the singular values divided by their sum: how many directions a "
     "matrix uses.",
     "Roy and Vetterli, EUSIPCO 2007"},
    {"effective value",
     "What a token adds to S: v times its learning rate, with (v - f(k)) in place of v for the MSE loss, and "
     "the negative for ascent; with Muon multiplied by its factor P, where P is on the side of the values.",
     "arXiv 2602.21204, theorem 5.1"},
    {"fast weights",
     "W0, W1 and W2 of every layer and head: a small network that learns the input photos when the "
     "scene is set up, and is then read by the target camera.",
     lact},
    {"feature φ",
     "φ(x) = silu(x W0) * (x W2): the network without its last layer. Keys are written through φ before the "
     "update, queries read through φ after it.",
     "arXiv 2602.21204, theorem 5.1"},
    {"foreground PSNR", "PSNR over the pixels that are not white in the photo: background does not raise it.",
     ""},
    {"ground truth", "The image that the camera would see; known at every camera for generated scenes only.",
     ""},
    {"held-out view",
     "A photo that is no input of the model and only measures it; one whose camera does not fit the others "
     "does "
     "not.",
     ""},
    {"inner loss",
     "What one layer and head minimises while it learns: -⟨f(k), v⟩, or half the squared error of f(k) for "
     "the MSE rule. Lower is not better for the image.",
     "arXiv 2602.21204, figure 1"},
    {"inner step", "One gradient step on all input tokens. The bundled weights were trained with one.",
     "arXiv 2602.21204, figure 1"},
    {"key k, query q, value v",
     "Three projections of a token: input tokens write values at keys, target tokens read "
     "with queries.",
     lact},
    {"learning rate η",
     "Every token has its own learning rate for each of W0, W1 and W2, computed from the token.", lact},
    {"linear-attention form",
     "The layer computed as the features of the query times S, with P and D where the rule "
     "has them, from recorded inputs and without the TTT step. In fp64, Newton-Schulz included, it must "
     "agree up to rounding.",
     "arXiv 2602.21204, theorems 5.1 to 5.3"},
    {"momentum",
     "Adds the gradients of earlier chunks, each weaker the longer ago it is. Sequence layers have it, "
     "LaCT-NVS does not.",
     "arXiv 2602.21204, theorem 5.3"},
    {"Muon",
     "Replaces a gradient matrix by a nearly orthogonal one with Newton-Schulz steps, five as released: its "
     "singular values become about 1.",
     "Jordan et al. 2024; arXiv 2602.21204, table 2: variant 6 leaves it out"},
    {"P",
     "The factor of Muon: M(G) = P G, where P is a polynomial of G and its transpose, or the same on the "
     "other side of G. It goes to the keys or to the values; both readings are exact, and their attention "
     "rows differ.",
     "follows from theorem 5.1 of arXiv 2602.21204 and the polynomial of Muon"},
    {"parallel form",
     "All chunks computed at once, without a loop over them. A rule has one if what a chunk writes does not "
     "depend on the state before it.",
     "arXiv 2602.21204, table 2"},
    {"PCA and t-SNE",
     "Two ways to draw vectors as points. PCA keeps the two directions of largest variance; t-SNE keeps "
     "neighbours together, and its distances between groups mean little.",
     "van der Maaten and Hinton, JMLR 2008 (t-SNE)"},
    {"PSNR",
     "Peak signal-to-noise ratio, 10 log10(1 / MSE) in decibels, of values in [0, 1]; higher is closer.", ""},
    {"S and S0",
     "The state as linear attention: S0 is W1 before the update; S adds the sum over tokens of key features "
     "times effective values, with P and D. It equals W1 after the same update in fp64 up to rounding; W1 "
     "as it runs, with Newton-Schulz in bf16, differs by several percent.",
     "arXiv 2602.21204, theorem 5.1"},
    {"script",
     "Recorded commands with their times, as JSON. A video plays them at exact frame times, however fast the "
     "machine is.",
     ""},
    {"session file", "Scene, weights, rule, photos, panels, camera path and script of a window, as JSON.",
     ""},
    {"share",
     "How much of what a patch reads comes from one photo, at fixed P and D. Without the photo these change, "
     "too: Without a photo shows the whole effect.",
     "from the attention rows; arXiv 2602.21204, theorem 5.1"},
    {"SSIM", "Structural similarity, from -1 to 1: compares means, contrast and structure in small windows.",
     "Wang et al., IEEE TIP 2004"},
    {"switched at inference",
     "The rule is another one than the weights were trained with. What it does to the image says nothing "
     "about models trained with that rule.",
     "arXiv 2602.21204, table 1 trains each rule"},
    {"token",
     "A patch of 8 x 8 pixels (or as the weights have it) of a photo or of the view, with the rays of its "
     "pixels.",
     lact},
    {"weight normalisation",
     "After the update each column of a fast-weight matrix is scaled to its norm before.", lact},
}};

}  // namespace

std::span<const Term> glossary() {
    return terms;
}

const Term* find_term(std::string_view name) {
    const auto found =
        std::ranges::find(terms, name, [](const Term& term) { return std::string_view(term.name); });
    return found == terms.end() ? nullptr : &*found;
}

std::span<const std::string_view> experiment_terms(std::string_view id) {
    static constexpr std::array<std::string_view, 3> mirror = {"inner loss", "effective value", "PSNR"};
    static constexpr std::array<std::string_view, 3> linear = {"linear-attention form", "S and S0",
                                                               "feature φ"};
    static constexpr std::array<std::string_view, 4> memory = {"inner loss", "inner step",
                                                               "switched at inference", "PSNR"};
    static constexpr std::array<std::string_view, 2> distributions = {"key k, query q, value v",
                                                                      "PCA and t-SNE"};
    static constexpr std::array<std::string_view, 3> ablation = {"linear-attention form", "feature φ",
                                                                 "S and S0"};
    static constexpr std::array<std::string_view, 2> comparators = {"attention row", "share"};
    static constexpr std::array<std::string_view, 3> irreducible = {"parallel form", "feature φ",
                                                                    "weight normalisation"};
    static constexpr std::array<std::string_view, 2> check = {"linear-attention form", "P"};
    static constexpr std::array<std::string_view, 4> variants = {"PSNR", "foreground PSNR", "SSIM",
                                                                 "switched at inference"};
    static constexpr std::array<std::string_view, 5> recall = {"chunk", "momentum", "learning rate η", "Muon",
                                                               "inner step"};
    static constexpr std::array<std::string_view, 2> classes = {"key k, query q, value v",
                                                                "linear-attention form"};
    static constexpr std::array<std::pair<std::string_view, std::span<const std::string_view>>, 11> all = {
        {{"mirror", mirror},
         {"linear", linear},
         {"memory", memory},
         {"distributions", distributions},
         {"ablation", ablation},
         {"comparators", comparators},
         {"irreducible", irreducible},
         {"check", check},
         {"variants", variants},
         {"recall", recall},
         {"classes", classes}}};
    const auto* const found =
        std::ranges::find(all, id, [](const auto& one) -> const std::string_view& { return one.first; });
    return found == all.end() ? std::span<const std::string_view>() : found->second;
}

bool help_mark(const PanelContext& context, std::span<const std::string_view> names) {
    ImGui::PushStyleColor(ImGuiCol_Text, context.colours.muted);
    const bool pressed = ImGui::SmallButton(icon::help);
    ImGui::PopStyleColor();
    if (!ImGui::BeginItemTooltip()) {
        return pressed;
    }
    ImGui::PushTextWrapPos(26 * ImGui::GetFontSize());
    for (const std::string_view name : names) {
        const Term* term = find_term(name);
        IM_ASSERT(term != nullptr);
        if (term == nullptr) {
            continue;
        }
        ImGui::PushFont(context.fonts.bold, 0);
        ImGui::TextUnformatted(term->name);
        ImGui::PopFont();
        ImGui::TextUnformatted(term->sentence);
        if (*term->place != '\0') {
            ImGui::TextColored(context.colours.muted, "%s", term->place);
        }
    }
    ImGui::TextColored(context.colours.muted, "Click: all terms.");
    ImGui::PopTextWrapPos();
    ImGui::EndTooltip();
    return pressed;
}

}  // namespace lact::app
