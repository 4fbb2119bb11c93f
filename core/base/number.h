/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers between JSON text and double, exactly: reading gives the nearest double (ties to even, as strtod
 * does), and writing the shortest text that reads back to the same. */
#ifndef VMSUITE_CORE_BASE_NUMBER_H
#define VMSUITE_CORE_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct number {
    double value;
    bool is_whole; /* neither point nor exponent, and it fits `whole` */
    int64_t whole;
};

/* Reads the number at the start of a NUL-terminated text, in the grammar of JSON. Returns the place behind
 * it, or NULL: no number, or beyond the largest double. */
const char *number_read(const char *text, struct number *ret_number);

/* Writes a finite number as JSON; one without fraction ends in ".0", so that it stays what it is for readers
 * that distinguish whole numbers from others. Returns the length. */
#define NUMBER_TEXT_SIZE 32
size_t number_write(double number, char ret_text[static NUMBER_TEXT_SIZE]);

/* The same for formats where a number is a number: without ".0", and "nan", "inf" or "-inf" for those. */
int number_format(double number, char ret_text[static NUMBER_TEXT_SIZE]);

#endif
