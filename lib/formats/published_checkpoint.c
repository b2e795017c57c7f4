#include "formats/published_checkpoint.h"

#include "util/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = 7 };

static const struct kind {
    const char *ending, *prefix;
    bool whole; /* it has these tensors and no others */
    const char *names[NAMES_MAX];
} kinds[] = {
    { ".pth", "cf.", false,
      { "item_emb.weight", "pos_emb.weight", "last_layernorm.weight", NULL } },
    { "mlp.pt", "align.item.", true,
      { "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", NULL } },
    { "mlp2.pt", "align.text.", true,
      { "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", NULL } },
    { "log_proj.pt", "proj.user.", true,
      { "0.weight", "0.bias", "1.weight", "1.bias", "3.weight", "3.bias", NULL } },
    { "item_proj.pt", "proj.item.", true,
      { "0.weight", "0.bias", "1.weight", "1.bias", "3.weight", "3.bias", NULL } },
};

static bool ends_in(const char *path, const char *ending)
{
    size_t n = strlen(path), m = strlen(ending);

    return n >= m && strcmp(path + n - m, ending) == 0;
}

static bool has_tensors(const struct tensor_file *f, const struct kind *k)
{
    int n = 0;

    for (; k->names[n]; n++)
        if (!tensor_file_find(f, k->names[n]))
            return false;
    return !k->whole || tensor_file_count(f) == n;
}

const char *published_prefix(const struct tensor_file *f)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (ends_in(file_base(tensor_file_path(f)), kinds[i].ending) &&
            has_tensors(f, &kinds[i]))
            return kinds[i].prefix;
    return "";
}

const struct attr *published_attrs_of(const char *name, const struct tensor_file *f,
                                      struct published_attrs *a)
{
    static const struct attr prompt[] = {
        { "template", "published" }, { "history", "10" }, { NULL, NULL },
    };
    const char *prefix = published_prefix(f);
    int64_t heads;

    if (strncmp(prefix, "proj.", 5) == 0 && ends_in(name, ".0.weight"))
        return memcpy(a->list, prompt, sizeof prompt);
    if (!f->torch || strcmp(name, "cf.pos_emb.weight") != 0 ||
        !torch_setting(f->torch, "args.num_heads", &heads))
        return NULL;
    snprintf(a->heads, sizeof a->heads, "%" PRId64, heads);
    a->list[0] = (struct attr){ "heads", a->heads };
    a->list[1] = (struct attr){ NULL, NULL };
    return a->list;
}
