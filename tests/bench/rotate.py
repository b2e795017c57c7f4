"""A Llama as GGUF in f32, rotated: the same function by other weights.

    tests/bench/rotate.py IN.gguf OUT.gguf

The norms' gains go into the matrices behind them, then the hidden state is turned by a
random orthogonal matrix R: what writes to it is multiplied by R', what reads from it by R
(Ashkboos et al. 2024, SliceGPT, section 3).  So a model that is quantised already gets
weights that lie on no grid, on which the loss of quantising can be measured.
"""
import sys

import gguf
import numpy as np


def rotation(n, seed=1):
    q, r = np.linalg.qr(np.random.default_rng(seed).standard_normal((n, n)))
    return q * np.sign(np.diag(r))


def rotated(tensors):
    """name -> array (out, in) or (width), of the rotated model."""
    t = {name: a.astype(np.float64) for name, a in tensors.items()}
    embd = t["token_embd.weight"]
    R = rotation(embd.shape[1])
    head = t.get("output.weight", embd)
    t["output.weight"] = head * t["output_norm.weight"] @ R
    t["token_embd.weight"] = embd @ R
    for name in tensors:
        layer, _, part = name.rpartition(".")[0].rpartition(".")
        if part in ("attn_q", "attn_k", "attn_v"):
            t[name] = t[name] * t[f"{layer}.attn_norm.weight"] @ R
        elif part in ("ffn_gate", "ffn_up"):
            t[name] = t[name] * t[f"{layer}.ffn_norm.weight"] @ R
        elif part in ("attn_output", "ffn_down"):
            t[name] = R.T @ t[name]
    for name in t:
        if name.endswith("norm.weight"):
            t[name] = np.ones_like(t[name])
    return t


def copy_fields(reader, writer):
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue
        kind = field.types[0]
        inner = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), kind, inner)


def main(source, target):
    reader = gguf.GGUFReader(source)
    arch = reader.fields["general.architecture"].contents()
    if arch != "llama":
        sys.exit(f"rotate.py: {source}: architecture {arch}, expected llama")
    writer = gguf.GGUFWriter(target, arch)
    copy_fields(reader, writer)
    tensors = {t.name: t.data for t in reader.tensors}
    for name, a in rotated(tensors).items():
        writer.add_tensor(name, np.ascontiguousarray(a, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
