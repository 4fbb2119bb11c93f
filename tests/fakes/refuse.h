/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stands between a loaded module and the functions that it calls of the C library and of hwloc: counts its
 * calls, refuses one of them, and keeps an account of what the module holds. Calls of others, the C
 * library's own among them, go their way. */
#ifndef VMSUITE_TESTS_FAKES_REFUSE_H
#define VMSUITE_TESTS_FAKES_REFUSE_H

#include <stddef.h>

/* Stands before NAME.so below VMSUITE_MODULE_PATH, which is loaded; fails the test where that fails. */
void refuse_stand_before(const char *module);
/* The call-th call of a function (1: the first) from now on fails with this error number; NULL: none does.
 * The counts begin again. A function that stands for several, as recv for __recv_chk, has the short name. */
void refuse_call(const char *name, unsigned call, int number);
/* How often the module called the index-th function, which is named; NULL behind the last. */
const char *refuse_function(size_t index, unsigned *ret_calls);

/* What the module has taken and not given back, in words; "" where it is nothing. */
const char *refuse_held(void);
/* Forgets what is held. */
void refuse_forget(void);

#endif
