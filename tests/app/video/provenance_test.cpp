// Files named like videos that are something else.
#include "app/video/provenance.h"

#include "engine/core/files.h"
#include "tests/app/video/video_support.h"

#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace lact::app::test {

namespace {

std::string write_small_video(const std::filesystem::path& path) {
    FrameSinkOptions requested = sink_options(32, 32);
    requested.provenance = {{"secret", "of the other file"}};
    const auto sink = open_frame_sink(path, requested);
    if (!sink || !(*sink)->write(noise(32, 32, 1)) || !(*sink)->finish()) {
        ADD_FAILURE();
    }
    return path.string();
}

TEST(Provenance, PlaylistsNamedMp4OpenNoOtherFile) {
    const TemporaryFolder folder;
    const std::string other = write_small_video(folder.path() / "other.mp4");
    ASSERT_EQ(read_provenance(other)->at("secret"), "of the other file");
    const std::string hls =
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:" + other + "\n#EXT-X-ENDLIST\n";
    const std::string concat = "ffconcat version 1.0\nfile 'other.mp4'\n";
    const std::string sdp =
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n";
    const std::string dash =
        "<?xml version=\"1.0\"?><MPD><Period><BaseURL>file:" + other + "</BaseURL></Period></MPD>";
    for (const std::string& text : {hls, concat, sdp, dash}) {
        const auto about = read_provenance(folder.file("list.mp4", text));
        ASSERT_FALSE(about) << text;
        EXPECT_NE(about.error().message().find("list.mp4"), std::string::npos) << about.error().message();
        EXPECT_EQ(about.error().message().find("secret"), std::string::npos);
    }
}

TEST(Provenance, PipesNamedLikeRecordingsAreRefused) {
    const TemporaryFolder folder;
    for (const char* name : {"a.mp4", "a.gif", "a.png"}) {
        const auto pipe = folder.path() / name;
        ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
        const auto about = read_provenance(pipe);
        ASSERT_FALSE(about);
        EXPECT_NE(about.error().message().find("is a pipe"), std::string::npos) << about.error().message();
    }
}

TEST(FrameOutput, IsCheckedBeforeTheWork) {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder.path() / "full");
    (void)folder.file("full/00000.png", "mine");
    EXPECT_TRUE(check_frame_output(folder.path() / "video.mp4"));
    EXPECT_TRUE(check_frame_output(folder.path() / "video.gif"));
    EXPECT_TRUE(check_frame_output(folder.path() / "frames"));
    EXPECT_TRUE(check_frame_output(folder.path() / "frames" / ""));
    EXPECT_FALSE(check_frame_output({}));
    EXPECT_FALSE(check_frame_output(folder.path() / "video.avi"));
    EXPECT_FALSE(check_frame_output(folder.path() / "missing" / "video.mp4"));
    EXPECT_FALSE(check_frame_output(folder.path() / "missing" / "frames"));
    EXPECT_FALSE(check_frame_output(folder.path() / "full"));
    EXPECT_FALSE(check_frame_output("/proc/video.mp4"));
    EXPECT_FALSE(check_frame_output("/proc/frames"));
    EXPECT_EQ(folder.names(), std::set<std::string>{"full"});
}

}  // namespace

}  // namespace lact::app::test
