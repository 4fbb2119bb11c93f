/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantities between text and numbers: "64KiB", "10s", "100Mbit/s", both ways. */
#ifndef VMSUITE_CORE_BASE_UNITS_H
#define VMSUITE_CORE_BASE_UNITS_H

#include <vmsuite/module.h>

#define UNITS_TEXT_SIZE 48

/* Bytes: digits with an optional fraction and one of B, kB, MB, GB, TB (powers of 1000), KiB, MiB, GiB,
 * TiB, or K, M, G, T (powers of 1024, as dd and fio read them); a space may stand before the suffix.
 * The result must be whole and fit 64 bits. -EINVAL with a sentence otherwise. */
int units_parse_bytes(const char *text, uint64_t *ret_bytes, struct vms_error *error);

/* A whole number without suffix. */
int units_parse_count(const char *text, uint64_t *ret_count, struct vms_error *error);

/* Seconds: a number with an optional ns, us, ms, s, min or h; finite and not negative. */
int units_parse_seconds(const char *text, double *ret_seconds, struct vms_error *error);

/* A rate in bit/s: a number with an optional bit/s, kbit/s, Mbit/s, Gbit/s (powers of 1000). */
int units_parse_rate(const char *text, double *ret_rate, struct vms_error *error);

/* The decimal number that the text begins with: digits with a fraction and an exponent, perhaps. Returns what
 * follows it; NULL where there is none: a sign, a blank, "inf", "nan" or what strtod takes as hexadecimal
 * ("0x5") is no such number. */
const char *units_read_number(const char *text, double *ret_number);

/* The shortest text that the parser above reads back to the same value: 65536 -> "64KiB", 0.25 -> "250ms",
 * 1e8 -> "100Mbit/s". */
void units_format_bytes(uint64_t bytes, char ret_text[static UNITS_TEXT_SIZE]);
void units_format_seconds(double seconds, char ret_text[static UNITS_TEXT_SIZE]);
void units_format_rate(double rate, char ret_text[static UNITS_TEXT_SIZE]);

/* A unit's name in records: "B/s", "bit/s", "flop/s", "s", "1/s" or "1". Static. And back: -EINVAL for any
 * other name. */
const char *units_name(enum vms_unit unit);
int units_from_name(const char *name, enum vms_unit *ret_unit);

/* `digits` that matter, as %g has them, but whole where %g would write an exponent: 0.5, 12.3, 1234. */
void units_format_number(double number, int digits, char ret_text[static UNITS_TEXT_SIZE]);

/* Whether it counts what was done in a second, which is never below 0. */
bool units_is_rate(enum vms_unit unit);

/* A metric's value for people, with four significant digits: "312.4 MB/s", "1.234 us", "34.11 k/s". Ratios
 * stay plain numbers, never per cent. Mega is 10^6 throughout. */
void units_format_value(double value, enum vms_unit unit, char ret_text[static UNITS_TEXT_SIZE]);

#endif
