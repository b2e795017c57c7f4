/* Pickles within files of torch.save: what they may name, and wrong ones. */
#include "torch_help.h"

static void wrong_pickle(const char *object, size_t size, const char *reason)
{
    struct bytes b = legacy(object, size, -1);

    refused(b.at, b.n, reason);
    free(b.at);
}

static void refuses_every_other_global(void **state)
{
    (void)state;
    wrong_pickle(TEXT("\x80\x02" "cos\nsystem\nX\x02\0\0\0id\x85R."),
                 "object: byte 2: refuses the global 'os.system'");
    wrong_pickle(TEXT("\x80\x04\x8c\x08" "builtins\x8c\x04" "eval\x93)R."),
                 "byte 18: refuses the global 'builtins.eval'");
    wrong_pickle(TEXT("\x80\x02(X\x02\0\0\0idios\nsystem\n."), "global 'os.system'");
    wrong_pickle(TEXT("\x80\x02" "ccollections\nOrderedDict2\n)R."), "OrderedDict2'");
    wrong_pickle(TEXT("\x80\x02" "ctorch\nFloat\x1b[31m\n."), "'torch.Float?[31m'");
    wrong_pickle(TEXT("\x80\x02" "ctorch.storage\n_load_from_bytes\n."),
                 "'torch.storage._load_from_bytes'");
    wrong_pickle(TEXT("\x80\x02(icollections\nOrderedDict\n."),
                 "an opcode that torch does not write");
}

static void refuses_wrong_pickles(void **state)
{
    (void)state;
    wrong_pickle(TEXT("\x80\x02h\x05."), "memo 5 of 0");
    wrong_pickle(TEXT("\x80\x02]r\xff\xff\xff\xff."), "memo 4294967295 where 0 were");
    wrong_pickle(TEXT("\x80\x02q\x00."), "remembers a value that is not there");
    wrong_pickle(TEXT("\x80\x02X\xff\xff\xff\x7f" "a."), "2147483647 bytes expected");
    wrong_pickle(TEXT("\x80\x02\x8d\xff\xff\xff\xff\xff\xff\xff\xff."), "cut short");
    wrong_pickle(TEXT("\x80\x02\x8b\xff\xff\xff\xff."), "4294967295 bytes expected");
    wrong_pickle(TEXT("\x80\x04\x95\xff\xff\xff\xff\0\0\0\0."), "a frame of 4294967295");
    wrong_pickle(TEXT("\x80\x02."), "ends with 0 values");
    wrong_pickle(TEXT("\x80\x02NN."), "ends with 2 values");
    wrong_pickle(TEXT("\x80\x02(N."), "ends with 1 values");
    wrong_pickle(TEXT("\x80\x02t."), "no mark on the stack");
    wrong_pickle(TEXT("\x80\x02N\x86."), "not there");
    wrong_pickle(TEXT("\x80\x02NNs."), "fills a dict that is not there");
    wrong_pickle(TEXT("\x80\x02}(Nu."), "a key without a value");
    wrong_pickle(TEXT("\x80\x02}N(a."), "not there");
    wrong_pickle(TEXT("\x80\x02NR."), "not there");
    wrong_pickle(TEXT("\x80\x02N)R."), "calls what is no function");
    wrong_pickle(TEXT("\x80\x02"
                      "ctorch\nFloatStorage\n)R."),
                 "calls what is no function");
    wrong_pickle(TEXT("\x80\x02" "ctorch._utils\n_rebuild_parameter\n)R."), "no tensor");
    wrong_pickle(TEXT("\x80\x02NQ."), "not described by a tuple");
    wrong_pickle(TEXT("\x80\x02N}b."), "attributes of what can have none");
    wrong_pickle(TEXT("\x80\x02\x8f."), "opcode 0x8f");
    wrong_pickle(TEXT("\x80\x06N."), "protocol 6, expected 2 to 5");
}

/* Lists and dicts in each other, calls of nothing: neither time nor stack. */
static void deep_nesting_and_repetition(void **state)
{
    struct bytes deep = { NULL, 0 }, wide = { NULL, 0 }, marks = { NULL, 0 };

    (void)state;
    add(&deep, TEXT("\x80\x02"));
    for (int i = 0; i < 100000; i++)
        add(&deep, "]", 1);
    for (int i = 0; i < 99999; i++)
        add(&deep, "a", 1);
    add(&deep, ".", 1);
    wrong_pickle((char *)deep.at, deep.n, "nest deeper than 16");
    /* each list holds the one before ten times: 10^15 numbers */
    add(&wide, TEXT("\x80\x02(K\x01q\x00"));
    for (int i = 0; i < 15; i++) {
        add(&wide, TEXT("]("));
        for (int k = 0; k < 10; k++) {
            add(&wide, "h", 1);
            add_number(&wide, (uint64_t)i, 1);
        }
        add(&wide, TEXT("eq"));
        add_number(&wide, (uint64_t)i + 1, 1);
    }
    add(&wide, TEXT("t."));
    wrong_pickle((char *)wide.at, wide.n, "more than 262144 values");
    for (int i = 0; i < 100000; i++)
        add(&marks, "(", 1);
    wrong_pickle((char *)marks.at, marks.n, "ends");
    free(deep.at);
    free(wide.at);
    free(marks.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_every_other_global),
        cmocka_unit_test(refuses_wrong_pickles),
        cmocka_unit_test(deep_nesting_and_repetition),
    };

    return cmocka_run_group_tests_name("pickle", tests, make_folder, remove_folder);
}
