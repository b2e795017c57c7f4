"""transformers: greedy tokens of some prompts at once, keys and values kept.

    generate.py TEXTS f32|bf16 --count TOKENS ..."""
import sys

texts, precision = int(sys.argv.pop(1)), sys.argv.pop(1)
import peer

o = peer.options()
import llm
import torch

tokenizer, model = llm.load(o.data, o.threads, precision)
tokenizer.pad_token, tokenizer.padding_side = tokenizer.eos_token, "left"
prompts = llm.prompts(o.work)[:texts]
batch = tokenizer(prompts, add_special_tokens=False, padding=True, return_tensors="pt")
mask, said = batch["attention_mask"], []


@torch.inference_mode()
def begin():
    place = (mask.cumsum(-1) - 1).clamp(min=0)
    out = model(batch["input_ids"], attention_mask=mask, position_ids=place, use_cache=True,
                logits_to_keep=1)
    return out.past_key_values, out.logits[:, -1].argmax(-1)


@torch.inference_mode()
def step(_):
    global mask, token
    said.append(token.tolist())
    mask = torch.cat([mask, mask.new_ones(texts, 1)], -1)
    out = model(token[:, None], attention_mask=mask, position_ids=mask.sum(-1, True) - 1,
                past_key_values=cache, use_cache=True)
    token = out.logits[:, -1].argmax(-1)


cache, token = begin()
seconds = peer.clock(step, o.count)
peer.answer(seconds, tokens=texts, text=tokenizer.decode([row[0] for row in said]))
