#include "knobs.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool turn(struct plant *plant, const char *name, double value)
{
    const bool on = value != 0.0;

    if (strcmp(name, "temperature_c") == 0 && value >= -50.0 && value <= 200.0) {
        plant->battery.temperature_c = value;
    } else if (strcmp(name, "soc_pct") == 0 && value >= 0.0 && value <= 100.0 && plant_occupied(plant)) {
        plant->battery.charge_ah = battery_capacity_ah(&plant->battery) * value / 100.0;
    } else if (strcmp(name, "connector_mated") == 0) {
        plant->mated = on;
    } else if (strcmp(name, "smoke") == 0) {
        plant->smoke = on;
    } else if (strcmp(name, "module_fault") == 0) {
        plant->module_fault = on;
    } else if (strcmp(name, "bms_silent") == 0) {
        plant->bms_silent = on;
    } else {
        return false;
    }
    return true;
}

static void take_line(const char *line, struct plant *plant)
{
    char name[KNOBS_LINE];
    double value;

    if (sscanf(line, "%127s %lf", name, &value) != 2 || !turn(plant, name, value)) {
        fprintf(stderr, "no knob: allowed are temperature_c -50..200, soc_pct 0..100, connector_mated, smoke, "
                        "module_fault, bms_silent 0 or 1\n");
    }
}

void knobs_read(struct knobs *knobs, struct plant *plant)
{
    struct pollfd waiting = {STDIN_FILENO, POLLIN, 0};
    char data[KNOBS_LINE];
    ssize_t count, i;

    if (knobs->ended || poll(&waiting, 1, 0) <= 0) {
        return;
    }
    count = read(STDIN_FILENO, data, sizeof(data));
    knobs->ended = count <= 0;
    for (i = 0; i < count; i++) {
        if (data[i] != '\n') {
            knobs->line[knobs->length] = data[i];
            knobs->length = knobs->length < KNOBS_LINE - 1 ? knobs->length + 1 : 0;
            continue;
        }
        knobs->line[knobs->length] = '\0';
        knobs->length = 0;
        take_line(knobs->line, plant);
    }
}
