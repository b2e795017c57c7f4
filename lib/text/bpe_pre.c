/* Names of tokenizer.ggml.pre.  llama.cpp takes those of one row group alike; what a name
 * means here is what the tokenizer does that it was given for. */
#include "text/bpe.h"

#include <string.h>

static const struct bpe_pre rows[] = {
    { "gpt-2", BPE_GPT2 },
    { "gpt2", BPE_GPT2 },
    { "phi-2", BPE_GPT2 },
    { "olmo", BPE_GPT2 },
    { "mpt", BPE_GPT2 },
    { "jais", BPE_GPT2 },
    { "trillion", BPE_GPT2 },
    { "granite-docling", BPE_GPT2 },
    { "gigachat", BPE_GPT2 },
    { "a.x-4.0", BPE_GPT2 },
    { "mellum", BPE_GPT2 },
    { "exaone4", BPE_GPT2 },
    { "smollm", BPE_SMOLLM },
    { "starcoder", BPE_SMOLLM },
    { "refact", BPE_SMOLLM },
    { "command-r", BPE_SMOLLM },
    { "codeshell", BPE_SMOLLM },
    { "exaone", BPE_SMOLLM },
    { "minerva-7b", BPE_SMOLLM },
    { "mellum2", BPE_SMOLLM },
    { "llama-bpe", BPE_LLAMA3, .whole_pieces = true },
    { "llama3", BPE_LLAMA3, .whole_pieces = true },
    { "llama-v3", BPE_LLAMA3, .whole_pieces = true },
    { "falcon3", BPE_LLAMA3, .whole_pieces = true },
    { "falcon-h1", BPE_LLAMA3, .whole_pieces = true },
    { "pixtral", BPE_LLAMA3, .whole_pieces = true },
    { "midm-2.0", BPE_LLAMA3, .whole_pieces = true },
    { "lfm2", BPE_LLAMA3, .whole_pieces = true },
    { "dbrx", BPE_LLAMA3 },
    { "smaug-bpe", BPE_LLAMA3 },
    { "glm4", BPE_LLAMA3 },
    { "chatglm-bpe", BPE_LLAMA3 },
    { "qwen2", BPE_QWEN2, .compose = true },
    { "deepseek-r1-qwen", BPE_QWEN2 },
    { "stablelm2", BPE_QWEN2 },
    { "megrez", BPE_QWEN2 },
    { "kormo", BPE_QWEN2 },
    { "hunyuan", BPE_QWEN2 },
    { "solar-open", BPE_QWEN2 },
    { "grok-2", BPE_QWEN2 },
    { "qwen35", BPE_QWEN35, .compose = true },
    { "tekken", BPE_TEKKEN, .whole_pieces = true },
    { "gpt-4o", BPE_GPT4O },
    { "llama4", BPE_GPT4O },
    { "kanana2", BPE_GPT4O },
    { "minimax-m2", BPE_GPT4O },
    { "falcon", BPE_FALCON },
    { "deepseek-v3", BPE_DEEPSEEK_V3 },
    { "hunyuan-dense", BPE_DEEPSEEK_V3 },
    { "joyai-llm", BPE_DEEPSEEK_V3 },
    { "deepseek-llm", BPE_DEEPSEEK_LLM },
    { "deepseek-coder", BPE_DEEPSEEK_CODER },
    { "seed-coder", BPE_SEED_CODER },
};

enum { ROWS = sizeof rows / sizeof *rows };

const struct bpe_pre *bpe_pre_find(const char *name, struct error *e)
{
    for (int i = 0; i < ROWS; i++)
        if (strcmp(name, rows[i].name) == 0)
            return &rows[i];
    fail(e, "text is cut as \"%s\", expected gpt-2, smollm, llama-bpe, qwen2, qwen35, "
         "tekken, gpt-4o, falcon, deepseek-llm, deepseek-coder, deepseek-v3, seed-coder "
         "or a name that means one of these", name);
    return NULL;
}

const char *bpe_pre_name(enum bpe_cut cut, bool whole_pieces, bool compose)
{
    for (int i = 0; i < ROWS; i++)
        if (rows[i].cut == cut && rows[i].whole_pieces == whole_pieces
            && rows[i].compose == compose)
            return rows[i].name;
    return NULL;
}
