/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Optimal string alignment: edits are insertion, deletion, substitution and the swap of two neighbours, and
 * no part is edited twice (Damerau 1964; Boytsov 2011, "Indexing methods for approximate dictionary
 * searching"). */
#include "base/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LONGEST 127 /* longer words get no suggestion */
#define MOST_EDITS 4

static bool same(char a, char b) {
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Three rows of the table are enough: this one, the last, and the one before for swaps. */
static size_t distance(const char *a, size_t length_a, const char *b, size_t length_b) {
    size_t rows[3][LONGEST + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];

    for (size_t j = 0; j <= length_b; j++)
        last[j] = j;
    for (size_t i = 1; i <= length_a; i++) {
        size_t *spare = before;

        row[0] = i;
        for (size_t j = 1; j <= length_b; j++) {
            row[j] = smaller(last[j - 1] + !same(a[i - 1], b[j - 1]), smaller(last[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                row[j] = smaller(row[j], before[j - 2] + 1);
        }
        before = last;
        last = row;
        row = spare;
    }
    return last[length_b];
}

/* The only candidate that begins with the word, or NULL: "--out" means "--output". */
static const char *completed(const char *word, size_t length, const char *const *candidates,
                             size_t n_candidates) {
    const char *found = NULL;

    for (size_t i = 0; length >= 3 && i < n_candidates; i++) {
        if (strncasecmp(word, candidates[i], length) != 0)
            continue;
        if (found)
            return NULL;
        found = candidates[i];
    }
    return found;
}

const char *suggest_nearest(const char *word, const char *const *candidates, size_t n_candidates) {
    size_t length = strlen(word), limit = length / 3;
    const char *nearest = NULL;

    if (length > LONGEST)
        return NULL;
    limit = limit < 1 ? 1 : smaller(limit, MOST_EDITS);
    for (size_t i = 0; i < n_candidates; i++) {
        size_t candidate_length = strlen(candidates[i]), edits;

        if (candidate_length > LONGEST)
            continue;
        edits = distance(word, length, candidates[i], candidate_length);
        if (edits > limit)
            continue;
        if (edits == 0)
            return candidates[i];
        nearest = candidates[i];
        limit = edits - 1; /* the next one must be nearer */
    }
    return nearest ? nearest : completed(word, length, candidates, n_candidates);
}

const char *suggest_phrase(const char *word, const char *const *candidates, size_t n_candidates,
                           char ret_phrase[static SUGGEST_SIZE]) {
    const char *nearest = suggest_nearest(word, candidates, n_candidates);

    ret_phrase[0] = '\0';
    if (nearest)
        (void)snprintf(ret_phrase, SUGGEST_SIZE, "; did you mean \"%s\"?", nearest);
    return ret_phrase;
}

const char *suggest_list(const char *const *candidates, size_t n_candidates,
                         char ret_list[static SUGGEST_SENTENCE_SIZE]) {
    int length = 0;

    ret_list[0] = '\0';
    for (size_t i = 0; i < n_candidates && length < SUGGEST_SENTENCE_SIZE; i++) {
        const char *before = i == 0 ? "" : i + 1 == n_candidates ? " or " : ", ";

        length += snprintf(ret_list + length, SUGGEST_SENTENCE_SIZE - (size_t)length, "%s%s", before,
                           candidates[i]);
    }
    return ret_list;
}

const char *suggest_choices(const char *word, const char *const *candidates, size_t n_candidates,
                            char ret_sentence[static SUGGEST_SENTENCE_SIZE]) {
    char phrase[SUGGEST_SIZE], list[SUGGEST_SENTENCE_SIZE];
    int length = snprintf(ret_sentence, SUGGEST_SENTENCE_SIZE, "must be%s %s",
                          n_candidates > 2 ? " one of" : "", suggest_list(candidates, n_candidates, list));

    if (length < SUGGEST_SENTENCE_SIZE)
        (void)snprintf(ret_sentence + length, SUGGEST_SENTENCE_SIZE - (size_t)length, ", not \"%.80s\"%s",
                       word, suggest_phrase(word, candidates, n_candidates, phrase));
    return ret_sentence;
}
