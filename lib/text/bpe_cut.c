#include "text/bpe.h"

#include "text/bpe_parts.h"
#include "util/mem.h"

#include <string.h>
#include <utf8proc.h>

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

const char *bpe_cut_name(enum bpe_cut cut)
{
    static const char *const names[] = {
        [BPE_GPT2] = "gpt-2",
        [BPE_SMOLLM] = "smollm",
        [BPE_LLAMA3] = "llama-bpe",
        [BPE_QWEN2] = "qwen2",
    };

    return names[cut];
}

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

/* A letter or number as long in UTF-8 (3 or 4 bytes) and known of old. */
static const char *familiar(utf8proc_int32_t c, utf8proc_ssize_t bytes)
{
    if (WITHIN(newer_letters, c))
        return bytes == 3 ? "\xe4\xb8\x80" : "\xf0\xa0\x80\x80"; /* U+4E00, U+20000 */
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
