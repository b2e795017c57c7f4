"""Loading a language model from a file that the page cache holds, up to its first token.

    load.py llamacpp|f32|bf16 --count 1 ...

llamacpp maps the GGUF file; transformers expands the same file to f32 or bf16.  Importing
does not count."""
import os
import sys
import time

kind = sys.argv.pop(1)
import peer

o = peer.options()
import llm


def load_llamacpp():
    import llama_cpp as api

    api.llama_backend_init()
    start = time.perf_counter()
    model = api.Llama(os.path.join(o.data, llm.GGUF), n_ctx=64, n_threads=o.threads,
                      verbose=False)
    model.eval(model.tokenize(b"The", add_bos=False))
    return time.perf_counter() - start


def load_transformers():
    import torch
    import transformers.models.llama.modeling_llama  # all that is imported on the way

    start = time.perf_counter()
    tokenizer, model = llm.load(o.data, o.threads, kind)
    with torch.inference_mode():
        model(torch.tensor([tokenizer("The", add_special_tokens=False)["input_ids"]]))
    return time.perf_counter() - start


peer.answer(load_llamacpp() if kind == "llamacpp" else load_transformers())
