#include "ranks/ranks.h"

#include <stdio.h>

long ranks_from(int rank, long n)
{
    return n * rank / ranks_count();
}

bool ranks_first(void)
{
    return ranks_mine() == 0;
}

void ranks_agree_on(const char *what, uint64_t digest)
{
    char text[RANKS_VALUE];

    snprintf(text, sizeof text, "digest %016llx", (unsigned long long)digest);
    ranks_agree(what, text);
}
