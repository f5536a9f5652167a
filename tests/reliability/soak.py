"""Works with one window for long, and fails where it grows.

    soak.py BUILD_FOLDER [--resizes N] [--rules N] [--scenes N] [--recordings N] [--no-validation]

One window on a virtual display (Xvfb) resizes, switches update rules, opens scenes and records videos. After each group of steps it
has a mark, a file that it writes; then its memory (private pages that it wrote, RSS) and its file descriptors are read. The first
quarter of each kind is its warm-up: caches fill, the allocator takes what it needs. Of the rest, the median of the last third must
not be above that of the first third by more than 2 %, and descriptors by none. Messages of Vulkan's validation layer are errors.
"""

import argparse
import ctypes
import ctypes.util
import json
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import program as programs
import writers as table

LIMIT = 0.02
WARM_UP = 0.25
LONGEST_STEP_SECONDS = 600
RULES = ["baseline", "ascent", "mse", "query-is-key", "variant1", "variant2", "variant3"]
SCENES = ["bouquet", "parcel", "spinning_top"]
# At most so many marks of a kind; between two of them are several steps.
MOST_MARKS = 50


class Virtual:
    """An X server without a screen."""

    def __init__(self):
        read, write = os.pipe()
        self.process = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1200x24", "-nolisten", "tcp"],
                                        pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as number:
            self.name = ":" + number.readline().strip()
        if self.name == ":":
            sys.exit("soak: Xvfb does not start")

    def close(self):
        self.process.terminate()
        self.process.wait()


class Resizer:
    """Resizes the only window of a display, as a window manager does."""

    def __init__(self, display):
        self.x11 = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
        self.x11.XOpenDisplay.restype = ctypes.c_void_p
        self.display = ctypes.c_void_p(self.x11.XOpenDisplay(display.encode()))
        self.window = 0

    def find(self):
        self.x11.XDefaultRootWindow.restype = ctypes.c_ulong
        root = ctypes.c_ulong(self.x11.XDefaultRootWindow(self.display))
        found, parent, children, count = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.POINTER(ctypes.c_ulong)(), ctypes.c_uint()
        self.x11.XQueryTree(self.display, root, ctypes.byref(found), ctypes.byref(parent), ctypes.byref(children), ctypes.byref(count))
        sizes = {}
        for i in range(count.value):
            x, y, width, height, border, depth = (ctypes.c_int(), ctypes.c_int(), ctypes.c_uint(), ctypes.c_uint(), ctypes.c_uint(),
                                                  ctypes.c_uint())
            self.x11.XGetGeometry(self.display, ctypes.c_ulong(children[i]), ctypes.byref(found), ctypes.byref(x), ctypes.byref(y),
                                  ctypes.byref(width), ctypes.byref(height), ctypes.byref(border), ctypes.byref(depth))
            sizes[children[i]] = width.value * height.value
        self.window = max(sizes, key=sizes.get, default=0)

    def resize(self, width, height):
        if not self.window:
            self.find()
        if not self.window:
            return False  # Not open yet.
        self.x11.XResizeWindow(self.display, ctypes.c_ulong(self.window), ctypes.c_uint(width), ctypes.c_uint(height))
        self.x11.XFlush(self.display)
        return True


def marks_of(kind, steps):
    """Groups steps, and puts a mark behind each group."""
    size = max(1, len(steps) // MOST_MARKS)
    groups = [steps[i:i + size] for i in range(0, len(steps), size)]
    return [(f"{kind}-{number:04}", group) for number, group in enumerate(groups)]


def script_of(options, folder):
    """All steps of the window, and the names of the marks in their order."""
    idle = {"wait": "idle"}
    rules = [[table.action("rule.set", rule=RULES[i % len(RULES)]), idle] for i in range(options.rules)]
    scenes = [[table.action("file.open", path=table.ASSETS / "scenes" / SCENES[i % len(SCENES)]), idle] for i in range(options.scenes)]
    # Another program records; a wait for idle does not wait for it, and there is one recording at a time.
    recordings = [[table.action("record.start", path=folder / f"video-{i:04}.gif"), {"wait": options.recording_pause}]
                  for i in range(options.recordings)]
    recorded = [{"set": "record.seconds", "to": 0.2}, {"set": "record.fps", "to": 5}, {"set": "record.width", "to": 320},
                {"set": "record.height", "to": 240}]
    groups = marks_of("rules", rules) + marks_of("scenes", scenes) + marks_of("recordings", recordings)
    # Resizes come from outside; the script waits for the time they take.
    resizes = marks_of("resizes", [[{"wait": options.pause}]] * options.resizes)
    steps = [idle, *recorded]
    for name, group in resizes + groups:
        steps += [step for one in group for step in one] + [table.action("file.save_session", path=folder / f"{name}.mark.json")]
    return [*steps, {"action": "file.quit"}], [name for name, _ in resizes + groups]


def measure(pid):
    """Memory in KB, private and resident, and the number of file descriptors."""
    status = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    values = {key: int(value) for key, value in re.findall(r"^(\w+):\s+(\d+) kB", status, re.MULTILINE)}
    # Not Private_Clean: pages of libraries, which are private only while no other program maps them.
    private = values["Private_Dirty"]
    return private, values["Rss"], len(os.listdir(f"/proc/{pid}/fd"))


def watch(process, marks, folder, resizer):
    """Waits for each mark, resizing meanwhile where that is the kind; returns what was measured by kind."""
    source, measured = random.Random(1), {}
    resizes = 0
    for mark in marks:
        kind, path, began = mark.split("-")[0], folder / f"{mark}.mark.json", time.monotonic()
        while not path.exists():
            if process.poll() is not None:
                return measured, resizes, f"the window ended before {mark}"
            if time.monotonic() > began + LONGEST_STEP_SECONDS:
                return measured, resizes, f"no {mark} within {LONGEST_STEP_SECONDS} s"
            if kind == "resizes":
                resizes += resizer.resize(source.randint(400, 1500), source.randint(300, 1100))
            time.sleep(0.1)
        measured.setdefault(kind, []).append(measure(process.pid))
    return measured, resizes, ""


def growth_of(values):
    """Relative growth after the warm-up: the median of the last third against that of the first."""
    values = values[int(len(values) * WARM_UP):]
    third = max(1, len(values) // 3)
    return statistics.median(values[-third:]) / statistics.median(values[:third]) - 1


def report(measured):
    """Prints a table; returns what has grown too much."""
    wrong = []
    print("| steps | samples | private MB | growth | RSS MB | growth | descriptors | growth |\n|---|---|---|---|---|---|---|---|")
    for kind, samples in measured.items():
        private, resident, descriptors = zip(*samples)
        growths = [growth_of(values) for values in (private, resident)]
        # A file may be open at the moment of a mark: the fewest of each third.
        rest = descriptors[int(len(descriptors) * WARM_UP):]
        third = max(1, len(rest) // 3)
        opened = min(rest[-third:]) - min(rest[:third])
        print(f"| {kind} | {len(samples)} | {private[-1] / 1024:.0f} | {growths[0]:+.1%} | {resident[-1] / 1024:.0f} | {growths[1]:+.1%} | "
              f"{descriptors[-1]} | {opened:+} |")
        if max(growths) > LIMIT:
            wrong.append(f"{kind}: memory grows by {max(growths):.1%}")
        if opened > 0:
            wrong.append(f"{kind}: {opened} more file descriptors")
    return wrong


def validation_messages(output):
    """Messages of the validation layer, which prints them where the program asks for none."""
    return re.findall(r"^.*(?:Validation (?:Error|Warning|Performance Warning)|VUID-).*$", output, re.MULTILINE)


def run(options, work):
    folder, home = work / "out", work / "home"
    folder.mkdir()
    home.mkdir()
    steps, marks = script_of(options, folder)
    (work / "script.json").write_text(json.dumps(steps))
    display, program = Virtual(), programs.Program(options.program, work)
    environment = program.environment(home) | {"DISPLAY": display.name, "WAYLAND_DISPLAY": ""}
    if not options.no_validation:
        environment["VK_INSTANCE_LAYERS"] = "VK_LAYER_KHRONOS_validation"
    log = work / "log"
    try:
        with open(log, "wb") as output:
            process = subprocess.Popen([program.path, "--device", "cpu", "--window-size", "800x600", "--script", work / "script.json",
                                        table.SCENE, table.WEIGHTS], env=environment, cwd=home, stdin=subprocess.DEVNULL, stdout=output,
                                       stderr=subprocess.STDOUT)
            try:
                measured, resizes, problem = watch(process, marks, folder, Resizer(display.name))
                code = process.wait(60) if not problem else process.poll()
            finally:
                process.kill()
                process.wait()
    finally:
        display.close()
    text = log.read_text(errors="replace")
    wrong = report(measured) if measured else []
    messages = validation_messages(text)
    print(f"{resizes} resizes, {options.rules} rules, {options.scenes} scenes, {options.recordings} recordings; "
          + ("no validation" if options.no_validation else f"{len(messages)} validation messages"))
    wrong += [problem] if problem else [f"the window ended with exit code {code}"] if code != 0 else []
    wrong += [f"{len(messages)} validation messages, the first: {messages[0][:300]}"] if messages else []
    wrong += [f"recordings missing: {options.recordings - len(list(folder.glob('video-*.gif')))}"] \
        if not problem and len(list(folder.glob("video-*.gif"))) != options.recordings else []
    if wrong:
        print("the window said: " + text[-1500:])
    return wrong


def main():
    parser = argparse.ArgumentParser(description="Works with one window for long, and fails where it grows.")
    parser.add_argument("program", help="build folder, or the program")
    parser.add_argument("--resizes", type=int, default=1000)
    parser.add_argument("--rules", type=int, default=500)
    parser.add_argument("--scenes", type=int, default=200)
    parser.add_argument("--recordings", type=int, default=50)
    parser.add_argument("--pause", type=float, default=0.1, help="seconds of the script for each resize")
    parser.add_argument("--recording-pause", type=float, default=20, help="seconds of the script for each recording")
    parser.add_argument("--short", action="store_true", help="a twentieth of all")
    parser.add_argument("--no-validation", action="store_true", help="without Vulkan's validation layer")
    options = parser.parse_args()
    if options.short:
        for name in ("resizes", "rules", "scenes", "recordings"):
            setattr(options, name, max(3, getattr(options, name) // 20))
    if shutil.which("Xvfb") is None:
        sys.exit("soak: Xvfb is not installed: apt install xvfb")
    with tempfile.TemporaryDirectory(prefix="lactscope-soak-") as work:
        wrong = run(options, pathlib.Path(work))
    for reason in wrong:
        print(f"FAILED {reason}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
