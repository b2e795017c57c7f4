/* Candidate files beside a catalogue of a few users and items, ids of all kinds. */
#include "cand/candidate_file.h"
#include "held.h"
#include "readers.h"

static struct texts users, items;

static unsigned look(const char *path)
{
    static const int32_t user[] = { 0, 0, 0, 1, 1, 1, 2, 2, 2 };
    static const int32_t item[] = { 0, 1, 2, 3, 4, 5, 1, 3, 5 };
    static const uint8_t split[] = { 0, 1, 2, 0, 1, 2, 0, 1, 2 };
    struct error e = { "" };
    struct candidate_file c;
    struct history h;
    unsigned sum = 0;

    if (history_new(&h, user, item, NULL, split, 9, 3, 7, &e) < 0)
        abort();
    for (int s = SPLIT_VALID; s <= SPLIT_TEST; s++) {
        if (candidate_file_read(&c, path, &users, &items, &h, (enum split)s, &e) < 0)
            sum += refused(&e);
        else
            sum += touch_bytes(c.user, (size_t)c.rows * sizeof *c.user) +
                   touch_bytes(c.item,
                               (size_t)c.rows * (size_t)c.columns * sizeof *c.item);
        candidate_file_free(&c);
    }
    history_free(&h);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const ids[] = { "a", "b", "u 3", "4", "5", "i\\6", "\xc3\xa9" };

    for (int i = (int)users.count; i < 3; i++)
        texts_add(&users, ids[i], strlen(ids[i]));
    for (int i = (int)items.count; i < 7; i++)
        texts_add(&items, ids[i], strlen(ids[i]));
    return held_file(look, data, size);
}
