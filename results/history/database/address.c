/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/database/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define PARAMETER "password="
#define PART_MIN 2 /* characters of a password that are worth hiding by themselves */

struct stretch {
    size_t at, length;
};

/* Between "//user:" and the "@". An address that is wrong may lack the "@": then what is no port is taken for
 * a password, but not the colons of "//[::1]:5432". */
static struct stretch find_user_password(const char *address) {
    const char *start = strstr(address, "://"), *colon, *at, *end;

    if (!start)
        return (struct stretch){0, 0};
    start += strlen("://");
    at = strrchr(start, '@');
    end = at ? at : start + strcspn(start, "/?");
    colon = at || *start != '[' ? memchr(start, ':', (size_t)(end - start)) : NULL;
    if (!colon || (!at && strspn(colon + 1, "0123456789,") == (size_t)(end - colon - 1)))
        return (struct stretch){0, 0};
    return (struct stretch){(size_t)(colon + 1 - address), (size_t)(end - colon - 1)};
}

/* The first behind "password=" or "sslpassword=" from `from` on that is not empty. */
static struct stretch find_parameter(const char *address, size_t from) {
    const char *found = strstr(address, "://") ? strstr(address + from, PARAMETER) : NULL;

    for (; found; found = strstr(found, PARAMETER)) {
        size_t length;

        found += strlen(PARAMETER);
        length = strcspn(found, "&");
        if (length > 0)
            return (struct stretch){(size_t)(found - address), length};
    }
    return (struct stretch){0, 0};
}

/* The next password from *from on, which goes behind it. */
static bool next(const char *address, size_t *from, struct stretch *ret) {
    *ret = *from == 0 ? find_user_password(address) : (struct stretch){0, 0};
    if (ret->length == 0)
        *ret = find_parameter(address, *from);
    *from = ret->at + ret->length;
    return ret->length > 0;
}

unsigned address_hide(char *text) {
    struct stretch secret;
    unsigned hidden = 0;

    for (size_t from = 0; next(text, &from, &secret); hidden += (unsigned)secret.length)
        memset(text + secret.at, '*', secret.length);
    return hidden;
}

static void hide_each(char *text, const char *secret, size_t length) {
    for (char *at = text; (at = memmem(at, strlen(at), secret, length)); at += length)
        memset(at, '*', length);
}

void address_hide_in(char *text, const char *where) {
    struct stretch secret;

    for (size_t from = 0; next(where, &from, &secret);) {
        const char *end = where + secret.at + secret.length;

        /* One that was not percent-encoded is taken for several parts, each of which may be quoted. */
        for (const char *part = where + secret.at; part < end; part++) {
            size_t length = strcspn(part, ":@/?[]");

            length = length < (size_t)(end - part) ? length : (size_t)(end - part);
            if (length >= PART_MIN)
                hide_each(text, part, length);
            part += length;
        }
    }
}
