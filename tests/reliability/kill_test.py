"""Kills the program while it writes, and looks at what is left.

    kill_test.py BUILD_FOLDER [--kills N] [--jobs N] [--seed N] [--seconds N] [WRITER]...

A run that is not killed tells which calls a writer makes (create, write, flush, rename, remove). Then the program is ended by
SIGKILL before one of them, or after half of the bytes of a write; a fifth of the kills come at a random time instead. Afterwards
every file has its older content or is whole, a folder that appears at once has all of its files, and only temporary names
(engine/core/output_path.h) are there beside them; the next run succeeds, and leaves no temporary name.
"""

import argparse
import collections
import concurrent.futures
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time

import program as programs
import whole
import writers as table

Point = collections.namedtuple("Point", "number call do seconds")  # Number 0: after `seconds`.


class Trial:
    """A folder of its own for runs of a writer."""

    def __init__(self, program, writer, work):
        self.program, self.writer = program, writer
        self.home = pathlib.Path(tempfile.mkdtemp(dir=work))
        self.out = self.home / "out"
        writer.set_up(self.out)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.home, ignore_errors=True)

    def run(self, faults=None, again=False, kill_after=None):
        arguments = (again and self.writer.again or self.writer.arguments)(self.out)
        faults = {"XDG_CONFIG_HOME": str(self.out / "config"), "PATH": f"{self.home}/programs:/usr/bin:/bin"} | (faults or {})
        return self.program.run(arguments, self.home, faults, kill_after=kill_after)

    def calls(self):
        """A run that nothing stops: itself, and the calls that it makes, as (name, path)."""
        log = self.home / "calls"
        run = self.run(self.program.file_faults(self.out, log, call="none"))
        lines = log.read_text().splitlines() if log.exists() else []
        return run, [tuple(line.split(" ", 1)) for line in lines]


Reference = collections.namedtuple("Reference", "calls files seconds")


def reference_of(program, writer, work):
    with Trial(program, writer, work) as trial:
        run, calls = trial.calls()
        if not writer.succeeded(run):
            raise RuntimeError(f"a run that nothing stops: {programs.how_it_ended(run)}: {programs.last_words(run)}")
        if not calls:
            raise RuntimeError("makes no call that the shim sees")
        files = programs.finished_files(trial.out)
        for name in sorted(files):
            if reason := whole.objection(trial.out / name):
                raise RuntimeError(f"{name} of a run that nothing stops: {reason}")
        return Reference(calls, files, run.seconds)


def points_of(reference, count, random_source):
    """Where to kill: evenly over the calls, so that each name and each kind of call gets its turn."""
    at_random = count // 5
    places = []
    for number, (call, _) in enumerate(reference.calls, start=1):
        places += [Point(number, call, "kill", 0)] + ([Point(number, call, "half", 0)] if call == "write" else [])
    wanted = count - at_random
    chosen = [places[i * len(places) // wanted] for i in range(wanted)]
    return chosen + [Point(0, "any time", "kill", reference.seconds * random_source.uniform(0.2, 1)) for _ in range(at_random)]


def state_of(trial, reference):
    """What is wrong with what a kill left; empty where nothing is. And how many files are old, new, missing."""
    wrong, counts = [], collections.Counter()
    there = programs.finished_files(trial.out)
    for name in sorted(there - reference.files):
        wrong.append(f"{name} is no file of a run that nothing stops")
    for name in sorted(there & reference.files):
        if str(name) in trial.writer.old and (trial.out / name).read_bytes() == table.OLD:
            counts["old"] += 1
        elif reason := whole.objection(trial.out / name):
            wrong.append(f"{name}: {reason}")
        else:
            counts["new"] += 1
    missing = {str(name) for name in reference.files - there}
    counts["missing"] += len(missing)
    for name in sorted(missing & set(trial.writer.old)):
        wrong.append(f"{name} had older content and is gone")
    for folder in trial.writer.whole:
        parts = [name for name in reference.files if str(name).startswith(folder + "/")]
        lacking = [name for name in parts if name not in there]
        if lacking and len(lacking) < len(parts):
            wrong.append(f"{folder} lacks {len(lacking)} of its {len(parts)} files")
    return wrong, counts


def next_run(trial, reference):
    """What is wrong with the run after a kill."""
    for folder in trial.writer.whole + trial.writer.parts:  # One with files is not replaced, which is not what is tested.
        for name in reference.files:
            if str(name).startswith(folder + "/") and (trial.out / name).exists():
                shutil.rmtree(trial.out / folder)
                break
    run = trial.run(again=True)
    wrong = []
    if not trial.writer.succeeded(run):
        wrong.append(f"the next run: {programs.how_it_ended(run)}: {programs.last_words(run)}")
    wrong += [f"the next run left {name.relative_to(trial.out)}" for name in programs.temporary_names(trial.out)]
    return wrong + [f"after the next run: {reason}" for reason in state_of(trial, reference)[0]]


Kill = collections.namedtuple("Kill", "writer point hit wrong counts left")


def kill_once(program, writer, reference, point, work):
    with Trial(program, writer, work) as trial:
        if point.number:
            run = trial.run(program.file_faults(trial.out, at=point.number, do=point.do))
        else:
            run = trial.run(kill_after=point.seconds)
        hit = run.code == -9
        wrong, counts = state_of(trial, reference)
        if not hit and not writer.succeeded(run):
            wrong.append(f"not killed, but {programs.how_it_ended(run)}: {programs.last_words(run)}")
        left = len(programs.temporary_names(trial.out))
        return Kill(writer.name, point, hit, wrong + next_run(trial, reference), counts, left)


class Report:
    def __init__(self):
        self.rows = collections.defaultdict(collections.Counter)
        self.failures, self.lock = 0, threading.Lock()

    def fail(self, writer, what):
        with self.lock:
            self.failures += 1
            print(f"FAILED {writer}: {what}", flush=True)

    def add(self, kill):
        row = self.rows[kill.writer]
        with self.lock:
            row.update(kill.counts)
            row.update(kills=int(kill.hit), missed=int(not kill.hit), temporaries=kill.left)
        where = f"{kill.point.do} at {kill.point.call} {kill.point.number}" if kill.point.number else f"{kill.point.seconds:.2f} s"
        print(".", end="", flush=True)
        for reason in kill.wrong:
            self.fail(kill.writer, f"{where}: {reason}")

    def print(self):
        columns = ("kills", "missed", "old", "new", "missing", "temporaries")
        print("\n| writer | " + " | ".join(columns) + " |\n|---|" + "---|" * len(columns))
        for writer, row in self.rows.items():
            print(f"| {writer} | " + " | ".join(str(row[column]) for column in columns) + " |")
        total = sum((row for row in self.rows.values()), collections.Counter())
        print(f"{total['kills']} kills of {len(self.rows)} writers, {self.failures} failures")


def share_of(count, references):
    """Kills by writer: each at least 4, and more where a run takes less time."""
    weights = {name: 1 / max(1.0, reference.seconds) ** 0.5 for name, reference in references.items()}
    total = sum(weights.values())
    return {name: max(min(4, count), round(count * weight / total)) for name, weight in weights.items()}


def references_of(program, writers, work, pool, report):
    def measure(writer):
        try:
            return reference_of(program, writer, work)
        except RuntimeError as problem:
            return report.fail(writer.name, str(problem))
    measured = dict(zip((writer.name for writer in writers), pool.map(measure, writers)))
    return {name: reference for name, reference in measured.items() if reference}


def main():
    parser = argparse.ArgumentParser(description="Kills the program while it writes.")
    parser.add_argument("program", help="build folder, or the program")
    parser.add_argument("writer", nargs="*", help="beginnings of the names of writers (default: all)")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no kill after this time (default: all)")
    options = parser.parse_intermixed_args()
    chosen, report, end = table.chosen(options.writer), Report(), time.monotonic() + options.seconds
    with tempfile.TemporaryDirectory(prefix="lactscope-kill-") as work:
        program = programs.Program(options.program, work)
        program.shim("file_shim")
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            references = references_of(program, chosen, work, pool, report)
            print(f"kill test: {len(references)} writers, {sum(len(r.calls) for r in references.values())} calls", flush=True)
            source, shares, planned = random.Random(options.seed), share_of(options.kills, references), []
            for writer in chosen:
                if reference := references.get(writer.name):
                    planned += [(writer, reference, point) for point in points_of(reference, shares[writer.name], source)]
            source.shuffle(planned)

            def kill(plan):
                return kill_once(program, *plan, work) if time.monotonic() < end else None
            for outcome in pool.map(kill, planned):
                if outcome:
                    report.add(outcome)
    report.print()
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
