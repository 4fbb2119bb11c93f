/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passwords in the address of a store: nobody but the server is to see them. */
#ifndef VMSUITE_RESULTS_HISTORY_DATABASE_ADDRESS_H
#define VMSUITE_RESULTS_HISTORY_DATABASE_ADDRESS_H

/* Writes '*' over each password in a text that is, or ends in, an address such as
 * "postgresql://user:PASSWORD@host" or "...?password=PASSWORD". Returns how many bytes were hidden. */
unsigned address_hide(char *text);

/* Writes '*' over what in `text` is a password of the address `where`, as it stands there. */
void address_hide_in(char *text, const char *where);

#endif
