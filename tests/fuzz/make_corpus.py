#!/usr/bin/env python3
"""Writes seed corpora into tests/fuzz/corpus/<target> from the golden vectors: a few dozen small inputs of each kind."""
import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE.parent / "golden"
BYTES_MAX = 1500
SEEDS_MAX = 40


def cases(name):
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))["cases"]


def from_hex(name, member):
    return [bytes.fromhex(case[member]) for case in cases(name) if case.get(member)]


def spread(inputs):
    """At most SEEDS_MAX different small inputs, taken evenly over the file."""
    small = list(dict.fromkeys(i for i in inputs if 0 < len(i) <= BYTES_MAX))
    step = max(1, -(-len(small) // SEEDS_MAX))
    return small[::step]


def write(target, inputs):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("golden_*"):
        old.unlink()
    for number, data in enumerate(inputs):
        (folder / f"golden_{number:03}").write_bytes(data)
    print(f"{target}: {len(inputs)} seeds, {sum(map(len, inputs))} bytes")


def main():
    write("frames_fuzz", spread(from_hex("remoting_command", "frame_hex"))[:24] + spread(from_hex("malformed_frames", "hex"))[:24])
    write("stored_messages_fuzz",
          spread(from_hex("stored_messages", "hex")) + spread(from_hex("batch", "encoded_hex"))[:6]
          + spread(from_hex("batch", "stored_hex"))[:4])
    write("json_bodies_fuzz", spread([case["text"].encode() for case in cases("json_bodies")]))


if __name__ == "__main__":
    main()
