#include "text/bpe.h"

#include "text/bpe_parts.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* White space as Unicode's property has it: PCRE's own \s also takes U+180E. */
#define SPACE "\\x{9}-\\x{d}\\x{20}\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}" \
              "\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}"

/* As tokenizer.json files write them; \s and \S are put in other words below. */
#define SPACES "\\s+(?!\\S)|\\s+"

#define GPT2 "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|" SPACES

#define LLAMA3(numbers) "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|" \
                        numbers "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|" SPACES

/* Words in which capitals come first, behind what is no letter. */
#define WORD(first, others) "[^\\r\\n\\p{L}\\p{N}]?" \
                            "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]" first \
                            "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]" others

#define AFTER "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"

#define TEKKEN WORD("*", "+") "|" WORD("+", "*") "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+" \
               "[\\r\\n/]*|\\s*[\\r\\n]+|" SPACES

#define GPT4O WORD("*", "+") AFTER "|" WORD("+", "*") AFTER \
              "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|" SPACES

#define DEEPSEEK "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+" \
                 "|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+" \
                 "| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|" SPACES

static const char *const expressions[BPE_OWN][BPE_STAGES] = {
    [BPE_GPT2] = { GPT2 },
    [BPE_SMOLLM] = { "\\p{N}", GPT2 },
    [BPE_LLAMA3] = { LLAMA3("\\p{N}{1,3}") },
    [BPE_QWEN2] = { LLAMA3("\\p{N}") },
    [BPE_TEKKEN] = { TEKKEN },
    [BPE_GPT4O] = { GPT4O },
    [BPE_FALCON] = { "[!-/:-@\\[-`{-~\\p{P}]+", GPT2, "[0-9][0-9][0-9]" },
    [BPE_DEEPSEEK_V3] = { "\\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+", DEEPSEEK },
};

const char *bpe_cut_name(enum bpe_cut cut)
{
    static const char *const names[] = {
        [BPE_GPT2] = "gpt-2",
        [BPE_SMOLLM] = "smollm",
        [BPE_LLAMA3] = "llama-bpe",
        [BPE_QWEN2] = "qwen2",
        [BPE_TEKKEN] = "tekken",
        [BPE_GPT4O] = "gpt-4o",
        [BPE_FALCON] = "falcon",
        [BPE_DEEPSEEK_V3] = "deepseek-v3",
        [BPE_OWN] = "",
    };

    return names[cut];
}

/* Names of tokenizer.ggml.pre, by what llama.cpp does with them. */
static const struct known {
    const char *name;
    enum bpe_cut cut;
    bool whole;
} known[] = {
    { "gpt-2", BPE_GPT2, false },          { "gpt2", BPE_GPT2, false },
    { "phi-2", BPE_GPT2, false },          { "olmo", BPE_GPT2, false },
    { "mpt", BPE_GPT2, false },            { "smollm", BPE_SMOLLM, false },
    { "starcoder", BPE_SMOLLM, false },    { "refact", BPE_SMOLLM, false },
    { "command-r", BPE_SMOLLM, false },    { "codeshell", BPE_SMOLLM, false },
    { "exaone", BPE_SMOLLM, false },       { "minerva-7b", BPE_SMOLLM, false },
    { "llama-bpe", BPE_LLAMA3, true },     { "llama3", BPE_LLAMA3, true },
    { "llama-v3", BPE_LLAMA3, true },      { "falcon3", BPE_LLAMA3, true },
    { "falcon-h1", BPE_LLAMA3, true },     { "pixtral", BPE_LLAMA3, true },
    { "lfm2", BPE_LLAMA3, true },          { "dbrx", BPE_LLAMA3, false },
    { "smaug-bpe", BPE_LLAMA3, false },    { "qwen2", BPE_QWEN2, false },
    { "deepseek-r1-qwen", BPE_QWEN2, false }, { "stablelm2", BPE_QWEN2, false },
    { "megrez", BPE_QWEN2, false },        { "tekken", BPE_TEKKEN, true },
    { "gpt-4o", BPE_GPT4O, false },        { "llama4", BPE_GPT4O, false },
    { "falcon", BPE_FALCON, false },       { "deepseek-v3", BPE_DEEPSEEK_V3, false },
};

int bpe_cut_find(const char *name, enum bpe_cut *cut, bool *whole, struct error *e)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(name, known[i].name) == 0) {
            *cut = known[i].cut;
            *whole = known[i].whole;
            return 0;
        }
    return fail(e, "text is cut as \"%s\", expected gpt-2, smollm, llama-bpe, qwen2, "
                "tekken, gpt-4o, falcon, deepseek-v3 or a name that means one of these",
                name);
}

const char *bpe_cut_gpt2(void)
{
    return GPT2;
}

enum bpe_cut bpe_cut_of(const char *const *own)
{
    for (int cut = 0; cut < BPE_OWN; cut++)
        for (int i = 0; i < BPE_STAGES; i++) {
            const char *a = expressions[cut][i], *b = own[i];

            if (!a && !b)
                return (enum bpe_cut)cut;
            if (!a || !b || strcmp(a, b) != 0)
                break;
        }
    return BPE_OWN;
}

/* The expression with white space as the reference has it; new, or NULL where a \S stands
 * in a list, which cannot be put so. */
static char *spelled(const char *from)
{
    size_t n = strlen(from), used = 0;
    char *out = mem_new(n * sizeof "[^" SPACE "]" + 1, 1);
    bool list = false;

    for (size_t i = 0; i < n; i++) {
        const char *put = NULL;

        if (from[i] == '\\' && (from[i + 1] == 's' || from[i + 1] == 'S')) {
            put = from[i + 1] == 'S' ? "[^" SPACE "]" : list ? SPACE : "[" SPACE "]";
            if (list && from[i + 1] == 'S') {
                free(out);
                return NULL;
            }
            i++;
        } else if (from[i] == '\\' && from[i + 1]) {
            out[used++] = from[i++];
            out[used++] = from[i];
            continue;
        }
        list = put ? list : from[i] == '[' ? true : from[i] == ']' ? false : list;
        if (put)
            used += strlen(strcpy(out + used, put));
        else
            out[used++] = from[i];
    }
    return out;
}

int bpe_cut_compile(enum bpe_cut cut, const char *const *own,
                    pcre2_code *code[BPE_STAGES], struct error *e)
{
    const char *const *list = cut == BPE_OWN ? own : expressions[cut];

    for (int i = 0; i < BPE_STAGES && list[i]; i++) {
        char *text = spelled(list[i]);
        PCRE2_SIZE where = 0;
        int why = 0;

        if (text)
            code[i] = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
                                    PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &why,
                                    &where, NULL);
        free(text);
        if (!code[i])
            return fail(e, "text is cut by the expression \"%.60s\", which is not "
                        "supported (PCRE2's error %d at %zu)", list[i], why, where);
        pcre2_jit_compile(code[i], PCRE2_JIT_COMPLETE); /* slower where it cannot */
    }
    return 0;
}

/* Letters and numbers of Unicode 15 and 16, the tables of the reference.  A PCRE2
 * with older tables would cut beside them, so it is shown familiar ones instead. */
struct range {
    utf8proc_int32_t first, last;
};

static const struct range newer_letters[] = {
    { 0x1c89, 0x1c8a },   { 0xa7cb, 0xa7cd },   { 0xa7da, 0xa7dc },
    { 0x105c0, 0x105f3 }, { 0x10d4a, 0x10d65 }, { 0x10d6f, 0x10d85 },
    { 0x10ec2, 0x10ec4 }, { 0x1123f, 0x11240 }, { 0x11380, 0x11389 },
    { 0x1138b, 0x1138b }, { 0x1138e, 0x1138e }, { 0x11390, 0x113b5 },
    { 0x113b7, 0x113b7 }, { 0x113d1, 0x113d1 }, { 0x113d3, 0x113d3 },
    { 0x11bc0, 0x11be0 }, { 0x11f02, 0x11f02 }, { 0x11f04, 0x11f10 },
    { 0x11f12, 0x11f33 }, { 0x1342f, 0x1342f }, { 0x13441, 0x13446 },
    { 0x13460, 0x143fa }, { 0x16100, 0x1611d }, { 0x16d40, 0x16d6c },
    { 0x18cff, 0x18cff }, { 0x1b132, 0x1b132 }, { 0x1b155, 0x1b155 },
    { 0x1df25, 0x1df2a }, { 0x1e030, 0x1e06d }, { 0x1e4d0, 0x1e4eb },
    { 0x1e5d0, 0x1e5ed }, { 0x1e5f0, 0x1e5f0 }, { 0x2b739, 0x2b739 },
    { 0x2ebf0, 0x2ee5d }, { 0x31350, 0x323af },
};

static const struct range newer_numbers[] = {
    { 0x10d40, 0x10d49 }, { 0x116d0, 0x116e3 }, { 0x11bf0, 0x11bf9 },
    { 0x11f50, 0x11f59 }, { 0x16130, 0x16139 }, { 0x16d70, 0x16d79 },
    { 0x1ccf0, 0x1ccf9 }, { 0x1d2c0, 0x1d2d3 }, { 0x1e4f0, 0x1e4f9 },
    { 0x1e5f1, 0x1e5fa },
};

#define WITHIN(ranges, c) within(ranges, sizeof(ranges) / sizeof *(ranges), c)

static bool within(const struct range *r, size_t n, utf8proc_int32_t c)
{
    for (size_t i = 0; i < n; i++)
        if (c >= r[i].first && c <= r[i].last)
            return true;
    return false;
}

/* A letter or number as long in UTF-8 (3 or 4 bytes), known of old and of no script that
 * an expression names. */
static const char *familiar(utf8proc_int32_t c, utf8proc_ssize_t bytes)
{
    if (WITHIN(newer_letters, c))
        return bytes == 3 ? "\xea\x80\x80" : "\xf0\x90\x8a\x80"; /* U+A000, U+10280 */
    if (WITHIN(newer_numbers, c))
        return "\xf0\x9d\x9f\x98"; /* U+1D7D8 */
    return NULL;
}

char *bpe_cut_view(const char *text, size_t n)
{
    char *view = NULL;

    for (size_t i = 0; i < n;) {
        const char *other = NULL;
        utf8proc_int32_t c;
        utf8proc_ssize_t used;

        if ((unsigned char)text[i] < 0xe1) { /* no table reaches below U+1000 */
            i++;
            continue;
        }
        used = utf8proc_iterate((const utf8proc_uint8_t *)text + i,
                                (utf8proc_ssize_t)(n - i), &c);
        other = familiar(c, used);
        if (other && !view)
            view = memcpy(mem_new(n, 1), text, n);
        if (other)
            memcpy(view + i, other, (size_t)used);
        i += (size_t)used;
    }
    return view;
}
