#include "app/document/layout_text.h"

#include <cstdio>
#include <string>

#include <gtest/gtest.h>

namespace lact::app {
namespace {

/// As Dear ImGui writes it: two windows in a dock space of two parts.
constexpr const char* layout = R"([Window][###Viewport]
Pos=0,20
Size=800,580
Collapsed=0
DockId=0x00000001,0

[Window][###Scene]
Pos=802,20
Size=200,580
DockId=0x00000002

[Table][0x12345678,3]
RefScale=13
Column 0  Width=100 Sort=0v
Column 2  Weight=1.5

[Docking][Data]
DockSpace   ID=0x0000000A Window=0x0000000B Pos=0,20 Size=1002,580 Split=X Selected=0x00000003
  DockNode  ID=0x00000001 Parent=0x0000000A SizeRef=800,580 CentralNode=1 Selected=0x00000003
  DockNode  ID=0x00000002 Parent=0x0000000A SizeRef=200,580
)";

std::string without_blank_lines(std::string text) {
    for (std::size_t at = text.find("\n\n"); at != std::string::npos; at = text.find("\n\n")) {
        text.erase(at, 1);
    }
    return text;
}

TEST(LayoutText, WhatDearImGuiWritesStays) {
    const auto kept = restorable_layout(layout);
    ASSERT_TRUE(kept) << kept.error().message();
    EXPECT_EQ(*kept, without_blank_lines(layout));
    EXPECT_EQ(restorable_layout(*kept).value_or(""), *kept);
    EXPECT_EQ(restorable_layout("").value_or("?"), "");
}

TEST(LayoutText, DocksThatAreNoTreesAreRefused) {
    const std::string data = "[Docking][Data]\n";
    const std::string root = "DockNode ID=0x00000001 Pos=0,0 Size=9,9";
    for (const std::string& docks : {
             std::string("DockNode ID=0x00000001 Parent=0x00000001\n"),
             root + "\n" + root + "\n",
             std::string(
                 "DockNode ID=0x00000001 Parent=0x00000002\nDockNode ID=0x00000002 Parent=0x00000001\n"),
             root + " Split=X\n",
             root + " Split=X\nDockNode ID=0x00000002 Parent=0x00000001\n",
             root + "\nDockNode ID=0x00000002 Parent=0x00000001\nDockNode ID=0x00000003 Parent=0x00000001\n",
             root + " Split=Q\n",
             root + " Selected=0x00000001 Split=X\n",
             std::string("DockNode ID=0x00000001 Pos=0,0 Size=99999,9\n"),
             std::string("DockNode ID=0x00000000 Pos=0,0 Size=9,9\n"),
             std::string("DockNode ID=0x00000001\n"),
             std::string("DockSpace\n"),
             std::string("Dock\n"),
         }) {
        EXPECT_FALSE(restorable_layout(data + docks)) << docks;
    }
    std::string deep = data + root + " Split=X\n";
    for (int i = 2; i < 60; i += 2) {
        for (const int id : {i, i + 1}) {
            char line[100];
            (void)std::snprintf(line, sizeof line, "DockNode ID=0x%08X Parent=0x%08X%s\n", id,
                                i == 2 ? 1 : i - 2, id == i && i < 58 ? " Split=X" : "");
            deep += line;
        }
    }
    EXPECT_FALSE(restorable_layout(deep));
    EXPECT_FALSE(restorable_layout(std::string(1U << 20, 'x')));
    EXPECT_FALSE(restorable_layout(std::string("[Window][a]\nPos=0,0\n\0", 21)));
}

TEST(LayoutText, WindowsKeepOnlyDocksThatAreLeaves) {
    const std::string text = without_blank_lines(layout);
    const auto docked_in = [&](const char* dock) {
        std::string other = text;
        other.replace(other.find("0x00000002\n"), 10, dock);
        return restorable_layout(other).value_or("refused").find(std::string("DockId=") + dock) !=
               std::string::npos;
    };
    EXPECT_TRUE(docked_in("0x00000001"));
    EXPECT_TRUE(docked_in("0x00000001,3"));
    EXPECT_FALSE(docked_in("0x00001234"));  // There is none.
    EXPECT_FALSE(docked_in("0x0000000A"));  // It has parts.
    EXPECT_FALSE(docked_in("0x00000001,99999"));
    EXPECT_EQ(*restorable_layout("[Window][###Scene]\nDockId=0x00001234,0\n"), "[Window][###Scene]\n");
}

TEST(LayoutText, OtherLinesAreLeftOut) {
    for (const char* line : {"[Viewport][Data]", "Width=3", "Pos=1", "Pos=1,99999999", "Size=-1,5",
                             "Pos=0x1,2", "LastUsed=-1", "Collapsed=7", "DockNode ID=0x00000001"}) {
        EXPECT_EQ(restorable_layout(std::string("[Window][a]\n") + line + "\n").value_or("refused"),
                  "[Window][a]\n")
            << line;
    }
    for (const char* line : {"Column 3  Width=5", "Column 0  Order=3", "Column 0  Weight=1e9",
                             "Column 0  Sort=0", "Column -1  Width=5", "Column", "RefScale=-1"}) {
        EXPECT_EQ(restorable_layout(std::string("[Table][0x00000001,3]\n") + line + "\n").value_or("refused"),
                  "[Table][0x00000001,3]\n")
            << line;
    }
    EXPECT_EQ(restorable_layout("[Table][0x00000001,700]\nColumn 0  Width=5\n").value_or("refused"), "");
    EXPECT_EQ(restorable_layout("[Window][]\nPos=1,1\n").value_or("refused"), "");
}

TEST(LayoutText, SaysWhichPanelsAreOpen) {
    const OpenPanels panels = {{"Fast weights", true}, {"Training", false}};
    const std::string text = with_open_panels(layout, panels);
    EXPECT_EQ(open_panels(text), panels);
    const std::string kept = restorable_layout(text).value_or("refused");
    EXPECT_EQ(open_panels(kept), panels);
    EXPECT_EQ(kept, without_blank_lines(text));
    EXPECT_TRUE(open_panels(layout).empty()) << "of an earlier version";
    EXPECT_EQ(with_open_panels("", panels), "") << "nothing is docked: the default layout";
    EXPECT_EQ(restorable_layout("[Panels][Open]\nA=2\n=1\nB\nC=1x\nD/=1\n").value_or("refused"),
              "[Panels][Open]\n");
    EXPECT_TRUE(open_panels("[Window][a]\nScene=1\n").empty()) << "of another section";
}

}  // namespace
}  // namespace lact::app
