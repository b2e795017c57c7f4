"""MiniLM over the 1,682 titles: sentence-transformers in f32 or bf16, or onnxruntime in f32
or int8 (the file is made once from the same weights by PyTorch's exporter, and its weights
are quantised by onnxruntime, activations as they come).

    encode.py onnx|onnx-int8|sentence|sentence-bf16 --count PASSES ...

The vectors go to vectors-KIND.npy in the folder of --work: who compares them does it in
another process, and what makes onnxruntime's files is another process, too, so that the
peak memory of this one is the encoder's.
"""
import os
import subprocess
import sys

import peer

kind = sys.argv.pop(1)
o = peer.options()
import numpy as np

MODEL = os.path.join(o.data, "MiniLM")
TITLES = peer.titles(o.data)[1]
ONNX, ONNX_INT8 = (os.path.join(o.work, name) for name in ("MiniLM.onnx", "MiniLM-int8.onnx"))


def export():
    import torch
    from transformers import AutoModel

    class Hidden(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.bert = AutoModel.from_pretrained(MODEL).eval()

        def forward(self, ids, mask):
            return self.bert(input_ids=ids, attention_mask=mask).last_hidden_state

    ids = torch.ones(2, 8, dtype=torch.long)  # the same tensor twice would be one input
    shape = {0: torch.export.Dim("batch"), 1: torch.export.Dim("length", min=2, max=256)}
    torch.onnx.export(Hidden(), (ids, ids.clone()), ONNX + ".new", dynamo=True,
                      external_data=False, input_names=["ids", "mask"],
                      output_names=["hidden"], dynamic_shapes=(shape, shape))
    os.rename(ONNX + ".new", ONNX)


def quantise():
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(ONNX, ONNX_INT8 + ".new", weight_type=QuantType.QInt8)
    os.rename(ONNX_INT8 + ".new", ONNX_INT8)


def made(path, how):
    """path, which this script makes in another process where it is not there."""
    if not os.path.exists(path):
        subprocess.run([sys.executable, __file__, how, *sys.argv[1:]], check=True,
                       stdout=sys.stderr)
    return path


def onnx_encoder(int8):
    import onnxruntime
    from tokenizers import Tokenizer

    path = made(ONNX, "export")
    path = made(ONNX_INT8, "quantise") if int8 else path
    with_threads = onnxruntime.SessionOptions()
    with_threads.intra_op_num_threads = o.threads
    session = onnxruntime.InferenceSession(path, with_threads, ["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(os.path.join(MODEL, "tokenizer.json"))
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()  # to the longest of a batch

    def encode(texts):
        """By length in batches of 32, as sentence-transformers does it."""
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        out = np.empty((len(texts), 384), np.float32)
        for i in range(0, len(order), 32):
            part = order[i:i + 32]
            t = tokenizer.encode_batch([texts[j] for j in part])
            ids, mask = (np.array([getattr(x, name) for x in t], np.int64)
                         for name in ("ids", "attention_mask"))
            h = session.run(None, {"ids": ids, "mask": mask})[0]
            v = (h * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
            out[part] = v / np.linalg.norm(v, axis=1, keepdims=True)
        return out
    return encode


def sentence_encoder(bf16):
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(o.threads)
    model = SentenceTransformer(MODEL, device="cpu")
    return (model.bfloat16() if bf16 else model).encode


def main():
    if kind in ("export", "quantise"):
        return export() if kind == "export" else quantise()
    encode = (onnx_encoder(kind == "onnx-int8") if kind.startswith("onnx")
              else sentence_encoder(kind == "sentence-bf16"))
    encode(TITLES[:64])
    vectors = []
    seconds = peer.clock(lambda i: vectors.append(encode(TITLES)), o.count, 0)
    name = f"vectors-{kind}.npy"
    np.save(os.path.join(o.work, name), np.asarray(vectors[-1], np.float32))
    peer.answer(seconds, vectors=name)


main()
