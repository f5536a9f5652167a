#include "app/commands/recording_job.h"

#include "app/commands/parameter_table.h"
#include "app/platform/child_process.h"
#include "engine/core/guarded.h"
#include "engine/core/output_path.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

namespace lact::app {

namespace {

struct Progress {
    double fraction = 0;
    std::string_view stage;
};

/// "progress 0.25 recording" of `lactscope record --progress`.
std::optional<Progress> progress_in(std::string_view line) {
    constexpr std::string_view word = "progress ";
    Progress found;
    if (!line.starts_with(word)) {
        return std::nullopt;
    }
    const char* end = line.data() + line.size();
    const auto [next, problem] = std::from_chars(line.data() + word.size(), end, found.fraction);
    if (problem != std::errc()) {
        return std::nullopt;
    }
    found.stage = std::string_view(next, static_cast<std::size_t>(end - next));
    if (found.stage.starts_with(' ')) {
        found.stage.remove_prefix(1);
    }
    return found;
}

/// Runs the command and collects its warnings. Its other output after the last progress line is the error
/// message.
Result<void> record(std::filesystem::path program, const std::vector<std::string>& arguments, const Job& job,
                    std::vector<std::string>& warnings) {
    if (program.empty()) {
        program = "/proc/self/exe";  // Also where the file was replaced since.
    }
    std::string message;
    constexpr std::string_view warning = "warning: ";
    constexpr std::string_view prefix = "error: ";
    const auto on_line = [&](std::string_view line) {
        if (const auto progress = progress_in(line)) {
            job.progress(progress->stage, progress->fraction);
            message.clear();
        } else if (line.starts_with(warning)) {
            warnings.emplace_back(line.substr(warning.size()));
        } else if (!line.empty()) {
            message += message.empty() ? "" : " ";
            message += line.starts_with(prefix) ? line.substr(prefix.size()) : line;
        }
    };
    LACT_TRY(const ChildEnd end, run_child(program, arguments, on_line, job.stop));
    if (end.exit_code != 0 && message.empty()) {
        return fail("recording", fmt::format("ended with code {} and gave no reason", end.exit_code),
                    "If the memory was full, record at a smaller size or close other programs.");
    }
    return end.exit_code == 0 ? Result<void>() : fail("recording", message);
}

/// The warnings of a recording that the log has not: both processes open the same scene.
void pass_on(const std::vector<std::string>& warnings, ErrorLog& log) {
    const std::vector<LogEntry> known = log.after(0);
    for (const std::string& said : warnings) {
        const bool is_known = std::ranges::any_of(known, [&said](const LogEntry& entry) {
            return said == fmt::format("{}: {}", entry.where, entry.what);
        });
        if (!is_known) {
            log.say(Severity::warning, said, "the recorded video");
        }
    }
}

}  // namespace

RecordingJob::~RecordingJob() {
    stop();
}

bool RecordingJob::running() const {
    const auto jobs = jobs_->snapshot();
    return std::ranges::any_of(
        jobs, [this](const JobStatus& job) { return job.id == job_ && job.state == JobState::running; });
}

void RecordingJob::stop() {
    if (job_ > 0) {
        jobs_->cancel(job_);
    }
}

Result<void> RecordingJob::start(const SessionFile& session, const RecordChoice& choice,
                                 const std::filesystem::path& output, bool may_open) {
    if (running()) {
        return fail("recording", "a video is being recorded already", "Wait for it, or stop it.");
    }
    if (thread_.joinable()) {
        thread_.join();
    }
    std::error_code problem;
    const auto temporary = std::filesystem::temp_directory_path(problem);
    if (problem) {
        return fail("recording", "there is no folder for temporary files: " + problem.message(),
                    "Set TMPDIR to a folder that can be written to.");
    }
    LACT_TRY(OutputFolder folder, OutputFolder::within(temporary, "lactscope-recording"));
    const auto file = folder.path() / "session.json";
    LACT_CHECK(save_session_file(file, session));
    std::vector<std::string> arguments = {
        "record",
        "--session",
        file.string(),
        "--what",
        choice.what,
        "--window",
        fmt::format("{}x{}", choice.width, choice.height),
        "--fps",
        fmt::format("{}", choice.fps),
        "--quality",
        fmt::format("{}", choice.quality),
        "--device",
        compute_.device,
        "--precision",
        std::string(compute_.precision ? to_string(*compute_.precision) : std::string_view("auto")),
        "--progress",
        "-o",
        output.string()};
    if (may_open) {
        arguments.emplace_back("--allow-opens");
    }
    if (choice.labels && choice.what == "view") {  // A recorded window has its own.
        arguments.emplace_back("--labels");
    }
    if (choice.from > 0) {
        arguments.insert(arguments.end(), {"--from", fmt::format("{}", choice.from)});
    }
    if (choice.seconds > 0) {
        arguments.insert(arguments.end(), {"--seconds", fmt::format("{}", choice.seconds)});
    }
    JobTicket ticket = jobs_->start("Record " + output.filename().string(), EndedBy::request);
    job_ = ticket.id();
    thread_ = std::jthread([ticket = std::move(ticket), arguments, folder = std::move(folder), output,
                            log = log_, program = program_]() mutable {
        std::vector<std::string> warnings;
        const Result<void> done =
            guarded("recording", [&] { return record(program, arguments, ticket.job(), warnings); });
        folder.discard();
        if (done) {
            pass_on(warnings, *log);
            log->wrote("recorded the video", output);
        } else if (done.error().cancelled) {
            log->say(Severity::note, "stopped the video; nothing was written", output.string());
        } else {
            log->add(done.error());
        }
        ticket.finish(done);
    });
    return {};
}

Result<void> add_record_parameters(Document& document, ParameterTable& parameters) {
    const AddParameter add{parameters};
    LACT_CHECK(add(
        "record.what", "Record", "Recording",
        "Record the whole window, or the view alone: the rendering without labels and bars.", Effect::shows,
        always(Choices{{"window", "view"}}), "window",
        [&document] { return ParameterValue(document.record.what); },
        [&document](const ParameterValue& value) { document.record.what = value.get<std::string>(); }));
    LACT_CHECK(add(
        "record.format", "Format", "Recording",
        "Format of videos without a given file name: MP4 (H.264), animated GIF (256 colours, at most 50 "
        "frames per second), or a folder of numbered PNG images.",
        Effect::shows, always(Choices{{"mp4", "gif", "png"}}), "mp4",
        [&document] { return ParameterValue(document.record.format); },
        [&document](const ParameterValue& value) { document.record.format = value.get<std::string>(); }));
    LACT_CHECK(add(
        "record.labels", "Labels", "Recording",
        "In videos of the view: also its captions, the photo in the corner, and bars beside the image.",
        Effect::shows, always(Switch{}), false,
        [&document] { return ParameterValue(document.record.labels); },
        [&document](const ParameterValue& value) { document.record.labels = value.get<bool>(); }));
    LACT_CHECK(add(
        "record.fps", "Frame rate", "Recording",
        "Frames per second of the video. Every frame is exact, however long it takes to draw.", Effect::shows,
        always(Numbers{1, 240}), 30.0, [&document] { return ParameterValue(document.record.fps); },
        [&document](const ParameterValue& value) { document.record.fps = value.get<double>(); }));
    LACT_CHECK(add(
        "record.quality", "Rate factor", "Recording",
        "Constant rate factor of x264 for MP4: 0 is the best quality, 18 visually lossless, 51 the lowest. "
        "Colours always have half of the resolution (4:2:0).",
        Effect::shows, always(WholeNumbers{0, 51}), 18,
        [&document] { return ParameterValue(document.record.quality); },
        [&document](const ParameterValue& value) { document.record.quality = value.get<int>(); }));
    LACT_CHECK(add(
        "record.width", "Width", "Recording", "Width of the video in pixels.", Effect::shows,
        always(WholeNumbers{320, 7680}), 1280, [&document] { return ParameterValue(document.record.width); },
        [&document](const ParameterValue& value) { document.record.width = value.get<int>(); }));
    LACT_CHECK(add(
        "record.height", "Height", "Recording", "Height of the video in pixels.", Effect::shows,
        always(WholeNumbers{240, 4320}), 800, [&document] { return ParameterValue(document.record.height); },
        [&document](const ParameterValue& value) { document.record.height = value.get<int>(); }));
    LACT_CHECK(add(
        "record.from", "From", "Recording",
        "Seconds at the beginning of the path or script that are left out.", Effect::shows,
        always(Numbers{0, 3600}), 0.0, [&document] { return ParameterValue(document.record.from); },
        [&document](const ParameterValue& value) { document.record.from = value.get<double>(); }));
    LACT_CHECK(add(
        "record.folder", "Folder", "Recording",
        "Folder for videos, which get a name with date and time; empty: ask each time.", Effect::customizes,
        always(FreeText{}), "", [&document] { return ParameterValue(document.record.folder); },
        [&document](const ParameterValue& value) { document.record.folder = value.get<std::string>(); }));
    return add(
        "record.seconds", "Length", "Recording",
        "Length of the video in seconds; 0: to the end of path and script.", Effect::shows,
        always(Numbers{0, 3600}), 0.0, [&document] { return ParameterValue(document.record.seconds); },
        [&document](const ParameterValue& value) { document.record.seconds = value.get<double>(); });
}

}  // namespace lact::app
