#include "text/bpe.h"

#include "text/bpe_parts.h"

#include <string.h>

/* White space as Unicode's property has it: PCRE's own \s also takes U+180E. */
#define SPACE "\\x{9}-\\x{d}\\x{20}\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}" \
              "\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}"

/* Spaces but the last one before a word, or all of them. */
#define SPACES "[" SPACE "]+(?![^" SPACE "])|[" SPACE "]+"

#define GPT2 "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+" \
             "| ?[^" SPACE "\\p{L}\\p{N}]+|" SPACES

#define LLAMA3(numbers) "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|" \
                        numbers "| ?[^" SPACE "\\p{L}\\p{N}]+[\\r\\n]*" \
                        "|[" SPACE "]*[\\r\\n]+|" SPACES

static const char *const expressions[][CUT_STAGES] = {
    [BPE_GPT2] = { GPT2 },
    [BPE_SMOLLM] = { "\\p{N}", GPT2 },
    [BPE_LLAMA3] = { LLAMA3("\\p{N}{1,3}") },
    [BPE_QWEN2] = { LLAMA3("\\p{N}") },
};

int bpe_cut_find(const char *name, struct error *e)
{
    static const struct {
        const char *name;
        enum bpe_cut cut;
    } names[] = {
        { "gpt-2", BPE_GPT2 },       { "gpt2", BPE_GPT2 },     { "smollm", BPE_SMOLLM },
        { "llama-bpe", BPE_LLAMA3 }, { "llama3", BPE_LLAMA3 }, { "llama-v3", BPE_LLAMA3 },
        { "qwen2", BPE_QWEN2 },
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i].name) == 0)
            return (int)names[i].cut;
    return fail(e, "text is cut as \"%s\", expected gpt-2, smollm, llama-bpe or qwen2", name);
}

int bpe_cut_compile(enum bpe_cut cut, pcre2_code *code[CUT_STAGES], struct error *e)
{
    for (int i = 0; i < CUT_STAGES && expressions[cut][i]; i++) {
        PCRE2_SIZE where;
        int why;

        code[i] = pcre2_compile((PCRE2_SPTR)expressions[cut][i], PCRE2_ZERO_TERMINATED,
                                PCRE2_UTF | PCRE2_UCP, &why, &where, NULL);
        if (!code[i])
            return fail(e, "PCRE2 takes no expression for cutting text (error %d at %zu)",
                        why, where);
        pcre2_jit_compile(code[i], PCRE2_JIT_COMPLETE); /* slower where it cannot */
    }
    return 0;
}
