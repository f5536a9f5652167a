"""Whether a file is whole, by its format alone: nothing of it is missing, nothing follows its end."""

import json
import struct
import xml.etree.ElementTree
import zipfile
import zlib


def png(data):
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        return "no PNG signature"
    at, kind = 8, b""
    while at < len(data) and kind != b"IEND":
        if len(data) < at + 12:
            return "a chunk is cut off"
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 4:at + 8 + size]
        checksum = data[at + 8 + size:at + 12 + size]
        if len(checksum) < 4 or struct.unpack(">I", checksum)[0] != zlib.crc32(body):
            return f"the chunk {kind.decode(errors='replace')} is cut off or damaged"
        at += 12 + size
    return "" if kind == b"IEND" and at == len(data) else "does not end with IEND"


def gif(data):
    if data[:6] != b"GIF89a":
        return "no GIF signature"
    flags, at = data[10], 13
    at += 3 << ((flags & 7) + 1) if flags & 0x80 else 0
    while at < len(data):
        kind = data[at]
        if kind == 0x3B:
            return "" if at + 1 == len(data) else "bytes after the trailer"
        if kind == 0x21:
            at += 2
        elif kind == 0x2C and at + 9 < len(data):
            local = data[at + 9]
            at += 11 + (3 << ((local & 7) + 1) if local & 0x80 else 0)
        else:
            return f"an unknown or cut block at {at}"
        while at < len(data) and data[at] != 0:
            at += 1 + data[at]
        at += 1
    return "no trailer"


def mp4(data):
    at, kinds = 0, []
    while at + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        if size == 1:
            size = struct.unpack(">Q", data[at + 8:at + 16])[0]
        if size < 8:
            return f"a box of {size} bytes"
        kinds.append(kind)
        at += size
    if at != len(data):
        return "the last box is cut off"
    missing = {b"ftyp", b"moov", b"mdat"} - set(kinds)
    return f"has no {b', '.join(missing).decode()}" if missing else ""


def safetensors(data):
    size = struct.unpack("<Q", data[:8])[0] if len(data) >= 8 else len(data)
    if 8 + size > len(data):
        return "the header is cut off"
    tensors = json.loads(data[8:8 + size])
    end = max((t["data_offsets"][1] for name, t in tensors.items() if name != "__metadata__"), default=0)
    return "" if 8 + size + end == len(data) else "the tensors are cut off"


def csv(data):
    text = data.decode()
    rows = [row for row in text.split("\n") if row and not row.startswith("#")]
    if not text.endswith("\n"):
        return "the last row is cut off"
    return "" if len({row.count(",") for row in rows if '"' not in row}) <= 1 else "rows differ in length"


def text(data):
    return "" if data.endswith(b"\n") else "the last line is cut off"


def json_text(data):
    json.loads(data)
    return ""


def svg(data):
    xml.etree.ElementTree.fromstring(data)
    return ""


CHECKS = {".png": png, ".gif": gif, ".mp4": mp4, ".safetensors": safetensors, ".csv": csv, ".md": text,
          ".json": json_text, ".svg": svg, ".txt": text, ".bin": lambda data: ""}


def objection(path):
    """What is wrong with a file; empty where it is whole."""
    data = path.read_bytes()
    if path.suffix == ".pt":
        try:
            with zipfile.ZipFile(path) as archive:
                return f"{archive.testzip()} is damaged" if archive.testzip() else ""
        except zipfile.BadZipFile as error:
            return str(error)
    check = CHECKS.get(path.suffix)
    if check is None:
        return "of a format that the test does not know"
    try:
        return check(data)
    except (ValueError, KeyError, IndexError, struct.error, xml.etree.ElementTree.ParseError) as error:
        return str(error)
