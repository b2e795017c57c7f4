"""MiniLM over the 1,682 titles: sentence-transformers, or onnxruntime (--onnx FILE is
made once from the same weights by PyTorch's exporter)."""
import os
import sys

import peer

kind = sys.argv.pop(1)
o = peer.options()
import numpy as np

MODEL = os.path.join(o.data, "MiniLM")
TITLES = peer.titles(o.data)[1]


def export(path):
    import torch
    from transformers import AutoModel

    class Hidden(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.bert = AutoModel.from_pretrained(MODEL).eval()

        def forward(self, ids, mask):
            return self.bert(input_ids=ids, attention_mask=mask).last_hidden_state

    ids = torch.ones(2, 8, dtype=torch.long)
    shape = {0: torch.export.Dim("batch"), 1: torch.export.Dim("length", min=2, max=256)}
    torch.onnx.export(Hidden(), (ids, ids), path + ".new", dynamo=True, external_data=False,
                      input_names=["ids", "mask"], output_names=["hidden"],
                      dynamic_shapes=(shape, shape))
    os.rename(path + ".new", path)


def onnx_encoder():
    import onnxruntime
    from transformers import AutoTokenizer

    path = os.path.join(o.work, "MiniLM.onnx")
    if not os.path.exists(path):
        export(path)
    with_threads = onnxruntime.SessionOptions()
    with_threads.intra_op_num_threads = o.threads
    session = onnxruntime.InferenceSession(path, with_threads, ["CPUExecutionProvider"])
    tokenizer = AutoTokenizer.from_pretrained(MODEL)

    def encode(texts):
        """By length in batches of 32, as sentence-transformers does it."""
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        out = np.empty((len(texts), 384), np.float32)
        for i in range(0, len(order), 32):
            part = order[i:i + 32]
            t = tokenizer([texts[j] for j in part], padding=True, truncation=True,
                          max_length=256, return_tensors="np")
            ids, mask = t["input_ids"], t["attention_mask"]
            h = session.run(None, {"ids": ids, "mask": mask})[0]
            v = (h * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
            out[part] = v / np.linalg.norm(v, axis=1, keepdims=True)
        return out
    return encode


def sentence_encoder():
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(o.threads)
    return SentenceTransformer(MODEL, device="cpu").encode


encode = onnx_encoder() if kind == "onnx" else sentence_encoder()
encode(TITLES[:64])
peer.answer(peer.clock(lambda i: encode(TITLES), o.count, 0))
