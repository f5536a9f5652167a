#include "app/gfx/keyboard.h"

#include <array>
#include <utility>
#include <vector>

namespace lact::gfx {

namespace {

constexpr std::array<std::pair<char, ImGuiKey>, 11> punctuation = {{{'`', ImGuiKey_GraveAccent},
                                                                    {'-', ImGuiKey_Minus},
                                                                    {'=', ImGuiKey_Equal},
                                                                    {'[', ImGuiKey_LeftBracket},
                                                                    {']', ImGuiKey_RightBracket},
                                                                    {'\\', ImGuiKey_Backslash},
                                                                    {',', ImGuiKey_Comma},
                                                                    {';', ImGuiKey_Semicolon},
                                                                    {'\'', ImGuiKey_Apostrophe},
                                                                    {'.', ImGuiKey_Period},
                                                                    {'/', ImGuiKey_Slash}}};

std::vector<ImGuiKey> all_typing_places() {
    std::vector<ImGuiKey> places;
    for (int i = 0; i < 10; ++i) {
        places.push_back(static_cast<ImGuiKey>(ImGuiKey_0 + i));
    }
    for (int i = 0; i < 26; ++i) {
        places.push_back(static_cast<ImGuiKey>(ImGuiKey_A + i));
    }
    for (const auto& [sign, key] : punctuation) {
        places.push_back(key);
    }
    places.push_back(ImGuiKey_Oem102);
    return places;
}

}  // namespace

std::span<const ImGuiKey> typing_places() {
    static const std::vector<ImGuiKey> places = all_typing_places();
    return places;
}

ImGuiKey us_key(std::string_view text) {
    if (text.size() != 1) {
        return ImGuiKey_None;
    }
    const char c = text.front();
    if (c >= '0' && c <= '9') {
        return static_cast<ImGuiKey>(ImGuiKey_0 + (c - '0'));
    }
    if (c >= 'a' && c <= 'z') {
        return static_cast<ImGuiKey>(ImGuiKey_A + (c - 'a'));
    }
    if (c >= 'A' && c <= 'Z') {
        return static_cast<ImGuiKey>(ImGuiKey_A + (c - 'A'));
    }
    for (const auto& [sign, key] : punctuation) {
        if (sign == c) {
            return key;
        }
    }
    return ImGuiKey_None;
}

ImGuiKey reported_key(ImGuiKey place, std::string_view text) {
    const ImGuiKey key = us_key(text);
    return key != ImGuiKey_None ? key : place;
}

std::string UsKeyboard::text(ImGuiKey place) const {
    if (place >= ImGuiKey_0 && place <= ImGuiKey_9) {
        return {static_cast<char>('0' + (place - ImGuiKey_0))};
    }
    if (place >= ImGuiKey_A && place <= ImGuiKey_Z) {
        return {static_cast<char>('a' + (place - ImGuiKey_A))};
    }
    for (const auto& [sign, key] : punctuation) {
        if (key == place) {
            return {sign};
        }
    }
    return {};
}

}  // namespace lact::gfx
