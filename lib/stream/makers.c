#include "stream/makers.h"

#include "stream/names.h"
#include "util/error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    SPLIT, CF_TRAIN, CF_EMBED, ENCODE, ALIGN, COUNT, CAND_BOTH, CAND_TOP, CAND, FUSE,
    SCORE, PROJECT, MAKERS
};

#define NEEDS(maker) (1u << (maker))

/* In the order of a pipe, behind data-import.  Of several steps of one program the first
 * is shown. */
static const struct {
    const char *maker; /* what it is called, or the first words of that */
    const char *step;  /* how it is run */
    const char *shows; /* a name that is there once it has run */
    unsigned needs;
} table[MAKERS] = {
    [SPLIT] = { "data-split", "data-split", "inter.split", 0 },
    [CF_TRAIN] = { "cf-train", "cf-train", "cf.*", NEEDS(SPLIT) },
    [CF_EMBED] = { "cf-embed", "cf-embed", "item.cf", NEEDS(CF_TRAIN) },
    [ENCODE] = { "sbert-encode", "sbert-encode -m MiniLM", "item.text", 0 },
    [ALIGN] = { "align-train", "align-train", "align.*",
                NEEDS(CF_EMBED) | NEEDS(ENCODE) },
    [COUNT] = { "label-count", "label-count", "rel.*", NEEDS(SPLIT) },
    [CAND_BOTH] = { "cand-sample --for", "cand-sample --for valid,test", "cand.valid.*",
                    NEEDS(SPLIT) },
    [CAND_TOP] = { "cand-sample --top", "cand-sample --top 20", "cand.next.*",
                   NEEDS(CF_EMBED) },
    [CAND] = { "cand-sample", "cand-sample -n 19", "cand.test.*", NEEDS(SPLIT) },
    [FUSE] = { "cf-fuse", "cf-fuse", "item.fused", NEEDS(ALIGN) | NEEDS(CAND_BOTH) },
    [SCORE] = { "cf-score", "cf-score", "score.*", NEEDS(CF_EMBED) | NEEDS(CAND) },
    [PROJECT] = { "project-train", "project-train -m SmolLM2.gguf", "proj.*",
                  NEEDS(ALIGN) },
};

unsigned makers_of(const char *name)
{
    unsigned made = 0;

    for (int i = 0; i < MAKERS; i++)
        if (name_matches(table[i].shows, name))
            made |= NEEDS(i);
    return made;
}

static bool same_program(const char *a, const char *b)
{
    size_t n = strcspn(a, " ");

    return n == strcspn(b, " ") && strncmp(a, b, n) == 0;
}

/* The row of cand-sample and cand.valid.user is that of --for.  The row of "cf-embed
 * without --no-inter" is that of cf-embed.  MAKERS: none is. */
static int row_of(const char *maker, const char *name)
{
    for (int i = 0; name && i < MAKERS; i++)
        if (name_matches(table[i].shows, name) && same_program(table[i].maker, maker))
            return i;
    for (int i = 0; i < MAKERS; i++) {
        size_t n = strlen(table[i].maker);

        if (strncmp(table[i].maker, maker, n) == 0 && (!maker[n] || maker[n] == ' '))
            return i;
    }
    return MAKERS;
}

/* Adds what the chosen filters need, of which a row stands before them. */
static unsigned add_needs(unsigned chosen, unsigned made)
{
    for (int i = MAKERS - 1; i >= 0; i--)
        if (chosen & NEEDS(i))
            chosen |= table[i].needs & ~made;
    return chosen;
}

/* An installation may put letters before every program's name. */
static int prefix_length(void)
{
    return (int)(strlen(program_name) - strlen(filter_name));
}

/* Appends to text, which stays whole where a program is called by a very long name. */
__attribute__((format(printf, 2, 3))) static void append(char text[MAKERS_PIPE],
                                                         const char *format, ...)
{
    size_t n = strlen(text);
    va_list args;

    va_start(args, format);
    vsnprintf(text + n, MAKERS_PIPE - n, format, args);
    va_end(args);
}

static void print(char text[MAKERS_PIPE], unsigned chosen)
{
    const char *last = "";

    append(text, ": ... | ");
    for (int i = 0; i < MAKERS; i++)
        if (chosen & NEEDS(i) && !same_program(table[i].step, last)) {
            last = table[i].step;
            append(text, "%.*s%s | ", prefix_length(), program_name, last);
        }
    append(text, "%s ...", program_name);
}

void makers_pipe(char text[MAKERS_PIPE], const char *makers, const char *name,
                 unsigned made)
{
    unsigned chosen = 0;
    const char *next;
    int last;

    for (; (next = strstr(makers, " | ")); makers = next + strlen(" | "))
        chosen |= NEEDS(row_of(makers, NULL)) & ~made;
    last = row_of(makers, name);
    text[0] = 0;
    if (last < MAKERS)
        print(text, add_needs(chosen | NEEDS(last), made));
}
