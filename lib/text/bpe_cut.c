#include "text/bpe.h"

#include "text/bpe_parts.h"
#include "util/mem.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* As tokenizer.json files write them. */
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

/* DeepSeek LLM and Coder: lines, words of scripts with capitals or of all, marks, then
 * Chinese and its neighbours; digits singly. */
#define DEEPSEEK_CAPITALS \
    "A-Za-z\u00b5À-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵ" \
    "Ϸ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕ" \
    "Ἐ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-\u1f7dᾀ-ᾴᾶ-ᾼ\u1fbeῂ-ῄ" \
    "ῆ-ῌῐ-\u1fd3ῖ-\u1fdbῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤ" \
    "\u2126ℨ\u212a-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲ" \
    "ⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ" \
    "𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃"

#define DEEPSEEK_EAST "[一-龥ࠀ-一가-퟿]+"

/* Qwen 2's with marks as parts of words. */
#define QWEN35 "(?i:'s|'t|'re|'ve|'m|'ll|'d)" \
               "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}" \
               "| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|" SPACES

#define SEED_CODER "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1}" \
                   "| ?[^\\s\\p{L}\\p{N}\r\n]+|\\s*[\r\n]+|" SPACES

static const char *const expressions[BPE_OWN][BPE_STAGES] = {
    [BPE_GPT2] = { GPT2 },
    [BPE_SMOLLM] = { "\\p{N}", GPT2 },
    [BPE_LLAMA3] = { LLAMA3("\\p{N}{1,3}") },
    [BPE_QWEN2] = { LLAMA3("\\p{N}") },
    [BPE_TEKKEN] = { TEKKEN },
    [BPE_GPT4O] = { GPT4O },
    [BPE_FALCON] = { "[!-/:-@\\[-`{-~\\p{P}]+", GPT2, "[0-9][0-9][0-9]" },
    [BPE_DEEPSEEK_V3] = { "\\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+", DEEPSEEK },
    [BPE_DEEPSEEK_LLM] = { "[\r\n]", "\\s?[" DEEPSEEK_CAPITALS "]+",
                           "\\s?[!-/:-~！-／：-～‘-‟　-。]+",
                           "\\s+$", DEEPSEEK_EAST, "\\p{N}" },
    [BPE_DEEPSEEK_CODER] = { "[\r\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", DEEPSEEK_EAST,
                             "\\p{N}" },
    [BPE_QWEN35] = { QWEN35 },
    [BPE_SEED_CODER] = { SEED_CODER },
};

const char *bpe_cut_gpt2(void)
{
    return GPT2;
}

/* Is it the same expression, where one has "\r" as itself and the other in letters? */
static bool alike(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        char x = *a, y = *b;

        if (x == y)
            continue;
        if (x == '\\' && (a[1] == 'r' || a[1] == 'n'))
            x = *++a == 'r' ? '\r' : '\n';
        if (y == '\\' && (b[1] == 'r' || b[1] == 'n'))
            y = *++b == 'r' ? '\r' : '\n';
        if (x != y)
            return false;
    }
    return !*a && !*b;
}

enum bpe_cut bpe_cut_of(const char *const *own)
{
    for (int cut = 0; cut < BPE_OWN; cut++)
        for (int i = 0; i < BPE_STAGES; i++) {
            const char *a = expressions[cut][i], *b = own[i];

            if (!a && !b)
                return (enum bpe_cut)cut;
            if (!a || !b || !alike(a, b))
                break;
        }
    return BPE_OWN;
}

int bpe_cut_compile(enum bpe_cut cut, const char *const *own,
                    pcre2_code *code[BPE_STAGES], struct error *e)
{
    const char *const *list = cut == BPE_OWN ? own : expressions[cut];

    for (int i = 0; i < BPE_STAGES && list[i]; i++) {
        char *text = bpe_expression(list[i]);
        PCRE2_SIZE where = 0;
        int why = 0;

        if (!text)
            return fail(e, "text is cut by the expression \"%.60s\", which is not "
                        "supported: it means something else here", list[i]);
        code[i] = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
                                PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C
                                    | PCRE2_MULTILINE, /* Ruby's ^ and $ */
                                &why, &where, NULL);
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

static const struct range newer_capitals[] = {
    { 0x1c89, 0x1c89 }, { 0xa7cb, 0xa7cc },   { 0xa7da, 0xa7da },
    { 0xa7dc, 0xa7dc }, { 0x10d50, 0x10d65 },
};

static const struct range newer_smalls[] = {
    { 0x1c8a, 0x1c8a },   { 0xa7cd, 0xa7cd },   { 0xa7db, 0xa7db },
    { 0x10d70, 0x10d85 }, { 0x1df25, 0x1df2a },
};

/* A letter or number of the same kind and as long in UTF-8, known of old, and in the same
 * range of code points where an expression names ranges. */
static const char *familiar(utf8proc_int32_t c)
{
    /* [below U+4E00, 3 bytes, 4 bytes][letter, capital, small] */
    static const char *const letters[3][3] = {
        { "\u0e01", "\u10c7", "\u1c80" },
        { "\ua000", "\ua790", "\ua791" },
        { "\U00010280", "\U0001d400", "\U0001d41a" },
    };
    int kind = WITHIN(newer_capitals, c) ? 1 : WITHIN(newer_smalls, c) ? 2 : 0;
    int range = c < 0x4e00 ? 0 : c < 0x10000 ? 1 : 2;

    if (WITHIN(newer_letters, c))
        return letters[range][kind];
    if (WITHIN(newer_numbers, c))
        return "\U0001d7d8";
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
        other = familiar(c);
        if (other && !view)
            view = memcpy(mem_new(n, 1), text, n);
        if (other)
            memcpy(view + i, other, (size_t)used);
        i += (size_t)used;
    }
    return view;
}
