#include "cli/cli_parts.h"

#include "cli/option_table.h"
#include "util/error.h"

#include <stdio.h>

static const char *metavar(const struct opt *o)
{
    static const char *const names[] = {
        [OPT_INT] = " N",     [OPT_REAL] = " X",    [OPT_STRING] = " TEXT",
        [OPT_PATH] = " FILE", [OPT_CHOICE] = " NAME", [OPT_RANGE] = " N..M",
        [OPT_OUTPUT] = " FILE", [OPT_WORDS] = " WORD...",
    };

    return o->type == OPT_FLAG ? "" : names[o->type];
}

static void print_option(const struct opt *o)
{
    char left[64], value[256];

    snprintf(left, sizeof left, "%c%c%c --%s%s", o->letter ? '-' : ' ',
             o->letter ? o->letter : ' ', o->letter ? ',' : ' ', o->name, metavar(o));
    printf("  %-27s %s", left, o->help);
    if (o->choices) {
        printf(": ");
        for (int i = 0; o->choices[i]; i++)
            printf("%s%s", i ? "|" : "", o->choices[i]);
    }
    option_format(o, value, sizeof value);
    if (value[0] && o->type != OPT_FLAG)
        printf(" [%s]", value);
    else if (o->type == OPT_FLAG && *(bool *)o->value)
        printf(" [yes; --no-%s]", o->name);
    putchar('\n');
}

void cli_print_help(const struct cli *cli)
{
    printf("%s - %s\n\nusage: %s [OPTION...] %s\n\n", program_name, cli->summary,
           program_name, cli->usage);
    for (int i = 0; option_at(i); i++) {
        if (option_heading(i))
            printf("%s%s:\n", i ? "\n" : "", option_heading(i));
        print_option(option_at(i));
    }
    if (cli->presets) {
        printf("      presets:");
        for (const struct preset *p = cli->presets; p->name; p++) {
            printf(" %s (", p->name);
            for (int i = 0; p->settings[i]; i++)
                printf("%s%s", i ? " " : "", p->settings[i]);
            printf(")");
        }
        putchar('\n');
    }
    printf("  %-27s %s\n      %-23s %s\n", "-h, --help", "print this text", "--version",
           "print name and version");
    if (cli->footer)
        printf("\n%s\n", cli->footer);
    printf("\nexample:\n  %s\n", cli->example);
}
