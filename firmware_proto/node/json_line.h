/* Values of a flat JSON object on one line, by key; false when the key is missing or its value is of another kind. */
#ifndef JSON_LINE_H
#define JSON_LINE_H

#include <stdbool.h>
#include <stddef.h>

bool json_number(const char *line, const char *key, double *value);
bool json_truth(const char *line, const char *key, bool *value);

/* A text without escapes that fits into `size` with its NUL; null reads as the empty text. */
bool json_text(const char *line, const char *key, char *value, size_t size);

#endif
