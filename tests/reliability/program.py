"""The program under test: where it is, its environment, and the shims that are loaded into it."""

import collections
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ASSETS = pathlib.Path(os.environ.get("LACT_ASSETS", ROOT / "assets"))
LIMIT_SECONDS = 300  # Of one run: the machine may be busy.

# What the program calls its temporary files and folders (engine/core/output_path.h).
TEMPORARY = re.compile(r"^\..+\.[0-9a-f]{16}\.part$")

Run = collections.namedtuple("Run", "code output seconds")


class Program:
    def __init__(self, path, work):
        self.path = pathlib.Path(path).resolve()
        if self.path.is_dir():
            self.path = self.path / "lactscope"
        if not self.path.exists():
            sys.exit(f"reliability: there is no program {self.path}: make build")
        self.work = pathlib.Path(work)
        self.shims = {}

    def shim(self, name):
        """A shared library of a shim, compiled when it is first needed."""
        if name not in self.shims:
            library = self.work / f"{name}.so"
            subprocess.run([os.environ.get("CC", "cc"), "-std=gnu17", "-O1", "-Wall", "-Wextra", "-shared", "-fPIC", "-o",
                            library, HERE / f"{name}.c", "-ldl"], check=True)
            self.shims[name] = library
        return self.shims[name]

    def environment(self, home):
        """Of a user without settings, on the CPU; `home` gets what such a user has."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LACT_FAULT", "XDG_"))}
        return kept | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "XDG_CACHE_HOME": str(home / "cache"),
                       "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"), "LACT_ASSETS": str(ASSETS), "LC_ALL": "C.UTF-8"}

    def run(self, arguments, home, faults=None, limit=LIMIT_SECONDS, kill_after=None):
        """Runs it to its end. `faults`: variables of a shim. `kill_after`: seconds until SIGKILL. Code None: it hung."""
        environment = self.environment(home) | (faults or {})
        began = time.monotonic()
        # A group of its own, to be killed with what it starts; no session of its own, which would leave the scheduler's
        # group and with it the priority of who runs the test.
        process = subprocess.Popen([self.path, *map(str, arguments)], env=environment, cwd=home, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=os.setpgrp)
        try:
            output, _ = process.communicate(timeout=kill_after if kill_after is not None else limit)
            code = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            code = process.returncode if kill_after is not None else None
        return Run(code, output.decode(errors="replace"), time.monotonic() - began)

    def file_faults(self, folder, log=None, **what):
        """Variables of the shim of files: what="kill" and so on, for files below `folder`."""
        values = {"LD_PRELOAD": str(self.shim("file_shim")), "LACT_FAULT_FOLDER": str(folder), "LACT_FAULT_CALL": "any"}
        if log is not None:
            values["LACT_FAULT_LOG"] = str(log)
        return values | {"LACT_FAULT_" + key.upper(): str(value) for key, value in what.items()}


def how_it_ended(run):
    if run.code is None:
        return "hung"
    return f"ended by {signal.Signals(-run.code).name}" if run.code < 0 else f"exit code {run.code}"


def last_words(run, lines=3):
    return " / ".join([line for line in run.output.strip().splitlines() if line.strip()][-lines:])[:400]


def temporary_names(folder):
    """Temporary files and folders below a folder, without those inside of others."""
    found = []
    for here, folders, files in os.walk(folder):
        found += [pathlib.Path(here) / name for name in folders + files if TEMPORARY.match(name)]
        folders[:] = [name for name in folders if not TEMPORARY.match(name)]
    return found


def finished_files(folder):
    """Files below a folder that are not within temporary ones, as paths from it."""
    found = set()
    for here, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not TEMPORARY.match(name)]
        found |= {(pathlib.Path(here) / name).relative_to(folder) for name in files if not TEMPORARY.match(name)}
    return found
