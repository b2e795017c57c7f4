#include "formats/tensor_file.h"

#include <string.h>

int tensor_file_open(struct tensor_file *f, const char *path, struct error *e)
{
    static const char ending[] = ".safetensors";
    size_t n = strlen(path), m = strlen(ending);

    *f = (struct tensor_file){ 0 };
    if (n >= m && strcmp(path + n - m, ending) == 0)
        f->safe = safetensors_open(path, e);
    else
        f->torch = torch_open(path, e);
    return f->safe || f->torch ? 0 : -1;
}

void tensor_file_close(struct tensor_file *f)
{
    safetensors_close(f->safe);
    torch_close(f->torch);
}

const char *tensor_file_path(const struct tensor_file *f)
{
    return f->safe ? safetensors_path(f->safe) : torch_path(f->torch);
}

long tensor_file_count(const struct tensor_file *f)
{
    return f->safe ? safetensors_count(f->safe) : torch_count(f->torch);
}

const struct safetensor *tensor_file_at(const struct tensor_file *f, long i)
{
    return f->safe ? safetensors_at(f->safe, i) : torch_at(f->torch, i);
}

const struct safetensor *tensor_file_find(const struct tensor_file *f, const char *name)
{
    return f->safe ? safetensors_find(f->safe, name) : torch_find(f->torch, name);
}
