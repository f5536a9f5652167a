#!/usr/bin/env python3
"""Times the released code of LaCT-NVS and this program in turns, with the same weights.

    python3 tests/tools/compare_released.py --released LaCT/lact_nvs --program build/release/lactscope \\
        [--weights assets/weights/vehicles.safetensors] [--size 64] [--inputs 8] [--threads 1] [--pairs 7] [--eager]

--released: the folder lact_nvs of a copy of the public repository a1600012888/LaCT. The Python needs torch 2.11, numpy,
einops and Pillow, and the model there `reconstruct` and `rendering` (its main branch has them). Each pair times the
set-up of the photos and one view with both; ratios are medians over the pairs. The released code takes a generated scene,
ours random photos of the same number and size, which cost the same. fp32, the rule of the release. First both render
views of the generated scene, whose PSNR must not differ by more than 0.05 dB.
torch.compile is on, as released; --eager turns it off.
"""

import argparse
import json
import os
import pathlib
import statistics
import struct
import subprocess
import sys
import tempfile
import time

SEED = 90700000  # A held-out world of the family of the bundled weights.
VIEWS = 16


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--released", required=True, type=pathlib.Path)
    parser.add_argument("--program", default="build/release/lactscope")
    parser.add_argument("--weights", default="assets/weights/vehicles.safetensors", type=pathlib.Path)
    parser.add_argument("--size", default=64, type=int)
    parser.add_argument("--inputs", default=8, type=int)
    parser.add_argument("--threads", default=1, type=int)
    parser.add_argument("--pairs", default=7, type=int)
    parser.add_argument("--repeats", default=3, type=int, help="runs of each within a pair")
    parser.add_argument("--eager", action="store_true")
    return parser.parse_args()


def read_weights(path, torch):
    """State dict in fp32, and the configuration in the metadata."""
    data = path.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + size])
    config = json.loads(header.pop("__metadata__")["lact"])["config"]
    types = {"F32": torch.float32, "BF16": torch.bfloat16, "F16": torch.float16}
    state = {}
    for name, entry in header.items():
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        flat = torch.frombuffer(bytearray(data[begin:end]), dtype=types[entry["dtype"]])
        state[name] = flat.reshape(entry["shape"]).float()
    return state, config


def released_model(folder, state, config):
    sys.path.insert(0, str(folder.resolve()))
    from model import LaCTLVSM  # The released code.

    blocks = [
        {"type": "model.SelfAttention", "length_dim": "l",
         "params": {"head_dim": config["attention_head"], "use_qk_norm": True}},
        {"type": "lact_ttt.FastWeightGluMLPMultihead", "length_dim": "vl",
         "params": {"head_dim": config["ttt_head"], "inter_multi": config["hidden_multiple"], "base_lr": 0.01,
                    "muon_update_steps": 5}},
        {"type": "model.MLP", "length_dim": "vl", "params": {"inter_multi": 4}},
    ]
    model = LaCTLVSM(config["patch"], config["d"], config["layers"], blocks)
    model.load_state_dict(state)
    return model.eval()


def read_views(folder, torch):
    """Images over white [1, v, 3, h, w], intrinsics [1, v, 4], camera-to-world [1, v, 4, 4]."""
    import numpy as np
    from PIL import Image

    images, intrinsics, poses = [], [], []
    for view in json.loads((folder / "opencv_cameras.json").read_text()):
        rgba = np.asarray(Image.open(folder / view["file_path"]).convert("RGBA"), dtype=np.float32) / 255
        images.append(rgba[..., :3] * rgba[..., 3:] + 1 - rgba[..., 3:])
        intrinsics.append([view[name] for name in ("fx", "fy", "cx", "cy")])
        poses.append(np.linalg.inv(np.asarray(view["w2c"])))
    tensor = lambda list_: torch.from_numpy(np.stack(list_)).float()[None]
    return tensor(images).permute(0, 1, 4, 2, 3).contiguous(), tensor(intrinsics), tensor(poses)


def run(command):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stderr}")
    return result.stdout


def median_ms(work, repeats):
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - begin))
    return statistics.median(times)


def main():
    options = arguments()
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    if options.eager:
        os.environ["TORCHDYNAMO_DISABLE"] = "1"
    import torch

    torch.set_num_threads(options.threads)
    torch.set_grad_enabled(False)
    state, config = read_weights(options.weights, torch)
    model = released_model(options.released, state, config)
    common = ["--device", "cpu", "--threads", options.threads, "--weights", options.weights]

    with tempfile.TemporaryDirectory() as folder:
        run([options.program, "generate", "--family", "vehicles", "--seed", SEED, "--views", VIEWS, "--size", options.size,
             "-o", folder])
        (scene,) = pathlib.Path(folder).iterdir()
        images, intrinsics, poses = read_views(scene, torch)
        inputs, targets = list(range(options.inputs)), list(range(options.inputs, VIEWS))
        written = {"image": images[:, inputs], "fxfycxcy": intrinsics[:, inputs], "c2w": poses[:, inputs]}

        def set_up():
            return model.reconstruct(dict(written))

        states = set_up()

        def view(index):
            camera = {"fxfycxcy": intrinsics[:, [index]], "c2w": poses[:, [index]]}
            return model.rendering(camera, states, options.size, options.size)

        released_psnr = [float(-10 * torch.log10((view(i)[0, 0] - images[0, i]).square().mean())) for i in targets]
        ours = json.loads(run([options.program, "eval", "--json", "--scene", scene, "--normalize", "none", "--size", options.size,
                               "--input-indices", *inputs, *common]))
        our_psnr = {one["index"]: one["psnr"] for one in ours["views"]}
        apart = max(abs(our_psnr[i] - psnr) for i, psnr in zip(targets, released_psnr))
        print(f"PSNR of {len(targets)} views: released {statistics.mean(released_psnr):.3f} dB, "
              f"ours {statistics.mean(our_psnr[i] for i in targets):.3f} dB, at most {apart:.4f} dB apart")
        if apart > 0.05:
            sys.exit("the two do not render the same images")

    bench = ["--json", "--size", options.size, "--inputs", options.inputs, "--repeats", options.repeats, *common]
    print(f"{'pair':>4} {'set-up, ms: released':>21} {'ours':>7} {'ratio':>6} {'view, ms: released':>19} {'ours':>7} {'ratio':>6}")
    ratios = {"setup": [], "render": []}
    for pair in range(options.pairs):
        line = f"{pair + 1:>4}"
        for what, work, width in (("setup", set_up, 21), ("render", lambda: view(targets[0]), 19)):
            # In turns, so that a machine that changes its speed changes both.
            first = median_ms(work, options.repeats)
            own = json.loads(run([options.program, "bench", what, *bench]))["median_ms"]
            released = (first + median_ms(work, options.repeats)) / 2
            ratios[what].append(released / own)
            line += f" {released:>{width}.1f} {own:>7.1f} {released / own:>6.2f}"
        print(line, flush=True)
    print(f"median ratio: set-up {statistics.median(ratios['setup']):.2f}, view {statistics.median(ratios['render']):.2f} "
          f"({options.pairs} pairs, {options.threads} thread(s), fp32, {config['layers']} layers of width {config['d']})")


main()
