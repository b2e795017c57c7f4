#include "cli/cli.h"

#include "util/mem.h"

#include <stdlib.h>
#include <string.h>

double cli_real(const char *option, const char *text, double low, double high)
{
    double v;

    if (!option_real(text, &v) || v < low || v > high)
        cli_mistake("--%s: '%s' is not a number from %.15g to %.15g", option, text, low,
                    high);
    return v;
}

int cli_int_list(const char *option, const char *text, long low, long high, long **list)
{
    char *copy = mem_string(text), *rest = copy, *word;
    int n = 0, room = 0;

    *list = NULL;
    while ((word = strsep(&rest, ","))) {
        long v;

        if (!option_long(word, &v) || v < low || v > high)
            cli_mistake("--%s: '%s' in '%s' is not a whole number from %ld to %ld",
                        option, word, text, low, high);
        MEM_PUSH(*list, n, room, v);
    }
    free(copy);
    return n;
}
