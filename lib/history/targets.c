#include "history/targets.h"

#include <stddef.h>

const char *const target_names[] = {
    [TARGETS_LAST] = "last", [TARGETS_RANDOM] = "random", [TARGETS_ALL] = "all", NULL
};
