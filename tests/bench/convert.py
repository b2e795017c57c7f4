"""Files of llm-convert in llama.cpp: the same log-likelihoods?

    tests/bench/convert.py [--folder FOLDER]

makes a small random Llama with a byte-level BPE tokenizer (transformers, tokenizers), or
takes FOLDER; converts it to every type, has llama.cpp (llama-cpp-python, keys and values
in f32) and llm-score compute the same log-likelihoods, and prints the largest difference
of each type.  llama.cpp rounds activations to 8 bits in products with quantised weights
and we do not, so of those its own rounding is measured, not ours.
"""
import argparse
import os
import subprocess
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.path.join(os.path.dirname(os.path.dirname(HERE)), "bin")
LINES = ["The film is\t Heat\t Alien 3\t a film of 1995",
         "She watched 12 Monkeys, then\t Twelve\t naïve café\t 日本"]
TOLERANCE = {"f32": 1e-4}


def make_model(folder):
    import torch
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    text = [open(__file__, encoding="utf-8").read()] + LINES
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tok.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=500, special_tokens=["<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tok.train_from_iterator(text, trainer)
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tok, bos_token="<s>", eos_token="</s>").save_pretrained(folder)
    torch.manual_seed(7)
    config = transformers.LlamaConfig(
        vocab_size=512, hidden_size=128, intermediate_size=352, num_hidden_layers=3,
        num_attention_heads=8, num_key_value_heads=2, max_position_embeddings=256,
        initializer_range=.2, tie_word_embeddings=False, bos_token_id=0, eos_token_id=1)
    transformers.LlamaForCausalLM(config).save_pretrained(folder)


def llamacpp(path):
    from llama_cpp import Llama

    model = Llama(path, n_ctx=256, logits_all=True, verbose=False, type_k=0, type_v=0,
                  flash_attn=False)
    rows = []
    for line in LINES:
        prompt, *rest = [model.tokenize(s.encode(), add_bos=False)
                         for s in line.split("\t")]
        for candidate in rest:
            model.reset()
            model.eval(prompt + candidate)
            z = np.array(model.scores[len(prompt) - 1:len(prompt + candidate) - 1], float)
            z -= z.max(1, keepdims=True)
            logp = z - np.log(np.exp(z).sum(1, keepdims=True))
            rows.append(logp[np.arange(len(candidate)), candidate].sum() / len(candidate))
    return np.array(rows)


def ours(path):
    out = subprocess.run([os.path.join(BIN, "llm-score"), "-m", path, "--lines"],
                         input="\n".join(LINES) + "\n", capture_output=True, text=True,
                         check=True).stdout
    return np.array([float(x) for x in out.split()])


def counts(path):
    from llama_cpp import Llama

    model = Llama(path, vocab_only=True, verbose=False)
    return np.array([len(model.tokenize(c.encode(), add_bos=False))
                     for line in LINES for c in line.split("\t")[1:]])


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    p.add_argument("--folder")
    o = p.parse_args()
    bad = 0
    with tempfile.TemporaryDirectory() as work:
        folder = o.folder or os.path.join(work, "model")
        if not o.folder:
            make_model(folder)
        print("largest difference of a log-likelihood per token, ours against llama.cpp")
        for kind in ["f32", "bf16", "f16", "q8_0", "q4_0", "q4_1"]:
            path = os.path.join(work, kind + ".gguf")
            subprocess.run([os.path.join(BIN, "llm-convert"), "-q", "-t", kind, "-o", path,
                            folder], check=True)
            d = abs(ours(path) / counts(path) - llamacpp(path)).max()
            bad += d > TOLERANCE.get(kind, np.inf)
            print(f"{kind:5} {d:.2g}")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
