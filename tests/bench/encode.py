"""MiniLM over the 1,682 titles: sentence-transformers in f32 or bf16, or onnxruntime in f32
or int8 (the file is made once from the same weights by PyTorch's exporter, and its weights
are quantised by onnxruntime, activations as they come).

    encode.py onnx|onnx-int8|sentence|sentence-bf16 --count PASSES ..."""
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

    ids = torch.ones(2, 8, dtype=torch.long)  # the same tensor twice would be one input
    shape = {0: torch.export.Dim("batch"), 1: torch.export.Dim("length", min=2, max=256)}
    torch.onnx.export(Hidden(), (ids, ids.clone()), path + ".new", dynamo=True, external_data=False,
                      input_names=["ids", "mask"], output_names=["hidden"],
                      dynamic_shapes=(shape, shape))
    os.rename(path + ".new", path)


def quantised(path):
    from onnxruntime.quantization import QuantType, quantize_dynamic

    target = os.path.join(o.work, "MiniLM-int8.onnx")
    if not os.path.exists(target):
        quantize_dynamic(path, target + ".new", weight_type=QuantType.QInt8)
        os.rename(target + ".new", target)
    return target


def onnx_encoder(int8):
    import onnxruntime
    from transformers import AutoTokenizer

    path = os.path.join(o.work, "MiniLM.onnx")
    if not os.path.exists(path):
        export(path)
    path = quantised(path) if int8 else path
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


def sentence_encoder(bf16):
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(o.threads)
    model = SentenceTransformer(MODEL, device="cpu")
    return (model.bfloat16() if bf16 else model).encode


def least_cosine(encode):
    """Of a title's vector with the one by sentence-transformers in f32."""
    a, b = (np.asarray(f(TITLES[:256]), np.float32) for f in (encode, sentence_encoder(False)))
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return float(((a * b).sum(1) / norms).min())


encode = (onnx_encoder(kind == "onnx-int8") if kind.startswith("onnx")
          else sentence_encoder(kind == "sentence-bf16"))
encode(TITLES[:64])
seconds = peer.clock(lambda i: encode(TITLES), o.count, 0)
peer.answer(seconds, **({} if kind == "sentence" else {"cosine": least_cosine(encode)}))
