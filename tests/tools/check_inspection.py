#!/usr/bin/env python3
"""Recomputes numbers that the program shows from the tensors that it exports, with numpy alone.

    lactscope inspect --what attention --layer 2 --head 0 --view 5 -o out/i …        writes attention.safetensors
    lactscope experiment memory --layer 2 --head 0 --steps 1 -o out/m …              writes report.json
    lactscope experiment distributions --layer 2 --head 0 --target 5 -o out/d …      writes report.json
    python3 tests/tools/check_inspection.py out/i/attention.safetensors out/m/report.json out/d/report.json

All three from the same scene, inputs, weights and rule. It compares top-1 recall and the cosine of f(k) and v,
the cosines to the nearest key and value, and the shares of o - mean(o). The exit code is 1 where one differs by
more than 1e-3. The tensors and the formulae are described in docs/inspect.md.
"""
import json
import struct
import sys

import numpy as np

TOLERANCE = 1e-3


def read_safetensors(path):
    with open(path, "rb") as file:
        data = file.read()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        assert entry["dtype"] == "F32", f"{name}: {entry['dtype']}"
        begin, end = entry["data_offsets"]
        raw = np.frombuffer(data[8 + size + begin : 8 + size + end], dtype="<f4")
        tensors[name] = raw.reshape(entry["shape"]).astype(np.float64)
    return tensors, metadata


def phi(x, w0, w2, identity):
    if identity:
        return x
    gate = x @ w0
    return gate / (1 + np.exp(-gate)) * (x @ w2)


def unit(x):
    length = np.linalg.norm(x, axis=1, keepdims=True)
    return np.divide(x, length, out=np.zeros_like(x), where=length > 0)


def spread(count, most):
    """The tokens that the program tests: at most so many, evenly spread."""
    kept = min(count, most)
    return np.arange(kept) * count // kept


def recall(answers, values, probes):
    hits = 0.0
    for i in probes:
        cosines = values @ answers[i]
        nearest = cosines >= cosines.max() - 1e-12
        hits += nearest[i] / nearest.sum()
    return 100 * hits / len(probes)


def nearest(origin, to, block=None):
    """Mean cosine to the nearest; with `block`, of a set to its own vectors of another block."""
    probes = spread(len(origin), 1024)
    cosines = unit(origin)[probes] @ unit(to).T
    if block is not None:
        blocks = np.arange(len(to)) // block
        cosines[blocks[probes][:, None] == blocks[None, :]] = -np.inf
    return cosines.max(axis=1).mean()


def centred_shares(t, identity):
    """Shares of one inner step: of the tokens, and of the initial state."""
    features = phi(t["q_all"], t["twin.w0"], t["twin.w2"], identity)
    values = t["step0.v_hat"]
    keys = t["step0.phi_k"]
    if "step0.p_right" in t:
        values = values @ t["step0.p_right"]
    d = t["twin.d"]
    values = values * d
    initial = features @ t["initial.w1"] * d
    weights = features @ keys.T
    output = initial + weights @ values
    output -= output.mean(axis=0)
    initial -= initial.mean(axis=0)
    weights -= weights.mean(axis=0)
    all_of_it = (output**2).sum()
    tokens = np.einsum("qi,id,qd->i", weights, values, output) / all_of_it
    return tokens, (initial * output).sum() / all_of_it


def row_of(report, table, wanted):
    for one in report["tables"]:
        if one["name"] == table:
            for row in one["rows"]:
                cells = dict(zip(one["columns"], row))
                if all(cells[name] == value for name, value in wanted.items()):
                    return cells
    raise SystemExit(f"no row {wanted} in table {table} of {report['experiment']}")


def main(inspection, memory, distributions):
    t, metadata = read_safetensors(inspection)
    identity = "kernel=identity" in metadata["rule"] or metadata["rule"].startswith(tuple(f"variant{i}" for i in range(3, 7)))
    place = {"layer": int(metadata["layer"]), "head": int(metadata["head"])}
    with open(memory, encoding="utf-8") as file:
        memory = row_of(json.load(file), "heads", {"inner steps": 1, **place})
    with open(distributions, encoding="utf-8") as file:
        distributions = row_of(json.load(file), "heads", place)

    k, v, q, o = t["k"], t["v"], t["q_all"], t["o"]
    f = phi(k, t["updated.w0"], t["updated.w2"], identity) @ t["updated.w1"]
    tokens, initial = centred_shares(t, identity)
    checks = [
        ("cosine of f(k) and v", (unit(f) * unit(v)).sum(axis=1).mean(), memory["cosine of f(k) and v"]),
        ("|f(k)|, relative", np.linalg.norm(f, axis=1).mean() / memory["|f(k)|"], 1.0),
        # Parts of one, like the cosines.
        ("top-1 recall", recall(unit(f), unit(v), spread(len(k), 2048)) / 100, memory["top-1 recall (%)"] / 100),
        ("cosine q to nearest k", nearest(q, k), distributions["cosine q to nearest k"]),
        ("cosine k to nearest other k", nearest(k, k, 1), distributions["cosine k to nearest other k"]),
        ("cosine o to nearest v", nearest(o, v), distributions["cosine o to nearest v"]),
        ("cosine v to nearest other v", nearest(v, v, 1), distributions["cosine v to nearest other v"]),
        (
            "cosine k to nearest k of another view",
            nearest(k, k, int(metadata["tokens_per_view"])),
            distributions["cosine k to nearest k of another view"],
        ),
        ("centred share of S0", initial, t["shares.centred.s0"][0]),
        ("sum of centred shares", tokens.sum(), t["shares.centred.tokens"].sum()),
        ("centred shares, cancellation", np.abs(tokens).sum(), np.abs(t["shares.centred.tokens"]).sum()),
        ("largest error of a centred share", np.abs(tokens - t["shares.centred.tokens"]).max(), 0.0),
        ("all centred shares", initial + tokens.sum(), 1.0),
    ]
    wrong = 0
    for name, here, there in checks:
        bad = not abs(here - there) <= TOLERANCE  # NaN is bad
        wrong += bad
        print(f"{'WRONG' if bad else 'equal'}  {name:<38} {here:10.5f} {there:10.5f}  {abs(here - there):.1e}")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    sys.exit(main(*sys.argv[1:]))
