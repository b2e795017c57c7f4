/* What the items of data-synth are called: the words tell the cluster. */
#include "data/synth.h"
#include "data/synth_parts.h"
#include "util/rng.h"

#include <stdio.h>
#include <string.h>

#define WORDS 8

/* Clusters beyond the last genre are told apart by a made-up name as well. */
static const struct genre {
    const char *name, *first[WORDS], *second[WORDS];
} genres[] = {
    { "Western",
      { "Dusty", "Lonesome", "Wild", "Desert",
        "Rugged", "Outlaw", "Prairie", "Frontier" },
      { "Rider", "Saddle", "Ranch", "Canyon",
        "Sheriff", "Stagecoach", "Saloon", "Trail" } },
    { "Romance",
      { "Tender", "Secret", "Gentle", "Beloved",
        "Summer", "Faithful", "Sweet", "Jealous" },
      { "Kiss", "Wedding", "Letter", "Heart", "Bride", "Embrace", "Promise", "Lover" } },
    { "Horror",
      { "Haunted", "Bloody", "Cursed", "Silent",
        "Rotting", "Evil", "Screaming", "Dead" },
      { "Grave", "Ghost", "Cellar", "Vampire",
        "Nightmare", "Coffin", "Zombie", "Crypt" } },
    { "Science Fiction",
      { "Cosmic", "Electric", "Frozen", "Distant",
        "Quantum", "Lunar", "Stellar", "Alien" },
      { "Planet", "Robot", "Orbit", "Signal",
        "Android", "Starship", "Galaxy", "Comet" } },
    { "Comedy",
      { "Crazy", "Clumsy", "Merry", "Lucky", "Silly", "Giggling", "Goofy", "Foolish" },
      { "Uncle", "Parrot", "Picnic", "Waiter",
        "Clown", "Prank", "Holiday", "Neighbour" } },
    { "War",
      { "Fallen", "Wounded", "Brave", "Besieged",
        "Armoured", "Enlisted", "Heroic", "Last" },
      { "Soldier", "Trench", "Battalion", "Bunker",
        "Captain", "Bridge", "Tank", "Medal" } },
    { "Cooking",
      { "Spicy", "Roasted", "Buttered", "Crispy",
        "Savoury", "Smoked", "Baked", "Fresh" },
      { "Kitchen", "Soup", "Oven", "Noodle", "Recipe", "Baker", "Pepper", "Feast" } },
    { "Sport",
      { "Winning", "Olympic", "Racing", "Golden",
        "Undefeated", "Sweaty", "Champion", "Fast" },
      { "Goal", "Boxer", "Marathon", "Stadium",
        "Coach", "Trophy", "Sprint", "League" } },
    { "Music",
      { "Acoustic", "Loud", "Singing", "Melodic",
        "Jazzy", "Orchestral", "Dancing", "Rhythmic" },
      { "Guitar", "Choir", "Concert", "Drummer",
        "Violin", "Ballad", "Piano", "Trumpet" } },
    { "Nature",
      { "Green", "Mossy", "Blooming", "Feathered",
        "Misty", "Wooded", "Tropical", "Untamed" },
      { "Forest", "River", "Otter", "Meadow", "Eagle", "Orchid", "Glacier", "Jungle" } },
    { "Crime",
      { "Stolen", "Crooked", "Guilty", "Hidden",
        "Murderous", "Corrupt", "Ruthless", "Wanted" },
      { "Detective", "Heist", "Alibi", "Gangster",
        "Ransom", "Verdict", "Witness", "Thief" } },
    { "Sailing",
      { "Drifting", "Stormy", "Salty", "Sunken",
        "Seaworthy", "Shipwrecked", "Windward", "Deep" },
      { "Captain's Log", "Harbour", "Anchor", "Pirate",
        "Lighthouse", "Whale", "Sail", "Reef" } },
};

enum { GENRES = sizeof genres / sizeof *genres };

static const struct genre *genre_of(const struct synth *s, int item)
{
    return &genres[synth_cluster(s, item) % GENRES];
}

/* "Kelora": syllables of the cluster's number beyond the genres, "" for the first. */
static void write_name(const struct synth *s, int item, char *text, size_t size)
{
    static const char *const syllables[] = { "ka", "lo", "mi", "ru", "te",
                                             "vo", "za", "ne", "si", "du" };
    int beyond = synth_cluster(s, item) / GENRES;
    size_t used = 0;

    text[0] = 0;
    for (; beyond > 0 && used + 3 < size; beyond /= 10, used += 2)
        memcpy(text + used, syllables[beyond % 10], 3);
    if (used > 0) {
        memcpy(text + used, "ra", 3);
        text[0] = (char)(text[0] - 'a' + 'A');
    }
}

void synth_title(const struct synth *s, int item, char *text)
{
    const struct genre *g = genre_of(s, item);
    int rank = s->place_of[item] / s->shape.clusters;
    int pair = rank % (WORDS * WORDS), again = rank / (WORDS * WORDS);
    char name[32], number[16] = "";

    write_name(s, item, name, sizeof name);
    if (again > 0)
        snprintf(number, sizeof number, " %d", again + 1);
    snprintf(text, SYNTH_TEXT, "%s %s%s%s%s", g->first[(pair + pair / WORDS) % WORDS],
             g->second[pair % WORDS], name[0] ? " of " : "", name, number);
}

void synth_genre(const struct synth *s, int item, char *text)
{
    char name[32];

    write_name(s, item, name, sizeof name);
    snprintf(text, SYNTH_TEXT, "%s%s%s", genre_of(s, item)->name, name[0] ? " " : "",
             name);
}

void synth_description(const struct synth *s, int item, char *text)
{
    const struct genre *g = genre_of(s, item);
    rng r = rng_keyed("data-synth description", s->shape.seed, 0, (uint64_t)item);
    const char *word[5];
    char genre[SYNTH_TEXT];

    for (int i = 0; i < 5; i++)
        word[i] = (i % 2 ? g->second : g->first)[rng_below(&r, WORDS)];
    synth_genre(s, item, genre);
    snprintf(text, SYNTH_TEXT, "%.80s: the %s %s meets a %s %s, and everything turns %s.",
             genre, word[0], word[1], word[2], word[3], word[4]);
}
