/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The targets of documents that users write: each is a file that defines document_try. */
#ifndef VMSUITE_TESTS_FUZZ_DOCUMENTS_H
#define VMSUITE_TESTS_FUZZ_DOCUMENTS_H

#include "module/loader.h"
#include "json/document.h"

/* Reads the document as the program does. What is wrong is in its problems. */
void document_try(const struct document *document, const struct module_list *modules);

/* Reads what the program made of a valid document as a document of its own, with `read`: nothing is wrong
 * with it. */
void document_again(const json_t *json, const struct module_list *modules,
                    void (*read)(const struct document *document, const struct module_list *modules));

#endif
