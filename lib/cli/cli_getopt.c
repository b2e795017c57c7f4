#include "cli/cli_getopt.h"

#include "cli/option_table.h"

#include <stdio.h>

void cli_getopt_tables(const struct cli *cli, char *letters, struct option *longs)
{
    static char negated[OPTIONS_MAX][64];
    const struct opt *o;
    int n = 0;

    if (cli->flags & CLI_COMMAND)
        *letters++ = '+';
    *letters++ = ':'; /* a missing value is ':' and not '?' */
    for (int i = 0; (o = option_at(i)); i++) {
        longs[n++] =
            (struct option){ o->name, o->type != OPT_FLAG, NULL, LONG_FIRST + i };
        if (o->type == OPT_FLAG) {
            snprintf(negated[i], sizeof negated[i], "no-%s", o->name);
            longs[n++] = (struct option){ negated[i], 0, NULL, LONG_NEGATED + i };
        }
        if (o->letter) {
            *letters++ = o->letter;
            if (o->type != OPT_FLAG)
                *letters++ = ':';
        }
    }
    for (int i = 0; cli->synonyms && cli->synonyms[i].old; i++)
        longs[n++] = (struct option){ cli->synonyms[i].old, 0, NULL, LONG_SYNONYM + i };
    *letters++ = HELP_LETTER;
    longs[n++] = (struct option){ "help", 0, NULL, LONG_HELP };
    longs[n++] = (struct option){ "version", 0, NULL, LONG_VERSION };
    longs[n] = (struct option){ 0 };
    *letters = 0;
}

const struct opt *cli_getopt_option(int code)
{
    const struct opt *o;

    if (code >= LONG_FIRST)
        return option_at(code - LONG_FIRST);
    for (int i = 0; (o = option_at(i)); i++)
        if (o->letter == code)
            return o;
    return NULL;
}

bool cli_getopt_takes_words(int code)
{
    return code < LONG_NEGATED && code != '?' && code != ':' && code != HELP_LETTER &&
           code != LONG_HELP && code != LONG_VERSION &&
           cli_getopt_option(code)->type == OPT_WORDS;
}
