"""Fails one call after the other, and looks at what the program makes of it.

    fault_test.py BUILD_FOLDER [--files N] [--memory N] [--vulkan N] [--jobs N] [--writer NAME]...

Files: a create, write, flush, rename or mkdir fails with "no space left" or "input/output error", or a write takes half of its
bytes. The program says so in a sentence and ends with an error, or goes on with a warning or in another way; every file is old or
whole; no temporary name is left; the next run succeeds.
Memory: an allocation of any size, or of at least 64 KB, returns none. Vulkan: a call says that memory has run out or that the GPU
is lost. The program says so and ends with an error, or goes on; no signal ends it, and it does not hang. Signals in libraries that
asked for the memory themselves are listed and do not fail the test.
"""

import argparse
import collections
import concurrent.futures
import json
import pathlib
import re
import sys
import tempfile

import kill_test as kills
import program as programs
import writers as table

FILE_ERRORS = {"open": 28, "write": 28, "fsync": 5, "rename": 5, "mkdir": 28}  # ENOSPC, EIO
SENTENCE = re.compile(r"^(error|warning): .{15,}|^The settings .*could not", re.MULTILINE)
# Longer than the program's own limit of 120 s for a window that stays busy.
HANG_SECONDS = 300

Outcome = collections.namedtuple("Outcome", "kind subject row wrong note")  # Row: sentence, survived, signal, hang, silent, not hit.


def was_hit(log):
    """Whether a call failed; one that the program did not reach shows nothing."""
    return log.exists() and re.search("^failed ", log.read_text(errors="replace"), re.MULTILINE) is not None


def verdict(run, succeeded, hit):
    """How a run with a fault ended, and what is wrong with that. One that did not reach its fault has to succeed."""
    if run.code is None:
        return "hang", [f"hangs: {programs.last_words(run)}"]
    if run.code < 0:
        return "signal", [f"{programs.how_it_ended(run)}: {programs.last_words(run)}"]
    if succeeded and not SENTENCE.search(run.output):
        return "survived" if hit else "not hit", []
    return ("sentence", []) if SENTENCE.search(run.output) else ("silent", [f"no sentence: {programs.last_words(run)}"])


def file_points(reference, count):
    places = []
    for number, (call, _) in enumerate(reference.calls, start=1):
        if call in FILE_ERRORS:
            places += [(number, call, "fail")] + ([(number, call, "short")] if call == "write" else [])
    count = min(count, len(places))
    return [places[i * len(places) // count] for i in range(count)]


def fail_file(program, writer, reference, point, work):
    number, call, do = point
    with kills.Trial(program, writer, work) as trial:
        log = trial.home / "log"
        run = trial.run(program.file_faults(trial.out, log=log, at=number, do=do, errno=FILE_ERRORS[call]))
        row, wrong = verdict(run, writer.succeeded(run), was_hit(log))
        unlike, counts = kills.state_of(trial, reference)
        if row == "survived" and (counts["old"] or counts["missing"]):
            unlike.append("says nothing of what it did not write")
        left = programs.temporary_names(trial.out) if row in ("sentence", "survived") else []
        unlike += [f"left {name.relative_to(trial.out)}" for name in left]
        wrong = wrong + unlike + kills.next_run(trial, reference)
        return Outcome(f"file: {do if do == 'short' else call}", writer.name, row, [f"{do} of {call} {number}: {w}" for w in wrong], "")


# What fails for lack of memory, and how often at most: commands that read, compute, draw, and write.
def memory_commands(folder):
    return {
        "convert": ["convert", table.WEIGHTS, folder / "w.pt"],
        "generate": ["generate", "--views", 3, "--size", 32, "-o", folder / "scenes"],
        "render": ["render", *table.SMALL, "--frames", 2, "-o", folder / "frames"],
        "train": table.train(folder),
        "window": ["--device", "cpu", "--window-size", "320x240", "--screenshot", folder / "w.png", table.SCENE, table.WEIGHTS],
    }


def asked_by(log):
    """The library whose allocation failed, from the backtrace in the log of the shim."""
    for line in log.read_text().splitlines():
        name = re.match(r"(\S+?)\(", line)
        library = pathlib.Path(name[1]).name if name else ""
        if library and not library.startswith(("allocation_shim", "libc.so", "libstdc++", "libc10")):
            return library
    return "?"


def run_memory(program, name, work, least, at=None):
    home = pathlib.Path(tempfile.mkdtemp(dir=work))
    out = home / "out"
    out.mkdir()
    table.train_set_up(out)
    faults = {"LD_PRELOAD": str(program.shim("allocation_shim")), "LACT_FAULT_CALL": "malloc", "LACT_FAULT_LOG": str(home / "log"),
              "LACT_FAULT_LEAST": str(least)} | ({"LACT_FAULT_AT": str(at)} if at else {})
    return program.run(memory_commands(out)[name], home, faults, limit=HANG_SECONDS), home / "log"


def fail_memory(program, name, work, least, at):
    run, log = run_memory(program, name, work, least, at)
    row, wrong = verdict(run, run.code == 0, was_hit(log))
    kind = f"memory: {'any size' if not least else f'{least >> 10} KB and more'}"
    if row == "not hit":
        return Outcome(kind, name, row, wrong, "")
    library = asked_by(log)
    note = f"{name}: allocation {at}: {programs.how_it_ended(run)}, asked for by {library}"
    if row == "signal" and not library.startswith("lactscope"):
        return Outcome(kind, name, "signal in a library", [], note)
    return Outcome(kind, name, row, [f"{name}: allocation {at}, asked for by {library}: {w}" for w in wrong], "")


VULKAN_RESULTS = {"out of GPU memory": -2, "lost": -4}
LOST_CALLS = ("vkQueueSubmit", "vkQueueSubmit2", "vkWaitForFences")


def run_vulkan(program, work, faults):
    home = pathlib.Path(tempfile.mkdtemp(dir=work))
    manifest = pathlib.Path(work) / "layer" / "lact_faults.json"
    if not manifest.exists():
        manifest.parent.mkdir(exist_ok=True)
        manifest.write_text(json.dumps({"file_format_version": "1.2.0", "layer": {
            "name": "VK_LAYER_LACT_faults", "type": "GLOBAL", "library_path": str(program.shim("vulkan_faults")),
            "api_version": "1.3.0", "implementation_version": "1", "description": "Fails calls"}}))
    environment = {"VK_LAYER_PATH": str(manifest.parent), "VK_INSTANCE_LAYERS": "VK_LAYER_LACT_faults",
                   "LACT_FAULT_LOG": str(home / "log")} | faults
    arguments = ["--device", "cpu", "--window-size", "320x240", "--screenshot", home / "w.png", table.SCENE, table.WEIGHTS]
    return program.run(arguments, home, environment, limit=HANG_SECONDS), home / "log"


def fail_vulkan(program, work, call, at, words):
    run, log = run_vulkan(program, work, {"LACT_FAULT_CALL": call, "LACT_FAULT_AT": str(at),
                                          "LACT_FAULT_RESULT": str(VULKAN_RESULTS[words])})
    row, wrong = verdict(run, run.code == 0, was_hit(log))
    return Outcome(f"Vulkan: {words}", call, row, [f"{call} {at}: {w}" for w in wrong], "")


def spread(total, count):
    """`count` numbers of 1 … total: the first ones, and the rest evenly."""
    first = list(range(1, min(total, (count + 1) // 2) + 1))
    rest = count - len(first)
    return sorted(set(first + [1 + i * (total - 1) // max(1, rest) for i in range(1, rest + 1)]))


class Faults:
    """What is to be run, and what came of it."""

    def __init__(self, program, work, pool):
        self.program, self.work, self.pool = program, work, pool
        self.futures, self.rows, self.notes, self.failures = [], collections.defaultdict(collections.Counter), [], 0

    def add(self, function, *arguments):
        self.futures.append(self.pool.submit(function, self.program, *arguments))

    def fail(self, what):
        self.failures += 1
        print(f"FAILED {what}", flush=True)

    def add_files(self, count, names):
        for writer in table.chosen(names) if count else []:
            try:
                reference = kills.reference_of(self.program, writer, self.work)
            except RuntimeError as problem:
                self.fail(f"{writer.name}: {problem}")
                continue
            for point in file_points(reference, max(3, count // len(table.WRITERS))):
                self.add(fail_file, writer, reference, point, self.work)

    def add_memory(self, count):
        names = list(memory_commands(pathlib.Path("/")))
        for name in names if count else []:
            for least in (0, 1 << 16):
                run, log = run_memory(self.program, name, self.work, least)
                counted = re.search(r"^counted (\d+)$", log.read_text(), re.MULTILINE) if log.exists() else None
                if run.code != 0 or not counted:
                    self.fail(f"{name} without a fault: {programs.how_it_ended(run)}: {programs.last_words(run)}")
                    continue
                for at in spread(int(counted[1]), max(2, count // len(names) // 2)):
                    self.add(fail_memory, name, self.work, least, at)

    def add_vulkan(self, count):
        if not count:
            return
        run, log = run_vulkan(self.program, self.work, {"LACT_FAULT_CALL": "none"})
        if run.code != 0:
            self.fail(f"the window without a fault: {programs.how_it_ended(run)}: {programs.last_words(run)}")
            return
        calls = collections.Counter(log.read_text().split())
        for call, total in sorted(calls.items()):
            for at in spread(total, max(2, count // (len(calls) + len(LOST_CALLS)))):
                self.add(fail_vulkan, self.work, call, at, "out of GPU memory")
                if call in LOST_CALLS:
                    self.add(fail_vulkan, self.work, call, at, "lost")

    def collect(self):
        for future in concurrent.futures.as_completed(self.futures):
            outcome = future.result()
            self.rows[outcome.kind][outcome.row] += 1
            self.notes += [outcome.note] if outcome.note else []
            for wrong in outcome.wrong:
                self.fail(f"{outcome.kind}, {outcome.subject}: {wrong}")
        for kind, row in self.rows.items():
            if row["not hit"] == row.total():
                self.fail(f"{kind}: no fault of {row.total()} was hit")

    def print(self):
        columns = ("sentence", "survived", "signal in a library", "signal", "hang", "silent", "not hit")
        print("| fault | " + " | ".join(columns) + " |\n|---|" + "---|" * len(columns))
        for kind, row in sorted(self.rows.items()):
            print(f"| {kind} | " + " | ".join(str(row[column]) for column in columns) + " |")
        for note in sorted(self.notes):
            print(f"in a library: {note}")
        print(f"{len(self.futures)} faults, {self.failures} failures")


def main():
    parser = argparse.ArgumentParser(description="Fails one call after the other.")
    parser.add_argument("program", help="build folder, or the program")
    parser.add_argument("--files", type=int, default=160, help="faults of files")
    parser.add_argument("--memory", type=int, default=60, help="faults of memory")
    parser.add_argument("--vulkan", type=int, default=60, help="faults of Vulkan")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--writer", action="append", default=[], help="beginning of the name of a writer (default: all)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lactscope-faults-") as work, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        faults = Faults(programs.Program(options.program, work), work, pool)
        for name in ("file_shim", "allocation_shim", "vulkan_faults"):
            faults.program.shim(name)
        faults.add_files(options.files, options.writer)
        faults.add_memory(options.memory)
        faults.add_vulkan(options.vulkan)
        faults.collect()
        faults.print()
    return 1 if faults.failures else 0


if __name__ == "__main__":
    sys.exit(main())
