/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Building blocks for JSON that other programs read without loss, and the words of the tables. */
#ifndef VMSUITE_RESULTS_RECORD_VALUE_H
#define VMSUITE_RESULTS_RECORD_VALUE_H

#include <jansson.h>
#include <vmsuite/module.h>

/* All give a new reference, or NULL without memory. */

/* A number; null where it is not finite. */
json_t *value_number(double number);

/* [from, to]; null where an end is not finite. */
json_t *value_interval(const double interval[2]);
/* A whole number; text beyond 2^53, which readers with doubles would round. */
json_t *value_whole(uint64_t number);
/* The reverse of value_whole. -EINVAL where `json` is neither. */
int value_read_whole(const json_t *json, uint64_t *ret_number);
/* A text; null for NULL. Bytes that are not UTF-8, and NULs, become U+FFFD. */
json_t *value_text(const char *text);
/* A parameter's value with the type of its kind: numbers in base units, booleans, text for the rest. */
json_t *value_param(const struct vms_param *param, const union vms_value *value);

/* Puts `value` (taken over, may be NULL) under `key`. 0, or -1 where it or the object is NULL: the results
 * of many can be or-ed. */
int value_set(json_t *object, const char *key, json_t *value);
/* `object`, or NULL (and the object let go) where `failed`: the end of a chain of value_set. */
json_t *value_finish(json_t *object, int failed);

/* The words of records. And back: -EINVAL where the word is none of these. */

/* "network", "memory", "disk", "cpu". */
const char *value_resource_name(enum vms_resource resource);
int value_resource_from_name(const char *name, enum vms_resource *ret_resource);
/* "higher", "lower", "neither". */
const char *value_better_name(enum vms_better better);
int value_better_from_name(const char *name, enum vms_better *ret_better);
/* "local", "sender", "receiver". */
const char *value_side_name(enum vms_side side);
int value_side_from_name(const char *name, enum vms_side *ret_side);
/* "scalar", "distribution". */
const char *value_shape_name(enum vms_shape shape);
int value_shape_from_name(const char *name, enum vms_shape *ret_shape);

#endif
