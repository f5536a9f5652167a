"""Compares two folders of numbered PNGs (8-bit RGB): PSNR of each pair, and a failure where one is below a limit.

    compare_images.py A B DECIBELS
"""

import math
import pathlib
import struct
import sys
import zlib


def pixels(path):
    """The bytes of an 8-bit RGB image without interlacing."""
    data = path.read_bytes()
    at, packed, width, height = 8, b"", 0, 0
    while at < len(data):
        (size,), kind = struct.unpack(">I", data[at:at + 4]), data[at + 4:at + 8]
        body = data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            if (depth, colour, interlaced) != (8, 2, 0):
                sys.exit(f"{path}: is not an 8-bit RGB image")
        elif kind == b"IDAT":
            packed += body
        at += 12 + size
    raw, row, result = zlib.decompress(packed), 3 * width, bytearray()
    above = bytearray(row)
    for y in range(height):
        kind, line = raw[y * (row + 1)], bytearray(raw[y * (row + 1) + 1:(y + 1) * (row + 1)])
        for i in range(row):
            left, up, corner = (line[i - 3] if i >= 3 else 0), above[i], (above[i - 3] if i >= 3 else 0)
            if kind == 1:
                line[i] = (line[i] + left) & 255
            elif kind == 2:
                line[i] = (line[i] + up) & 255
            elif kind == 3:
                line[i] = (line[i] + (left + up) // 2) & 255
            elif kind == 4:
                estimate = left + up - corner
                near = min((left, up, corner), key=lambda x: abs(estimate - x))
                line[i] = (line[i] + near) & 255
        result += line
        above = line
    return bytes(result)


def main():
    a, b, limit = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), float(sys.argv[3])
    names = sorted(path.name for path in a.glob("*.png"))
    if not names or names != sorted(path.name for path in b.glob("*.png")):
        sys.exit(f"{a} and {b} do not hold the same images")
    worst = math.inf
    for name in names:
        one, other = pixels(a / name), pixels(b / name)
        error = sum((x - y) ** 2 for x, y in zip(one, other)) / len(one)
        psnr = math.inf if error == 0 else 10 * math.log10(255 ** 2 / error)
        worst = min(worst, psnr)
        print(f"{name}: {psnr:.1f} dB")
    print(f"lowest {worst:.1f} dB of {len(names)} images, at least {limit:g} dB were expected")
    sys.exit(worst < limit)


main()
