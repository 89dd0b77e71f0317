#include "json_line.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *after_key(const char *line, const char *key)
{
    const size_t length = strlen(key);
    const char *at = line;

    while ((at = strchr(at, '"')) != NULL) {
        const char *const name = ++at;

        if (strncmp(name, key, length) == 0 && name[length] == '"') {
            at = name + length + 1;
            at += strspn(at, " ");
            if (*at == ':') {
                return at + 1 + strspn(at + 1, " ");
            }
        }
    }
    return NULL;
}

bool json_number(const char *line, const char *key, double *value)
{
    const char *const at = after_key(line, key);
    char *end;

    if (at == NULL) {
        return false;
    }
    *value = strtod(at, &end);
    return end != at && isfinite(*value);
}

bool json_truth(const char *line, const char *key, bool *value)
{
    const char *const at = after_key(line, key);

    if (at == NULL) {
        return false;
    }
    *value = strncmp(at, "true", 4) == 0;
    return *value || strncmp(at, "false", 5) == 0;
}

bool json_text(const char *line, const char *key, char *value, size_t size)
{
    const char *const at = after_key(line, key);
    size_t length;

    if (at == NULL) {
        return false;
    }
    if (strncmp(at, "null", 4) == 0) {
        value[0] = '\0';
        return true;
    }
    length = *at == '"' ? strcspn(at + 1, "\"\\") : size;
    if (length >= size || at[1 + length] != '"') {
        return false;
    }
    memcpy(value, at + 1, length);
    value[length] = '\0';
    return true;
}
