#!/usr/bin/env python3
"""Writes tests/data/colmap: a small scene with one photo in every perspective camera model of COLMAP.

    python3 -m venv venv && venv/bin/pip install pycolmap numpy
    venv/bin/python tests/tools/make_colmap_models.py tests/data/colmap

The photos show a smooth pattern of colours infinitely far away, drawn through COLMAP's own camera models, so
that an undistorted photo can be compared with the pattern seen through a pinhole. `truth.json` holds the
cameras and, for each, points of the pinhole's image plane with the pixels where COLMAP sees them. The models
are written by COLMAP: binary to sparse/0, text to text.
"""
import json
import pathlib
import struct
import sys
import zlib

import numpy as np
import pycolmap

W, H = 44, 36
F = 30.0

# Parameters behind the focal lengths and the principal point.
LENSES = {
    "SIMPLE_PINHOLE": [],
    "PINHOLE": [],
    "SIMPLE_RADIAL": [-0.06],
    "RADIAL": [-0.1, 0.02],
    "OPENCV": [-0.08, 0.01, 0.003, -0.004],
    "OPENCV_FISHEYE": [0.03, -0.01, 0.004, -0.001],
    "FULL_OPENCV": [-0.2, 0.05, 0.002, -0.003, 0.01, 0.05, -0.02, 0.004],
    "FOV": [0.7],
    "SIMPLE_RADIAL_FISHEYE": [-0.05],
    "RADIAL_FISHEYE": [0.04, -0.02],
    "THIN_PRISM_FISHEYE": [0.03, -0.01, 0.002, -0.003, 0.004, -0.001, 0.005, -0.004],
    "RAD_TAN_THIN_PRISM_FISHEYE":
        [0.03, -0.01, 0.004, -0.002, 0.001, -0.0005, 0.002, -0.003, 0.004, -0.002, 0.003, 0.001],
    "SIMPLE_DIVISION": [-0.08],
    "DIVISION": [-0.05],
    "SIMPLE_FISHEYE": [],
    "FISHEYE": [],
    "EUCM": [0.55, 1.1],
}


def pattern(direction):
    """Colours in [0, 1] of unit directions in the world; tests/engine/scene/colmap_test.cpp repeats it."""
    x, y, z = direction[..., 0], direction[..., 1], direction[..., 2]
    return np.stack([0.5 + 0.4 * np.sin(5 * x + 1), 0.5 + 0.4 * np.sin(6 * y - 2 * x), 0.5 + 0.4 * np.cos(4 * z + 3 * y)],
                    axis=-1)


def write_png(path, rgb):
    rows = b"".join(b"\0" + row.tobytes() for row in rgb)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", rgb.shape[1], rgb.shape[0], 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) +
                     chunk(b"IEND", b""))


def look_from(position):
    """World to camera: at `position`, looking at the origin, x right, y down, z forward."""
    forward = -position / np.linalg.norm(position)
    right = np.cross(forward, [0, 0, 1.0])
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(forward, right), forward])
    return rotation, -rotation @ position


def draw(camera, rotation):
    xs, ys = np.meshgrid(np.arange(W) + 0.5, np.arange(H) + 0.5)
    rays = camera.cam_ray_from_img(np.stack([xs.ravel(), ys.ravel()], axis=-1))
    colours = np.nan_to_num(pattern(rays @ rotation)).reshape(H, W, 3)
    return np.clip(np.round(255 * colours), 0, 255).astype(np.uint8)


def main():
    folder = pathlib.Path(sys.argv[1])
    for name in ("images", "sparse/0", "text"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    reconstruction = pycolmap.Reconstruction()
    truth = []
    for index, (model, extra) in enumerate(LENSES.items()):
        camera = pycolmap.Camera.create_from_model_name(index + 1, model, F, W, H)
        params = camera.params.copy()
        if len(camera.focal_length_idxs()) == 2:
            params[1] = 1.05 * F
        params[camera.principal_point_idxs()] = [W / 2 + 0.7, H / 2 - 0.4]
        params[len(params) - len(extra):] = extra
        camera.params = params
        azimuth = 2 * np.pi * index / len(LENSES)
        position = np.array([3 * np.cos(azimuth), 3 * np.sin(azimuth), 1.2])
        rotation, translation = look_from(position)
        name = f"{index:02d}_{model.lower()}.png"
        write_png(folder / "images" / name, draw(camera, rotation))
        reconstruction.add_camera_with_trivial_rig(camera)
        image = pycolmap.Image(name=name, camera_id=index + 1, image_id=index + 1)
        image.points2D = pycolmap.Point2DList([pycolmap.Point2D(np.array([1.5 * k, 2.5])) for k in range(index % 3)])
        reconstruction.add_image_with_trivial_frame(
            image, pycolmap.Rigid3d(pycolmap.Rotation3d(rotation), translation))
        plane = [[x, y] for x in (-0.55, -0.2, 0.0, 0.3, 0.6) for y in (-0.45, 0.0, 0.15, 0.5)]
        pixels = [list(map(float, camera.img_from_cam(np.array([x, y, 1.0])))) for x, y in plane]
        truth.append({"name": name, "model": model, "params": list(map(float, params)), "width": W, "height": H,
                      "w2c": [[*map(float, rotation[r]), float(translation[r])] for r in range(3)],
                      "plane": plane, "pixels": pixels})
    reconstruction.write_binary(folder / "sparse/0")
    reconstruction.write_text(folder / "text")
    lines = ",\n".join(json.dumps(view) for view in truth)
    (folder / "truth.json").write_text(f'{{"pycolmap": "{pycolmap.__version__}", "views": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
