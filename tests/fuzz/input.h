/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the targets share. */
#ifndef VMSUITE_TESTS_FUZZ_INPUT_H
#define VMSUITE_TESTS_FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* libFuzzer's entry points, which no header of its declares. */
int LLVMFuzzerInitialize(int *n_arguments, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, which is a finding. */
void require(bool truth);

/* A file in memory that holds the input, for what reads by path: the path, valid until the next call. */
const char *input_file(const void *bytes, size_t size);

#endif
