// `lactscope report` from outside.
#include "engine/core/files.h"
#include "tests/app/cli/run_program.h"

#include <string>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

using lact::test::TemporaryFolder;
using test::run_lactscope;

const std::string report_input = " --device cpu --weights " + test::general_weights +
                                 " --scene " LACT_ASSETS_DIR "/scenes/bouquet --inputs 3 --views 1 ";

TEST(ReportCommand, WritesOnePageOfTheChosenExperiments) {
    const TemporaryFolder folder;
    const std::string page = (folder.path() / "report.html").string();
    const auto run = run_lactscope("report --experiments mirror,irreducible -o " + page + report_input);
    ASSERT_EQ(run.exit_code, 0) << run.err;
    EXPECT_NE(run.err.find("2 experiments"), std::string::npos) << run.err;
    const auto html = read_file(page);
    ASSERT_TRUE(html.has_value());
    EXPECT_NE(html->find("<h2 id=\"mirror\">"), std::string::npos);
    EXPECT_NE(html->find("<h2 id=\"irreducible\">"), std::string::npos);
    EXPECT_EQ(html->find("<h2 id=\"memory\">"), std::string::npos);
    EXPECT_NE(html->find("bouquet"), std::string::npos);
    EXPECT_NE(html->find("(as trained)"), std::string::npos);
    // It says nothing that changes between two runs of the same figures.
    const auto again = run_lactscope("report --experiments mirror,irreducible -o " + page + report_input);
    ASSERT_EQ(again.exit_code, 0) << again.err;
    EXPECT_TRUE(*read_file(page) == *html) << "a second run gives another page";
}

TEST(ReportCommand, SaysWhatIsWrong) {
    EXPECT_EQ(run_lactscope("report").exit_code, 2);
    EXPECT_EQ(run_lactscope("report --experiments nothing -o x.html").exit_code, 2);
    const auto run = run_lactscope("report -o /nowhere/report.html" + report_input);
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_NE(run.err.find("/nowhere"), std::string::npos) << run.err;
}

TEST(ReportCommand, AnExperimentThatFailsIsSaidOnThePage) {
    const TemporaryFolder folder;
    const std::string page = (folder.path() / "report.html").string();
    const auto run = run_lactscope("report --experiments memory --layer 77 -o " + page + report_input);
    EXPECT_EQ(run.exit_code, 1);
    const auto html = read_file(page);
    ASSERT_TRUE(html.has_value());
    EXPECT_NE(html->find("Not measured: "), std::string::npos);
    EXPECT_NE(html->find("77"), std::string::npos);
}

}  // namespace

}  // namespace lact::app
