/* Words as paths of code points: which words begin here?  Edges lie in one hash table. */
#ifndef TEXT_TRIE_H
#define TEXT_TRIE_H

#include <stddef.h>
#include <stdint.h>

struct trie_edge {
    uint64_t key; /* (node + 1) << 32 | symbol; 0: a free place */
    int node;     /* where the edge leads */
};

/* All zero: empty.  Node 0 is the root. */
struct trie {
    struct trie_edge *edge; /* open addressing, a power of two of them */
    size_t places, edges;
    int *value; /* (nodes) of the word that ends at a node, -1: none does */
    size_t nodes, room;
};

/* Adds the word of n symbols, or gives it another value; value is 0 or more. */
void trie_add(struct trie *t, const int32_t *word, long n, int value);

/* Returns the node behind the edge, -1 where there is none. */
int trie_step(const struct trie *t, int node, int32_t symbol);

/* Returns the value of the word that ends at a node, -1 where none does. */
int trie_value(const struct trie *t, int node);

/* Returns the value of the word of n symbols, -1 where there is none. */
int trie_find(const struct trie *t, const int32_t *word, long n);

/* Returns the value of the longest word that the n symbols begin with and writes its
 * length; -1 where there is none. */
int trie_longest(const struct trie *t, const int32_t *text, long n, long *length);

void trie_free(struct trie *t);

#endif
