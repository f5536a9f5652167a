"""All writers of the program, and the commands that make them write; a writer is whatever puts a result under a name."""

import dataclasses
import json
import shutil

from program import ASSETS, ROOT

WEIGHTS = ASSETS / "weights/general.safetensors"
SCENE = ASSETS / "scenes/bouquet"
OLD = b"what was there before\n" * 7
SMALL = ["--scene", SCENE, "--weights", WEIGHTS, "--inputs", 2, "--size", 32, "--device", "cpu", "--threads", 1]

# A window that draws nothing has no pixels to save: its --screenshot ends the program after the script, with this.
NO_PIXELS = "the null display has no pixels"


@dataclasses.dataclass
class Writer:
    name: str
    arguments: object  # Of the output folder: the command line.
    old: tuple = ()    # Files with older content, which a run replaces.
    whole: tuple = ()  # Folders that appear with all of their files or not at all.
    parts: tuple = ()  # Folders into which files are moved one by one: a kill may leave some of them.
    prepare: object = None  # Of the output folder: what must be there before.
    again: object = None    # Of the output folder: the command line of the next run, where it is another one.
    window: bool = False    # Ends by NO_PIXELS where all went well.
    vulkan: bool = False

    def set_up(self, folder):
        folder.mkdir(parents=True)
        if self.prepare:
            self.prepare(folder)
        for name in self.old:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(OLD)

    def succeeded(self, run):
        return run.code == 0 or (self.window and run.code == 1 and NO_PIXELS in run.output)


def script(folder, steps):
    path = folder.parent / "script.json"
    path.write_text(json.dumps([{"wait": "idle"}, *steps]))
    return path


def action(name, **arguments):
    return {"action": name, "with": {key: str(value) for key, value in arguments.items()}}


def window(folder, *steps, display="null"):
    end = ["--screenshot", folder.parent / "none.png"]
    return ["--device", "cpu", "--window-size", "640x480", "--display", display, "--script", script(folder, steps), "--overwrite",
            *end, SCENE, WEIGHTS]


def documents(folder):
    return window(folder, action("file.save_session", path=folder / "session.json"),
                  action("path.preset", preset="orbit"), action("path.save", path=folder / "path.json"),
                  action("script.record"), action("rule.ascent"), {"wait": 0.3}, action("script.record"),
                  action("script.save", path=folder / "script.json"), {"wait": "idle"})


def exports(folder):
    return window(folder, action("panel.show", panel="Fast weights"), {"wait": "idle"},
                  action("file.save_view", path=folder / "view.png"),
                  action("panel.export", panel="Fast weights", path=folder / "weights.csv"),
                  action("panel.export", panel="Fast weights", path=folder / "weights.safetensors"), {"wait": "idle"})


def comparison(folder):
    return window(folder, {"set": "compare.a", "to": "current"}, {"set": "compare.b", "to": "views=4"},
                  {"set": "compare.on", "to": True}, {"set": "compare.table", "to": True},
                  action("panel.show", panel="Compare"), {"wait": "idle"},
                  action("compare.export", path=folder / "table.csv"),
                  action("compare.export_json", path=folder / "table.json"), {"wait": "idle"})


def settings(folder):
    return ["--device", "cpu", "--display", "null", "--script", script(folder, [{"action": "file.quit"}]), SCENE, WEIGHTS]


def images(folder):
    return ["--device", "cpu", "--window-size", "320x240", "--screenshot", folder / "window.png", SCENE, WEIGHTS]


def record(name):
    return lambda folder: ["record", "--scene", SCENE, "--weights", WEIGHTS, "--device", "cpu", "--size", "320x240", "--seconds", "0.4",
                           "--fps", 10, "-o", folder / name]


def render(name):
    return lambda folder: ["render", *SMALL, "--frames", 4, "-o", folder / name]


def poses_set_up(folder):
    """17 photos, and a colmap that "finds" a model which COLMAP made of them."""
    data = ROOT / "tests/data/colmap"
    shutil.copytree(data / "images", folder / "images")
    tool = folder.parent / "programs/colmap"
    tool.parent.mkdir()
    tool.write_text(f"""#!/bin/sh
case "$*" in
  *--help) echo "  --SiftExtraction.use_gpu arg (=1)"; echo "  --SiftMatching.use_gpu arg (=1)"
           echo "  --ExhaustiveMatching.block_size arg (=50)";;
  feature_extractor*) for i in 1 2 3 4; do echo "Processed file [$i/4]"; done;;
  *_matcher*) echo "Matching block [1/1, 1/1]";;
  mapper*) echo "Registering image #3 (9)"; cp -r {data}/sparse/0 $7;;
esac
""")
    tool.chmod(0o755)


TRAINING = {
    "name": "tiny", "model": {"layers": 1, "d": 32, "attention_head": 32, "ttt_head": 32, "hidden_multiple": 1, "patch": 8},
    "rule": "baseline", "family": "vehicles",
    "stages": [{"size": 16, "batch": 2, "inputs": 2, "targets": 1, "steps": 4, "learning_rate": 1e-3}],
    "warm_up_steps": 1, "optimizer": {"kind": "muon", "weight_decay": 0.1, "ema_decay": 0.9}, "precision": "fp32",
    "cache": {"views": 4, "reuse": 2, "scenes": 4}, "checkpoint_minutes": 0.001, "evaluation_steps": 2, "evaluation_scenes": 2}


def train_set_up(folder):
    (folder.parent / "tiny.json").write_text(json.dumps(TRAINING))


def train(folder):
    return ["train", "--config", folder.parent / "tiny.json", "--threads", 1, "--device", "cpu", "-o", folder / "run"]


def train_again(folder):
    resume = ["train", "--resume", "--threads", 1, "-o", folder / "run"]
    return resume if (folder / "run/checkpoint.safetensors").exists() else train(folder)


def sweep_set_up(folder):
    base = {k: v for k, v in TRAINING.items() if k not in ("name", "checkpoint_minutes", "evaluation_steps")}
    (folder.parent / "sweep.json").write_text(json.dumps(
        {"name": "tiny", "minutes": 0.01, "seeds": [1], "base": base, "runs": [{"name": "one"}]}))


WRITERS = [
    Writer("session, camera path, script", documents, old=("session.json", "path.json", "script.json"), window=True),
    Writer("view, numbers of a panel", exports, old=("view.png", "weights.csv", "weights.safetensors"), window=True),
    Writer("comparison of the window", comparison, old=("table.csv", "table.json"), window=True),
    Writer("settings", settings),
    Writer("image of the window", images, old=("window.png",), vulkan=True),
    Writer("recording, MP4", record("video.mp4"), old=("video.mp4",), vulkan=True),
    Writer("recording, GIF", record("video.gif"), old=("video.gif",), vulkan=True),
    Writer("recording, PNG", record("frames"), whole=("frames",), vulkan=True),
    Writer("video, MP4", render("video.mp4"), old=("video.mp4",)),
    Writer("video, GIF", render("video.gif"), old=("video.gif",)),
    Writer("PNG sequence", render("frames"), whole=("frames",)),
    Writer("PNG sequence, empty folder", render("frames"), parts=("frames",), prepare=lambda folder: (folder / "frames").mkdir()),
    Writer("weights, .safetensors", lambda f: ["convert", WEIGHTS, f / "w.safetensors", "--dtype", "fp16"], old=("w.safetensors",)),
    Writer("weights, .pt", lambda f: ["convert", WEIGHTS, f / "w.pt", "--dtype", "fp16"], old=("w.pt",)),
    Writer("generated scene", lambda f: ["generate", "--views", 3, "--size", 16, "--seed", 7, "-o", f / "scenes", "--preview", f / "p.png"],
           old=("p.png",), whole=("scenes/general_00000007",)),
    Writer("training run", train, prepare=train_set_up, again=train_again),
    Writer("sweep", lambda f: ["train", "--sweep", f.parent / "sweep.json", "--threads", 1, "--device", "cpu", "-o", f / "sweep"],
           prepare=sweep_set_up),
    Writer("experiment", lambda f: ["experiment", "mirror", *SMALL[:-4], "--device", "cpu", "--views", 1, "--layer", 0, "-o", f / "report"]),
    Writer("layer, images and tensors", lambda f: ["inspect", *SMALL, "--what", "weights", "-o", f / "layer"]),
    Writer("comparison", lambda f: ["compare", *SMALL, "--targets", 5, "--b", "rule=ascent", "-o", f / "compared"]),
    Writer("sequence figures", lambda f: ["sequence", "--demo", "-o", f / "sequence"]),
    Writer("sheet of held-out worlds", lambda f: ["heldout", "--weights", WEIGHTS, "--scenes", 1, "--size", 32, "--inputs", 2, "--targets", 1,
                                                  "--sheet", f / "sheet.png"], old=("sheet.png",)),
    Writer("demo", lambda f: ["demo", SCENE, "-o", f / "demo"]),
    Writer("poses of photos", lambda f: ["poses", f], prepare=poses_set_up, whole=("sparse",)),
]


def chosen(names):
    """The writers whose names begin with one of the given ones; all without names."""
    return [writer for writer in WRITERS if not names or any(writer.name.startswith(name) for name in names)]
