#include "cli/option.h"

#include "util/file.h"
#include "util/mem.h"
#include "util/near.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool option_long(const char *text, long *value)
{
    char *end;

    if (!isdigit((unsigned char)text[text[0] == '-']))
        return false;
    errno = 0;
    *value = strtol(text, &end, 10);
    return errno == 0 && *end == 0;
}

bool option_real(const char *text, double *value)
{
    const char *first = text + (text[0] == '-' || text[0] == '+');
    char *end;

    if ((!isdigit((unsigned char)*first) && *first != '.') || strpbrk(text, "xX"))
        return false;
    *value = strtod(text, &end);
    return *end == 0 && end != text && isfinite(*value);
}

static int set_int(const struct opt *o, const char *text, struct error *e)
{
    long v;

    if (!option_long(text, &v) || (double)v < o->low || (double)v > o->high)
        return fail(e, "--%s: '%s' is not a whole number from %.15g to %.15g", o->name,
                    text, o->low, o->high);
    *(long *)o->value = v;
    return 0;
}

static int set_real(const struct opt *o, const char *text, struct error *e)
{
    double v;

    if (!option_real(text, &v) || v < o->low || v > o->high)
        return fail(e, "--%s: '%s' is not a number from %.15g to %.15g", o->name, text,
                    o->low, o->high);
    *(double *)o->value = v;
    return 0;
}

static int set_choice(const struct opt *o, const char *text, struct error *e)
{
    char list[512] = "";

    for (int i = 0; o->choices[i]; i++) {
        if (strcmp(text, o->choices[i]) == 0) {
            *(int *)o->value = i;
            return 0;
        }
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? ", " : "",
                 o->choices[i]);
    }
    fail(e, "--%s: '%s' is none of %s", o->name, text, list);
    return near_hint(e, text, strlen(text), o->choices);
}

static int set_range(const struct opt *o, const char *text, struct error *e)
{
    const char *dots = strstr(text, "..");
    char *low = dots ? mem_format("%.*s", (int)(dots - text), text) : mem_string(text);
    long *range = o->value, a, b;
    bool right = option_long(low, &a) && option_long(dots ? dots + 2 : text, &b) &&
                 a <= b && (double)a >= o->low && (double)b <= o->high;

    free(low);
    if (!right)
        return fail(e, "--%s: '%s' is not N or N..M from %.15g to %.15g", o->name, text,
                    o->low, o->high);
    range[0] = a;
    range[1] = b;
    return 0;
}

static void add_word(struct opt_words *w, const char *word)
{
    MEM_PUSH(w->list, w->count, w->room, word);
}

int option_set(const struct opt *o, const char *text, struct error *e)
{
    switch (o->type) {
    case OPT_INT:
        return set_int(o, text, e);
    case OPT_REAL:
        return set_real(o, text, e);
    case OPT_STRING:
    case OPT_PATH:
        *(const char **)o->value = text;
        break;
    case OPT_OUTPUT:
        if (!*text)
            return fail(e, "--%s: an empty name", o->name);
        *(const char **)o->value = text;
        break;
    case OPT_FLAG:
        *(bool *)o->value = strcmp(text, "no") != 0;
        break;
    case OPT_CHOICE:
        return set_choice(o, text, e);
    case OPT_RANGE:
        return set_range(o, text, e);
    case OPT_WORDS:
        add_word(o->value, text);
        break;
    case OPT_GROUP:
    case OPT_END:
        break;
    }
    return 0;
}

/* "a" into text from at on; the place behind it. */
static size_t quote(char *text, size_t at, const char *word)
{
    text[at++] = '"';
    for (; *word; word++) {
        if (*word == '"' || *word == '\\')
            text[at++] = '\\';
        text[at++] = *word;
    }
    text[at++] = '"';
    return at;
}

char *option_words_text(const struct opt *o)
{
    const struct opt_words *w = o->value;
    size_t room = 1, at = 0;
    char *text;

    for (int i = 0; i < w->count; i++)
        room += 2 * strlen(w->list[i]) + 3;
    text = mem_new(room, 1);
    for (int i = 0; i < w->count; i++) {
        if (i > 0)
            text[at++] = ' ';
        at = quote(text, at, w->list[i]);
    }
    return text;
}

void option_format(const struct opt *o, char *text, size_t size)
{
    const char *s;

    switch (o->type) {
    case OPT_INT:
        snprintf(text, size, "%ld", *(long *)o->value);
        break;
    case OPT_REAL:
        snprintf(text, size, "%.12g", *(double *)o->value);
        break;
    case OPT_STRING:
    case OPT_PATH:
    case OPT_OUTPUT:
        s = *(const char **)o->value;
        snprintf(text, size, "%s", !s ? "" : o->type == OPT_STRING ? s : file_base(s));
        break;
    case OPT_FLAG:
        snprintf(text, size, "%s", *(bool *)o->value ? "yes" : "no");
        break;
    case OPT_CHOICE:
        snprintf(text, size, "%s", o->choices[*(int *)o->value]);
        break;
    case OPT_RANGE: {
        const long *r = o->value;

        snprintf(text, size, r[0] == r[1] ? "%ld" : "%ld..%ld", r[0], r[1]);
        break;
    }
    case OPT_WORDS: {
        char *words = option_words_text(o);

        snprintf(text, size, "%s", words);
        free(words);
        break;
    }
    case OPT_GROUP:
    case OPT_END:
        text[0] = 0;
    }
}

