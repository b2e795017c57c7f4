#include "cli/cli_parts.h"

#include "cli/option_table.h"
#include "util/error.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/processor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *cli_kernels = NULL;

static void append(char *text, size_t size, const char *word, const char *mark)
{
    size_t used = strlen(text);

    snprintf(text + used, size - used, "%s%s%s", used ? " " : "", word, mark);
}

/* Kernels, what OpenBLAS was told of caches, and the instructions that libm and our
 * own products choose among. */
static void tell_processor(void (*tell)(const char *, const char *))
{
    static const char *const variables[] = { "OPENBLAS_L2_SIZE",
                                             "OPENBLAS_BLOCK_FACTOR" };
    char text[512] = "";

    append(text, sizeof text, cli_kernels ? cli_kernels : "", "");
#ifdef __x86_64__
#define APPEND_IF(name)                                                                \
    if (__builtin_cpu_supports(name))                                                  \
    append(text, sizeof text, name, "")
    APPEND_IF("sse4.1");
    APPEND_IF("avx");
    APPEND_IF("avx2");
    APPEND_IF("fma");
    APPEND_IF("fma4");
    APPEND_IF("avx512f");
    APPEND_IF("avx512bw");
    APPEND_IF("avx512dq");
    APPEND_IF("avx512vl");
    APPEND_IF("avx512vnni");
    APPEND_IF("avx512bf16");
    if (processor_has_tiles())
        append(text, sizeof text, "amx-bf16", "");
#endif
    for (size_t i = 0; cli_kernels && i < sizeof variables / sizeof *variables; i++)
        if (getenv(variables[i])) {
            append(text, sizeof text, variables[i], "=");
            strncat(text, getenv(variables[i]), sizeof text - strlen(text) - 1);
        }
    tell("processor", text);
}

/* The value as it was given, not cut, and numbers to their last bit; NULL: none. */
static char *exact_value(const struct opt *o)
{
    const char *text = NULL;
    char value[256];

    if (o->type == OPT_STRING)
        text = *(const char **)o->value;
    else if ((o->type == OPT_PATH || o->type == OPT_OUTPUT) && *(const char **)o->value)
        text = file_base(*(const char **)o->value);
    else if (o->type == OPT_WORDS)
        return option_words_text(o);
    else if (o->type == OPT_REAL)
        return mem_format("%.17g", *(double *)o->value);
    else if (o->type != OPT_PATH && o->type != OPT_OUTPUT) {
        option_format(o, value, sizeof value);
        text = value;
    }
    return text ? mem_string(text) : NULL;
}

static void tell_option(const struct opt *o, void (*tell)(const char *, const char *))
{
    char *value = exact_value(o);
    char *text = mem_format("%s%s%s", o->name, value ? "=" : "", value ? value : "");

    tell("option", text);
    free(text);
    free(value);
}

static void tell_file(const char *name, void (*tell)(const char *, const char *))
{
    struct error e;
    char *path = file_find(name, &e);

    if (!path)
        die("%s", e.text);
    tell("file", path);
    free(path);
}

void cli_tell(void (*tell)(const char *kind, const char *text))
{
    const struct opt *o;

    tell_processor(tell);
    for (int i = 0; (o = option_at(i)); i++)
        if (o->record != OPT_IDLE)
            tell_option(o, tell);
    if (cli_kind())
        tell("option", cli_kind()); /* what the program does, by its first word */
    for (const char *const *name = cli_given_list(); *name; name++)
        if (cli_given(*name))
            tell("given", *name);
    for (int i = 0; (o = option_at(i)); i++) {
        const char *path = o->type == OPT_PATH ? *(const char **)o->value : NULL;

        if (o->record != OPT_IDLE && path && *path)
            tell_file(path, tell);
    }
    for (int i = 1; i < cli_words.argc; i++)
        tell(i < cli_words.first ? "argument" : "operand", cli_words.argv[i]);
}
