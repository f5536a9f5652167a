"""Runs the cases of lact_tests in a few processes at once; called by run.sh.

A process takes many cases: loading LibTorch costs more than most of them. The share of a process is about a tenth of a
core's work, by the times of the last run; the longest shares come first. A case that crashes or hangs is reported by
its name, and another process goes on with the cases after it.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time

HANG_SECONDS = 300  # Of one case.
SANITIZED_SLOWDOWN = 6  # Of a build with sanitizers, at most.
SHARES_PER_CORE = 10

# Seconds of cases whose time is not known yet: by what their names begin with.
FIRST_GUESS = {
    "Application.EveryActionRuns": 35, "Application.OpeningScenes": 30, "Record.KilledAtAnyMoment": 20, "Application.": 5,
    "Record.": 4, "Tour.": 6, "ScriptWindow.": 3, "RulePanel.": 3, "Session.": 3, "Cli.": 3, "CompareCommand.": 2, "InspectCheck.": 2,
    "TrainCommand.": 2.5, "Reliability.": 6, "CompareWindow.": 1.5, "Window.": 2, "EngineCompareTest.": 0.7, "PosesWindow.": 0.6,
}
BEGIN = re.compile(r"\[ RUN      \] (\S+)$")
END = re.compile(r"\[ +(OK|FAILED|SKIPPED) +\] (\S+?)(?:, where .*)? \((\d+) ms\)$")

Outcome = collections.namedtuple("Outcome", "status seconds output")  # status: passed, failed, skipped


class Results:
    """Outcomes by case, what runs now, and the lines on the terminal."""

    def __init__(self, total):
        self.total, self.by_case, self.lock = total, {}, threading.Lock()
        self.terminal, self.begin, self.said = sys.stderr.isatty(), time.monotonic(), time.monotonic()
        self.processes = []

    def add(self, case, outcome):
        with self.lock:
            self.by_case[case] = outcome
            if self.terminal:
                print(f"\r\033[K[{len(self.by_case)}/{self.total}] {case}", end="", file=sys.stderr, flush=True)
            elif time.monotonic() > self.said + 30:
                self.said = time.monotonic()
                print(f"[{len(self.by_case)}/{self.total}, {self.said - self.begin:.0f} s]", flush=True)
            if outcome.status == "failed":
                self.clear_line()
                print(f"FAILED {case}\n{outcome.output.rstrip()}\n", flush=True)

    def clear_line(self):
        if self.terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def list_cases(program, filter_text):
    out = subprocess.run([program, "--gtest_list_tests", f"--gtest_filter={filter_text}"], check=True, text=True,
                         capture_output=True).stdout
    suite, cases = "", []
    for line in out.splitlines():
        name = line.split("#")[0].rstrip()
        if line.startswith("  "):
            cases.append(suite + name.strip())
        elif name.endswith("."):
            suite = name
    return cases


def shares_of(cases, times, cores):
    """Lists of cases, each about as long, the longest first."""

    def seconds(case):
        guess = max((p for p in FIRST_GUESS if case.startswith(p)), key=len, default=None)
        return times.get(case, FIRST_GUESS.get(guess, 0.1))

    limit = max(2.0, sum(map(seconds, cases)) / (cores * SHARES_PER_CORE))
    shares, share, length = [], [], 0.0
    for case in cases:
        if share and length + seconds(case) > limit:
            shares.append((length, share))
            share, length = [], 0.0
        share.append(case)
        length += seconds(case)
    if share:
        shares.append((length, share))
    return [share for _, share in sorted(shares, key=lambda s: -s[0])]


def lines_of(process):
    """Lines of the output until the process ends; None once nothing came for so long that the case hangs."""
    rest, last = b"", time.monotonic()
    while True:
        if not select.select([process.stdout], [], [], 1)[0]:
            if process.poll() is not None:
                break  # what it started still holds the pipe
            if time.monotonic() > last + HANG_SECONDS:
                yield None
                return
            continue
        data, last = os.read(process.stdout.fileno(), 65536), time.monotonic()
        if not data:
            break
        *lines, rest = (rest + data).split(b"\n")
        yield from (line.decode(errors="replace") for line in lines)
    if rest:
        yield rest.decode(errors="replace")


def kill(process):
    """Ends a process and all that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def how_it_ended(code):
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended the process with exit code {code}"


def run_process(program, cases, results, environment):
    """Runs cases until the end or a crash; returns those that are left."""
    process = subprocess.Popen([program, "--gtest_filter=" + ":".join(cases)], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment,
                               start_new_session=True)
    results.processes.append(process)
    current, output, hangs = None, [], False
    done = set()
    for line in lines_of(process):
        if line is None:
            hangs = True
            kill(process)
            break
        begin, end = BEGIN.search(line), END.search(line)
        if begin:
            current, output = begin[1], []
        elif end and current == end[2]:
            status = {"OK": "passed", "FAILED": "failed", "SKIPPED": "skipped"}[end[1]]
            results.add(current, Outcome(status, int(end[3]) / 1000, "\n".join(output)))
            done.add(current)
            current, output = None, []
        else:
            output.append(line)
    code = process.wait()
    kill(process)
    results.processes.remove(process)
    left = [case for case in cases if case not in done]
    if left:
        crashed = current or left[0]
        why = f"hung for {HANG_SECONDS} s" if hangs else how_it_ended(code)
        results.add(crashed, Outcome("failed", 0, "\n".join(output + [f"The case {why}."])))
        left.remove(crashed)
    elif code != 0 and not any(results.by_case[case].status == "failed" for case in cases):
        results.add(cases[-1], Outcome("failed", 0, "\n".join(
            output[-100:] + [f"After the case, and {len(cases) - 1} more, the test program {how_it_ended(code)}."])))
    return left


def run_all(program, shares, cores, results, environment):
    waiting = collections.deque(shares)

    def work():
        while True:
            try:
                left = waiting.popleft()
            except IndexError:
                return
            while left:
                left = run_process(program, left, results, environment)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(cores)]
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    except KeyboardInterrupt:
        waiting.clear()
        for process in list(results.processes):
            kill(process)
        sys.exit("\ntests: stopped")


def is_sanitized(build):
    try:
        return re.search(r"^LACT_SANITIZE:\w+=.", (build / "CMakeCache.txt").read_text(), re.MULTILINE) is not None
    except OSError:
        return False


def summary(results, seconds):
    """Prints it; returns the number of failures."""
    def of(status, pattern=""):
        return sorted(c for c, o in results.by_case.items() if o.status == status and re.search(pattern, c))

    def reason(case):
        lines = [x for x in results.by_case[case].output.splitlines() if x and not re.search(r": Skipped$", x)]
        return lines[-1].removeprefix("golden: SKIPPED ").removeprefix("SKIPPED: ") if lines else "skipped"

    skipped = of("skipped")
    golden_run = len(of("passed", "Golden")) + len(of("failed", "Golden"))
    if golden_run:
        print(f"golden: {golden_run} run (folder {os.environ['LACT_GOLDEN_DIR']})")
    for case in of("skipped", "Golden"):
        print(f"golden: SKIPPED {case}: {reason(case)}")
    window = "Window|Offscreen|HeatMap"
    window_run, window_skipped = len(of("passed", window)) + len(of("failed", window)), len(of("skipped", window))
    if window_skipped:
        print(f"window: {window_run} run, {window_skipped} SKIPPED (no Vulkan device, no validation layer or no Xvfb)")
    elif window_run:
        print(f"window: {window_run} run")
    for case in skipped:
        if "Golden" not in case:
            print(f"SKIPPED {case}: {reason(case)}")
    failed = of("failed")
    for case in failed:
        print(f"FAILED {case}")
    print(f"{len(of('passed'))} passed, {len(failed)} failed, {len(skipped)} skipped in {seconds:.0f} s")
    return len(failed)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("filter", nargs="?", default="*")
    parser.add_argument("--cores", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    program = str((arguments.build / "lact_tests").resolve())
    if is_sanitized(arguments.build):
        global HANG_SECONDS
        HANG_SECONDS *= SANITIZED_SLOWDOWN
    times_file = arguments.build / "test_times.json"
    try:
        times = json.loads(times_file.read_text())
    except (OSError, ValueError):
        times = {}
    cases = list_cases(program, arguments.filter)
    if not cases:
        sys.exit(f"tests: no case is called {arguments.filter}")
    shares = shares_of(cases, times, arguments.cores)
    print(f"tests: {len(cases)} cases in {len(shares)} processes, {arguments.cores} at once", flush=True)
    begin, results = time.monotonic(), Results(len(cases))
    with tempfile.TemporaryDirectory(prefix="lact_tests_") as folder:
        run_all(program, shares, arguments.cores, results, {**os.environ, "TMPDIR": folder})
    results.clear_line()
    times.update({case: round(o.seconds, 3) for case, o in results.by_case.items() if o.seconds})
    times_file.write_text(json.dumps(times, indent=0))
    failures = summary(results, time.monotonic() - begin)
    sys.exit(1 if failures else 0)


main()
