/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "udp/datagram.h"

#include <endian.h>
#include <string.h>

static size_t cookie_part(size_t size) {
    return size <= 8 ? 0 : size - 8 < VMS_COOKIE_SIZE ? size - 8 : VMS_COOKIE_SIZE;
}

void datagram_set_cookie(void *datagram, size_t size, const uint8_t *cookie) {
    if (cookie_part(size) > 0)
        memcpy((char *)datagram + 8, cookie, cookie_part(size));
}

bool datagram_has_cookie(const void *datagram, size_t size, const uint8_t *cookie) {
    return cookie_part(size) == 0 || memcmp((const char *)datagram + 8, cookie, cookie_part(size)) == 0;
}

static void put_le64(void *at, uint64_t value) {
    uint64_t value_le = htole64(value);

    memcpy(at, &value_le, sizeof(value_le));
}

static uint64_t get_le64(const void *at) {
    uint64_t value_le;

    memcpy(&value_le, at, sizeof(value_le));
    return le64toh(value_le);
}

void datagram_set_number(void *datagram, uint64_t number) {
    put_le64(datagram, number);
}

uint64_t datagram_number(const void *datagram) {
    return get_le64(datagram);
}

void datagram_set_time(void *datagram, uint64_t time_ns) {
    put_le64((char *)datagram + DATAGRAM_TIME_OFFSET, time_ns);
}

uint64_t datagram_time(const void *datagram) {
    return get_le64((const char *)datagram + DATAGRAM_TIME_OFFSET);
}
