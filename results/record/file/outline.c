/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/file/outline.h"

#include "record/text/skip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NO_OBJECT "not a JSON object, or cut short"
#define NO_BEGIN "a record begins with '{', as `vmsuite run` writes it"
#define NO_END "the file ends before its JSON object does: it was cut short"
#define NO_MORE "the file continues after its JSON object"
#define NO_ARRAY "\"cases\" must be an array"

static int refuse(const char **ret_sentence, const char *sentence) {
    *ret_sentence = sentence;
    return -EINVAL;
}

/* What stands before the record's '{' or behind its '}'. */
static int refuse_outside(const struct outline *outline, const char **ret_sentence) {
    return refuse(ret_sentence, outline->expected == OUTLINE_END ? NO_MORE : NO_BEGIN);
}

static int add_extent(struct extent_list *list, struct extent extent) {
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 64;
        struct extent *grown = reallocarray(list->extents, capacity, sizeof(*grown));

        if (!grown)
            return -ENOMEM;
        list->extents = grown;
        list->capacity = capacity;
    }
    list->extents[list->n++] = extent;
    return 0;
}

/* Begins a member with its key, whose end is unknown yet. */
static int add_member(struct outline *outline) {
    struct outline_member *grown = reallocarray(outline->members, outline->n_members + 1, sizeof(*grown));

    if (!grown)
        return -ENOMEM;
    outline->members = grown;
    grown[outline->n_members++] = (struct outline_member){.key = {outline->at + 1, 0}};
    outline->key_length = 0;
    return 0;
}

/* The key ends here; that of the cases is taken back from the members. */
static void end_key(struct outline *outline) {
    outline->members[outline->n_members - 1].key.end = outline->at;
    outline->in_cases = outline->key_length == 5 && memcmp(outline->key, "cases", 5) == 0;
    if (outline->in_cases)
        outline->n_members--;
    outline->expected = OUTLINE_COLON;
}

/* Whether a member may end here. */
static bool is_in_value(const struct outline *outline) {
    return outline->expected == OUTLINE_VALUE || outline->expected == OUTLINE_BEHIND_CASES;
}

/* A member's value ends here. */
static int end_member(struct outline *outline, const char **ret_sentence) {
    if (outline->in_cases && outline->expected != OUTLINE_BEHIND_CASES)
        return refuse(ret_sentence, NO_ARRAY);
    if (!outline->has_content)
        return refuse(ret_sentence, NO_OBJECT);
    if (!outline->in_cases)
        outline->members[outline->n_members - 1].value = (struct extent){outline->start, outline->at};
    outline->in_cases = false;
    outline->has_content = false;
    return 0;
}

/* A bracket that belongs to the record itself. */
static int open_shallow(struct outline *outline, char c, const char **ret_sentence) {
    if (outline->depth == 0 && (c != '{' || outline->expected != OUTLINE_BEGIN))
        return refuse_outside(outline, ret_sentence);
    if (outline->depth == 0) {
        outline->expected = OUTLINE_KEY;
    } else if (outline->depth == 1 && outline->expected != OUTLINE_VALUE) {
        return refuse(ret_sentence, NO_OBJECT);
    } else if (outline->depth == 1 && outline->in_cases) {
        if (c != '[' || outline->has_content)
            return refuse(ret_sentence, NO_ARRAY);
        if (outline->has_cases)
            return refuse(ret_sentence, "\"cases\" appears twice");
        outline->has_cases = true;
        outline->start = outline->at + 1;
    }
    outline->has_content = outline->depth == 2 || (outline->depth == 1 && !outline->in_cases);
    outline->depth++;
    return 0;
}

static int end_case(struct outline *outline, char c, const char **ret_sentence) {
    struct extent extent = {outline->start, outline->at};

    outline->start = outline->at + 1;
    if (outline->has_content) {
        outline->has_content = false;
        return add_extent(&outline->cases, extent);
    }
    return c == ']' && outline->cases.n == 0 ? 0 : refuse(ret_sentence, NO_OBJECT);
}

static int close_shallow(struct outline *outline, char c, const char **ret_sentence) {
    int status = 0;

    if (outline->depth == 2 && outline->in_cases) {
        status = c == ']' ? end_case(outline, c, ret_sentence) : refuse(ret_sentence, NO_OBJECT);
        outline->has_content = true; /* of the member */
        outline->expected = OUTLINE_BEHIND_CASES;
    } else if (outline->depth == 1) {
        bool empty = outline->expected == OUTLINE_KEY && outline->n_members == 0 && !outline->has_cases;

        if (c != '}' || (!empty && !is_in_value(outline)))
            return refuse(ret_sentence, NO_OBJECT);
        status = empty ? 0 : end_member(outline, ret_sentence);
        outline->expected = OUTLINE_END;
    } else if (outline->depth == 0) {
        return refuse_outside(outline, ret_sentence);
    }
    outline->depth--;
    return status;
}

static int begin_string(struct outline *outline, const char **ret_sentence) {
    outline->in_string = true;
    if (outline->depth == 1 && outline->expected == OUTLINE_KEY)
        return add_member(outline);
    if (outline->depth == 0)
        return refuse_outside(outline, ret_sentence);
    outline->has_content = true;
    return outline->depth == 1 && outline->expected != OUTLINE_VALUE ? refuse(ret_sentence, NO_OBJECT) : 0;
}

static int separate(struct outline *outline, const char **ret_sentence) {
    int status;

    if (outline->depth == 2)
        return outline->in_cases ? end_case(outline, ',', ret_sentence) : 0;
    if (outline->depth == 0)
        return refuse_outside(outline, ret_sentence);
    if (!is_in_value(outline))
        return refuse(ret_sentence, NO_OBJECT);
    status = end_member(outline, ret_sentence);
    outline->expected = OUTLINE_KEY;
    return status;
}

/* A byte outside of strings, of the record or the list of its cases. */
static int take_shallow(struct outline *outline, char c, const char **ret_sentence) {
    switch (c) {
    case ' ':
    case '\n':
    case '\r':
    case '\t':
        return 0;
    case '"':
        return begin_string(outline, ret_sentence);
    case '{':
    case '[':
        return open_shallow(outline, c, ret_sentence);
    case '}':
    case ']':
        return close_shallow(outline, c, ret_sentence);
    case ',':
        return separate(outline, ret_sentence);
    case ':':
        if (outline->depth != 1)
            return 0;
        if (outline->expected != OUTLINE_COLON)
            return refuse(ret_sentence, NO_OBJECT);
        outline->expected = OUTLINE_VALUE;
        outline->start = outline->at + 1;
        return 0;
    default:
        outline->has_content = true;
        if (outline->depth == 0)
            return refuse_outside(outline, ret_sentence);
        return outline->depth == 1 && outline->expected != OUTLINE_VALUE ? refuse(ret_sentence, NO_OBJECT)
                                                                         : 0;
    }
}

static bool is_in_key(const struct outline *outline) {
    return outline->depth == 1 && outline->expected == OUTLINE_KEY;
}

/* Notes what belongs to a key. */
static void take_key(struct outline *outline, const char *at, const char *end) {
    while (at < end && outline->key_length < sizeof(outline->key))
        outline->key[outline->key_length++] = *at++;
}

/* Inside of a string, up to its end or that of the piece. */
static const char *pass_string(struct outline *outline, const char *at, const char *end) {
    const char *begin = at;

    while (at < end) {
        if (!outline->escaped)
            at = skip_plain(at, end);
        if (at == end || (*at == '"' && !outline->escaped))
            break;
        outline->escaped = !outline->escaped;
        at++;
    }
    if (is_in_key(outline))
        take_key(outline, begin, at);
    return at;
}

/* The depth below which each byte is looked at. */
static size_t shallow_depth(const struct outline *outline) {
    return outline->in_cases ? 2 : 1;
}

static bool is_shallow(const struct outline *outline) {
    return outline->depth <= shallow_depth(outline);
}

int outline_scan(struct outline *outline, const char *text, size_t length, const char **ret_sentence) {
    const char *at = text, *end = text + length, *unseen = text; /* what is no block yet that was looked at */
    const uint64_t before = outline->at;
    int status = 0;

    while (status == 0) {
        if (at >= unseen && !outline->escaped && !is_shallow(outline)) {
            at = skip_blocks(at, end, shallow_depth(outline), &outline->in_string, &outline->depth);
            unseen = at + SKIP_BLOCK;
        }
        if (outline->in_string)
            at = pass_string(outline, at, end);
        else if (!is_shallow(outline))
            at = skip_to_structure(at, end);
        outline->at = before + (uint64_t)(at - text);
        if (at == end)
            return 0;
        if (outline->in_string) {
            outline->in_string = false;
            if (is_in_key(outline))
                end_key(outline);
        } else if (is_shallow(outline)) {
            status = take_shallow(outline, *at, ret_sentence);
        } else {
            outline->in_string = *at == '"';
            outline->depth += *at == '{' || *at == '[';
            outline->depth -= *at == '}' || *at == ']';
        }
        at++;
    }
    return status;
}

int outline_finish(struct outline *outline, const char **ret_sentence) {
    return outline->expected == OUTLINE_END ? 0
                                            : refuse(ret_sentence, outline->depth > 0 ? NO_END : NO_BEGIN);
}

void outline_done(struct outline *outline) {
    free(outline->members);
    free(outline->cases.extents);
}
