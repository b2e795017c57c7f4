/* Stage 2's inputs, as programs take them from a stream. */
#ifndef PROJECT_STAGE2_DATA_H
#define PROJECT_STAGE2_DATA_H

#include "cli/cli.h"
#include "history/warmth.h"
#include "project/stage2.h"
#include "stream/filter.h"

/* auto: joint or text, item by item (warmth.h). */
enum joint_kind { JOINT_ITEM, JOINT_TEXT, JOINT_CF, JOINT_AUTO };

extern const char *const weights_names[];   /* of enum frozen_weights, then NULL */
extern const char *const joint_names[]; /* of enum joint_kind, then NULL */

/* What stands for users or items in prompts: no soft tokens, those of the stream's
 * vectors, or those of random vectors. */
enum soft_vectors { SOFT_NONE, SOFT_STREAM, SOFT_RANDOM };

extern const char *const soft_names[]; /* of enum soft_vectors, then NULL */

/* What the guess is made from: enum item_scorer_by, or the best there is, which is what
 * cf-fuse has made, and without that the CF model. */
enum { GUESS_BY_BEST = ITEM_MODELS };

extern const char *const guess_by_names[]; /* of these, then NULL */

/* Whether items' soft tokens begin from words (item_words.h): where the guess is one
 * hypothesis at a time, or as the projections were trained. */
enum words_wanted { WORDS_BY_GUESS, WORDS_NO, WORDS_YES };

/* The options that the programs with an LLM take; STAGE2_DEFAULTS initialises all but the
 * template, STAGE2_OPTIONS puts them into a table. */
struct stage2_options {
    const char *model;
    const char *template;
    const char *noun, *verb, *past; /* "": the template's, or those of the training */
    int bos;   /* enum template_bos; likewise where the option is not given */
    struct template_words trained; /* those of the training, where there is one */
    bool template_given; /* beside a training, whose words it wins over */
    int joint; /* enum joint_kind */
    int precision; /* FROZEN_REAL or FROZEN_BF16 */
    int weights;   /* enum frozen_weights */
    int recompute; /* enum recompute; project-train's alone */
    double joint_mix; /* share of items by text (mixed_items.h); project-train's alone */
    double cold_share; /* of the items, whose vectors are from text; JOINT_AUTO's alone */
    long history;
    const char *max_title; /* tokens of an item's title; "0": as it is; or "auto" */
    const char *guess; /* of guess.h, or "none" */
    int guess_by;      /* enum item_scorer_by, or GUESS_BY_BEST */
    double calibrate;  /* of stage2.h, where something is scored */
    int words;         /* enum words_wanted */
    int users, items;  /* enum soft_vectors */
    bool any_template; /* also one that lists no candidates */
    bool no_user_token; /* none was trained, as by the template guess */
    uint64_t random_seed; /* of the random vectors: training's and scoring's are one */
};

#define STAGE2_DEFAULTS                                                                \
    .model = "SmolLM2.gguf", .noun = "", .verb = "", .past = "",                       \
    .trained.bos = BOS_UNSAID, .users = SOFT_STREAM, .items = SOFT_STREAM,             \
    .cold_share = COLD_SHARE, .guess = "each", .guess_by = GUESS_BY_BEST,              \
    .calibrate = 1, .max_title = "auto"

#define STAGE2_OPTIONS(o)                                                              \
    STAGE2_LLM_OPTIONS(o), STAGE2_PROMPT_OPTIONS(o), STAGE2_VECTOR_OPTIONS(o)

#define STAGE2_LLM_OPTIONS(o)                                                          \
    { OPT_GROUP, .name = "LLM" },                                                      \
    { OPT_PATH, 'm', "model", &(o).model,                                              \
      "LLM: a GGUF file or a Hugging Face folder" },                                   \
    { OPT_CHOICE, 0, "precision", &(o).precision,                                      \
      "number type of the LLM's products", 0, 0, frozen_precision_names },             \
    { OPT_CHOICE, 0, "weights", &(o).weights,                                          \
      "the LLM's weights: expanded in memory, or as stored in the file", 0, 0,         \
      weights_names }

#define STAGE2_PROMPT_OPTIONS(o)                                                       \
    { OPT_GROUP, .name = "Prompt" },                                                   \
    { OPT_STRING, 't', "template", &(o).template,                                      \
      "prompt: guess, recall, published, genre, open, or a template file" },           \
    { OPT_INT, 0, "history", &(o).history,                                             \
      "items of the user's history in the prompt", 0, 1000 },                          \
    { OPT_STRING, 0, "max-title", &(o).max_title,                                      \
      "tokens of an item's title in the prompt, cut at a word; 0: as it is; auto: 16 " \
      "where most are longer, else 128" },                                             \
    { OPT_STRING, 0, "noun", &(o).noun,                                                \
      "word of the prompt for an item (default: the template's, else movie)" },        \
    { OPT_STRING, 0, "verb", &(o).verb,                                                \
      "word for what users do with an item (default: the template's, else watch)" },   \
    { OPT_STRING, 0, "past", &(o).past,                                                \
      "word for what users have done (default: the template's, else watched)" },       \
    { OPT_CHOICE, 0, "bos", &(o).bos,                                                  \
      "place of the start token (default: the template's, else auto)", 0, 0,           \
      template_bos_names },                                                            \
    { OPT_CHOICE, 0, "user", &(o).users,                                               \
      "soft tokens of the user in the prompt (random: an ablation)", 0, 0,             \
      soft_names },                                                                    \
    { OPT_CHOICE, 0, "items", &(o).items,                                              \
      "soft tokens of items in the prompt (random: an ablation)", 0, 0,                \
      soft_names },                                                                    \
    { OPT_STRING, 0, "guess", &(o).guess,                                              \
      "what stands for [guess] in the template: each candidate in turn (each, each:T), "\
      "sums of candidates by softmax temperatures (T,...), or none" },                 \
    { OPT_CHOICE, 0, "guess-by", &(o).guess_by,                                        \
      "scorer of candidates, as in cf-score --by, that the guess is made from; best: "   \
      "fused, or cf without cf-fuse", 0, 0, guess_by_names }

/* The names of the options of prompts and of item vectors. */
#define STAGE2_PROMPT_NAMES                                                            \
    "template", "history", "max-title", "noun", "verb", "past", "bos", "user",         \
        "items", "guess", "guess-by", "joint", "cold-share"

#define STAGE2_VECTOR_OPTIONS(o)                                                       \
    { OPT_GROUP, .name = "Item vectors" },                                             \
    { OPT_CHOICE, 0, "joint", &(o).joint,                                              \
      "item vectors: item.joint, item.joint_text, item.cf, or text where rare (auto)", \
      0, 0, joint_names },                                                             \
    { OPT_REAL, 0, "cold-share", &(o).cold_share,                                      \
      "share of the items that --joint auto takes from text, rarest first", 0, 1 }

/* The flags of an earlier version, for struct cli. */
#define STAGE2_SYNONYMS                                                                \
    { "no-user", "user=no" }, { "random-users", "user=random" },                       \
    { "no-random-users", "user=yes" }, { "no-items", "items=no" },                     \
    { "random-items", "items=random" }, { "no-random-items", "items=yes" }

/* Returns whether prompts have something of the user: a token or a guess. */
bool stage2_takes_users(const struct stage2 *s);

/* Opens the LLM that the options name, in the precision that they name.  Ends the program
 * where it cannot be read.  Release llm with llm_close. */
void stage2_open_llm(struct llm *llm, const struct stage2_options *o);

/* Returns a digest of the LLM's files (llm_digest).  Ends the program where they cannot
 * be read, and where a rank has others on its disk than rank 0. */
uint64_t stage2_agree_llm(const struct stage2_options *o);

/* Says how many items of histories had no room in the model's context, where there are
 * any.  of is what the histories belong to ("cand.test"), "" where that is clear. */
void stage2_say_dropped(const char *of, long items);

/* Everything that stage 2 borrows, owned in one place. */
struct stage2_data {
    struct stage2 stage2;
    struct template template;
    struct history history;
    struct texts short_titles; /* none where titles are as they are */
    long max_title;            /* tokens of a title, 0: as it is */
    float *own_items;          /* random or mixed, instead of the stream's, else NULL */
    struct item_scorer scorer; /* of the guess, where there is one */
    float *random_users;       /* (users, user_in) */
    int user_in;               /* width of user vectors, 0 without users */
    bool random;               /* users are random */
    uint64_t random_seed;
};

/* Tells f what to keep of the input, before filter_read. */
void stage2_keep(struct filter *f, const struct stage2_options *o);

/* Takes the kept tensors into d.  llm must outlive d.  Ends the program where a tensor is
 * missing or of a wrong shape.  Release d with stage2_data_free. */
void stage2_data_load(struct stage2_data *d, struct filter *f, const struct llm *llm,
                      const struct stage2_options *o);
void stage2_data_free(struct stage2_data *d);

/* Writes the digest of the item vectors' tensor into text, or "" without items: what
 * projections remember of their inputs. */
void stage2_items_digest(struct filter *f, const struct stage2_options *o,
                         char text[DIGEST_TEXT]);

/* Takes the width of user vectors from any tensor of them (n, width), and draws random
 * ones where the options ask for them. */
void stage2_data_users(struct stage2_data *d, const struct tensor *vectors);

/* Returns row `row` of vectors (n, user_in) of the stream, or the user's random vector;
 * NULL where the row holds NaN. */
const float *stage2_user_vector(const struct stage2_data *d, const struct tensor *vectors,
                                int64_t row, int user);

/* Returns the user at the first interaction of the split, or behind every interaction:
 * SPLIT_NEXT, or a user without one of the split.  vectors (users, user_in) are those of
 * that moment; NULL: prompts are without users. */
struct example stage2_example(const struct stage2_data *d, int user, int split,
                              const struct tensor *vectors);

#endif
