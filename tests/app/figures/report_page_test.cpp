#include "app/figures/report_page.h"

#include "tests/support/temporary_folder.h"

#include <cmath>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

namespace lact::app {
namespace {

ReportPage small_page() {
    ReportEntry measured{"Mirror", {}, {}};
    ExperimentReport& report = measured.report;
    report.id = "mirror";
    report.claim = "It <says> \"much\" & more.";
    report.finding = "The difference is 0.";
    report.condition = "difference < 1";
    report.agreement = Agreement::agrees;
    report.settings = {{"scene", "car"}, {"seed", "3"}};
    report.remarks = {"A note."};
    report.tables.push_back(
        {"rows", {"name", "dB"}, {{std::string("a<b"), 1.25}, {std::string("c"), std::nan("")}}});
    report.plots.push_back({.name = "loss",
                            .title = "Loss",
                            .x_label = "steps",
                            .y_label = "nats",
                            .series = {{"one", {0, 1, 2}, {3, 2, 1}}}});
    ImageF image;
    image.width = 2;
    image.height = 1;
    image.rgb = {1, 0, 0, 0, 0, 1};
    report.images.push_back({"red", "red and blue", image});
    ReportEntry failed{"Memory test", {}, "there is no state"};
    failed.report.id = "memory";
    failed.report.claim = "More steps are worse.";
    return {"Measured on car", "LaCT Scope 0", {{"scene", "car"}}, {measured, failed}};
}

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

TEST(ReportPage, HoldsEverythingItself) {
    const auto html = report_html(small_page());
    ASSERT_TRUE(html.has_value()) << html.error().message();
    EXPECT_EQ(html->rfind("<!DOCTYPE html>", 0), 0U);
    EXPECT_EQ(count_of(*html, "<svg"), 1U);
    EXPECT_EQ(count_of(*html, "data:image/png;base64,iVBORw0KGgo"), 1U) << "a PNG begins so";
    EXPECT_EQ(count_of(*html, "src=\"http"), 0U);
    EXPECT_EQ(count_of(*html, "<script"), 0U);
    EXPECT_NE(html->find("It &lt;says&gt; &quot;much&quot; &amp; more."), std::string::npos);
    EXPECT_NE(html->find("a&lt;b"), std::string::npos);
    EXPECT_NE(html->find("Agrees with the paper."), std::string::npos);
    EXPECT_NE(html->find("Not measured: there is no state"), std::string::npos);
    // What is shared stands once, what is its own in the section.
    EXPECT_EQ(count_of(*html, "<td>car</td>"), 1U);
    EXPECT_EQ(count_of(*html, "<th>seed</th><td>3</td>"), 1U);
    EXPECT_EQ(*html, *report_html(small_page()));
}

TEST(ReportPage, AVerdictSaysWhatItJudges) {
    ReportPage page = small_page();
    page.entries[0].report.judges = "figure 1";
    page.entries[0].report.not_judged = "table <2>";
    auto html = report_html(page);
    ASSERT_TRUE(html.has_value());
    EXPECT_EQ(count_of(*html, "Agrees with the paper on figure 1. Not judged: table &lt;2&gt;."), 2U);
    page.entries[0].report.own_statement = "The symmetry";
    html = report_html(page);
    ASSERT_TRUE(html.has_value());
    EXPECT_EQ(count_of(*html, "The symmetry holds."), 2U);
    EXPECT_EQ(count_of(*html, "Holds if: difference &lt; 1"), 1U);
    EXPECT_EQ(count_of(*html, "Agrees"), 0U);
}

TEST(ReportPage, ItsTagsAreClosed) {
    const lact::test::TemporaryFolder folder;
    const auto html = report_html(small_page());
    ASSERT_TRUE(html.has_value());
    const auto page = folder.file("page.html", *html);
    const auto check = folder.file("check.py", R"(
import sys
from html.parser import HTMLParser
class Check(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = []
    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)
    def handle_startendtag(self, tag, attributes):
        pass
    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, (tag, self.getpos())
check = Check()
check.feed(open(sys.argv[1], encoding="utf-8").read())
assert not check.open, check.open
)");
    const std::string command = "python3 " + check.string() + " " + page.string();
    EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace lact::app
