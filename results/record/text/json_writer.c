/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/text/json_writer.h"

#include "base/number.h"
#include "base/utf8.h"
#include "record/text/buffer.h"

#include <errno.h>
#include <string.h>

struct writer {
    json_dump_callback_t add;
    void *user;
    enum json_style style;
    struct buffer text; /* of a string */
};

static int put(const struct writer *writer, const char *text) {
    return writer->add(text, strlen(text), writer->user);
}

/* In UTF-16, as JSON has it. */
static void add_ascii(struct buffer *ascii, uint32_t character) {
    char code[16];

    if (character >= 0x10000)
        (void)snprintf(code, sizeof(code), "\\u%04x\\u%04x", 0xd7c0 + (character >> 10),
                       0xdc00 + (character & 0x3ff));
    else
        (void)snprintf(code, sizeof(code), "\\u%04x", character);
    buffer_add_text(ascii, code);
}

static int put_ascii(const struct writer *writer, const char *text) {
    struct buffer ascii = {0};
    uint32_t character;
    int status;

    for (size_t length; *text; text += length) {
        length = utf8_read(text, &character);
        if (length > 1)
            add_ascii(&ascii, character);
        else
            buffer_add_char(&ascii, *text);
        length += length == 0;
    }
    status = ascii.failed ? -ENOMEM : writer->add(ascii.bytes, ascii.length, writer->user);
    buffer_done(&ascii);
    return status;
}

static int put_string(struct writer *writer, const char *string) {
    struct buffer *text = &writer->text;

    text->length = 0;
    buffer_add_json(text, string);
    buffer_add(text, "", 1);
    if (text->failed)
        return -ENOMEM;
    return writer->style == JSON_STYLE_ASCII ? put_ascii(writer, text->bytes)
                                             : writer->add(text->bytes, text->length - 1, writer->user);
}

static int put_break(const struct writer *writer, size_t depth) {
    int status = writer->style == JSON_STYLE_DOCUMENT ? put(writer, "\n") : 0;

    for (size_t i = 0; status == 0 && writer->style == JSON_STYLE_DOCUMENT && i < depth; i++)
        status = put(writer, "  ");
    return status;
}

static int put_value(struct writer *writer, const json_t *json, size_t depth);

/* What stands before a member or an element. */
static int put_separator(const struct writer *writer, bool is_first, size_t depth) {
    int status = is_first ? 0 : put(writer, ",");

    return status == 0 ? put_break(writer, depth + 1) : status;
}

static int put_members(struct writer *writer, const json_t *object, size_t depth) {
    const char *key;
    json_t *value;
    size_t n = 0;
    int status = 0;

    json_object_foreach ((json_t *)object, key, value) {
        if (status == 0)
            status = put_separator(writer, n++ == 0, depth);
        if (status == 0)
            status = put_string(writer, key);
        if (status == 0)
            status = put(writer, writer->style == JSON_STYLE_DOCUMENT ? ": " : ":");
        if (status == 0)
            status = put_value(writer, value, depth + 1);
    }
    return status == 0 && n > 0 ? put_break(writer, depth) : status;
}

static int put_elements(struct writer *writer, const json_t *array, size_t depth) {
    const json_t *value;
    size_t index;
    int status = 0;

    json_array_foreach (array, index, value) {
        if (status == 0)
            status = put_separator(writer, index == 0, depth);
        if (status == 0)
            status = put_value(writer, value, depth + 1);
    }
    return status == 0 && json_array_size(array) > 0 ? put_break(writer, depth) : status;
}

static int put_between(struct writer *writer, const json_t *json, size_t depth) {
    bool is_object = json_is_object(json);
    int status = put(writer, is_object ? "{" : "[");

    if (status == 0)
        status = (is_object ? put_members : put_elements)(writer, json, depth);
    return status == 0 ? put(writer, is_object ? "}" : "]") : status;
}

static int put_value(struct writer *writer, const json_t *json, size_t depth) {
    char number[NUMBER_TEXT_SIZE];

    switch (json_typeof(json)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        return put_between(writer, json, depth);
    case JSON_STRING:
        return put_string(writer, json_string_value(json));
    case JSON_INTEGER:
        (void)snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(json));
        return put(writer, number);
    case JSON_REAL:
        (void)number_write(json_real_value(json), number);
        return put(writer, number);
    case JSON_TRUE:
    case JSON_FALSE:
        return put(writer, json_is_true(json) ? "true" : "false");
    case JSON_NULL:
        break;
    }
    return put(writer, "null");
}

int json_put(const json_t *json, enum json_style style, json_dump_callback_t add, void *user) {
    struct writer writer = {.add = add, .user = user, .style = style};
    int status = json ? put_value(&writer, json, 0) : -EINVAL;

    buffer_done(&writer.text);
    return status;
}

static int add_to_file(const char *text, size_t length, void *file) {
    return fwrite(text, 1, length, file) == length ? 0 : -EIO;
}

static int write_as(FILE *file, const json_t *json, enum json_style style) {
    return json_put(json, style, add_to_file, file) != 0 || fputc('\n', file) == EOF ? -EIO : 0;
}

int json_write(FILE *file, const json_t *json) {
    return write_as(file, json, JSON_STYLE_DOCUMENT);
}

int json_write_line(FILE *file, const json_t *json) {
    return write_as(file, json, JSON_STYLE_ASCII);
}

static int add_to_buffer(const char *text, size_t length, void *buffer) {
    buffer_add(buffer, text, length);
    return 0;
}

char *json_line(const json_t *json) {
    struct buffer line = {0};

    if (json_put(json, JSON_STYLE_LINE, add_to_buffer, &line) != 0)
        line.failed = true;
    return buffer_take(&line);
}
