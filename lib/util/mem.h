/* Memory that is there or the program stops: no caller has a better answer. */
#ifndef UTIL_MEM_H
#define UTIL_MEM_H

#include <stddef.h>

/* count x size bytes, zeroed, aligned to 64; never NULL; free with free(). */
void *mem_new(size_t count, size_t size);

/* Grows old (may be NULL) to count x size bytes; new bytes are not zeroed. */
void *mem_resize(void *old, size_t count, size_t size);

/* Bytes of memory that the machine has. */
size_t mem_of_machine(void);

/* A copy of the string; free with free(). */
char *mem_string(const char *s);

/* printf into a new string; free with free(). */
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* count items of *array's type, doubling: MEM_PUSH(list, n, room, item). */
#define MEM_PUSH(list, n, room, item)                                          \
    do {                                                                       \
        if ((n) == (room)) {                                                   \
            (room) = (room) ? 2 * (room) : 16;                                 \
            (list) = mem_resize((list), (size_t)(room), sizeof *(list));       \
        }                                                                      \
        (list)[(n)++] = (item);                                                \
    } while (0)

#endif
