"""SmolLM2 in PyTorch, f32 or bf16, from the same GGUF file; and what both LLM rows ask of it."""
import os

GGUF = "SmolLM2.gguf"


def load(folder, threads, precision="f32"):
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    types = {"f32": torch.float32, "bf16": torch.bfloat16}
    torch.set_num_threads(threads)
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=GGUF)
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=GGUF,
                                                 dtype=types[precision]).eval()
    return tokenizer, model.requires_grad_(False)


def lines(work):
    """[(prompt, [candidate, ...]), ...] of lines.tsv, which bench.py writes."""
    with open(os.path.join(work, "lines.tsv"), encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f]
    return [(r[0], r[1:]) for r in rows]


def prompts(work):
    """The prompts of prompts.txt, which bench.py writes."""
    with open(os.path.join(work, "prompts.txt"), encoding="utf-8") as f:
        return f.read().splitlines()


def gflop(config, tokens, logits, passes=1):
    """Products of `tokens` through the layers, `passes` times (forward 1, and 1 more
    back to the inputs), and of `logits` through the head; attention left out."""
    kv = config.hidden_size * config.num_key_value_heads // config.num_attention_heads
    layer = (2 * config.hidden_size ** 2 + 2 * config.hidden_size * kv
             + 3 * config.hidden_size * config.intermediate_size)
    head = config.hidden_size * config.vocab_size
    return 2e-9 * passes * (tokens * layer * config.num_hidden_layers + logits * head)
