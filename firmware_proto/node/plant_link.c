#include "plant_link.h"

#include <stdio.h>
#include <string.h>

#include "json_line.h"

#define PERIOD_MS 100u
#define SILENT_MS 1000u
#define HIGHEST_SPEED 200.0

void plant_link_init(struct plant_link *link, const char *address, uint8_t bay)
{
    memset(link, 0, sizeof(*link));
    stream_init(&link->stream, address);
    link->bay = bay;
}

static bool read_sensors(const char *line, struct plant *plant, double *speed)
{
    return json_truth(line, "presence_a", &plant->presence_a) && json_truth(line, "presence_b", &plant->presence_b)
        && json_truth(line, "mated", &plant->mated) && json_truth(line, "smoke", &plant->smoke)
        && json_truth(line, "module_fault", &plant->module_fault) && json_truth(line, "bms_silent", &plant->bms_silent)
        && json_number(line, "bay_temperature_c", &plant->bay_temperature_c) && json_number(line, "speed", speed)
        && *speed >= 0.0 && *speed <= HIGHEST_SPEED;
}

static bool within_limits(const struct battery *battery, double soc_pct, double serial)
{
    return battery->energy_kwh > 0.0 && battery->energy_kwh <= 6553.0 && battery->max_voltage_v >= CELL_MAX_V
        && battery->max_voltage_v <= 256 * CELL_MAX_V && battery->max_current_a >= 0.0 && battery->max_current_a <= 400.0
        && battery->temperature_c >= -50.0 && battery->temperature_c <= 200.0 && soc_pct >= 0.0 && soc_pct <= 100.0
        && serial >= 0.0 && serial < 4294967295.0;
}

static bool read_battery(const char *line, struct battery *battery, double *soc_pct)
{
    double serial;

    memset(battery, 0, sizeof(*battery));
    if (!json_text(line, "battery", battery->name, sizeof(battery->name))) {
        return false;
    }
    if (battery->name[0] == '\0') {
        return true;
    }
    if (!json_text(line, "maker", battery->maker, sizeof(battery->maker)) || !json_number(line, "serial", &serial)
        || !json_number(line, "energy_kwh", &battery->energy_kwh)
        || !json_number(line, "max_voltage_v", &battery->max_voltage_v)
        || !json_number(line, "max_current_a", &battery->max_current_a)
        || !json_number(line, "temperature_c", &battery->temperature_c) || !json_number(line, "soc_pct", soc_pct)
        || !within_limits(battery, *soc_pct, serial)) {
        return false;
    }
    battery->serial = (uint32_t)serial;
    return true;
}

/* Take a whole line; nothing of it is used unless all of it can be read. */
static bool take_line(struct plant_link *link, struct plant *plant, double *speed, uint64_t now_ms)
{
    struct plant sensed = *plant;
    struct battery battery;
    double soc_pct = 0.0, told_speed;
    bool changed;

    if (!read_sensors(link->line, &sensed, &told_speed) || !read_battery(link->line, &battery, &soc_pct)) {
        link->malformed++;
        return false;
    }
    *plant = sensed;
    *speed = told_speed;
    plant->sensed = true;
    link->heard_ms = now_ms;
    changed = strcmp(battery.name, plant->battery.name) != 0;
    if (changed && battery.name[0] != '\0') {
        plant_put(plant, &battery, soc_pct);
    } else if (changed) {
        plant_take_out(plant);
    }
    return changed;
}

bool plant_link_receive(struct plant_link *link, struct plant *plant, double *speed, uint64_t now_ms)
{
    char data[PLANT_LINE];
    const size_t count = stream_read(&link->stream, data, sizeof(data));
    bool changed = false;
    size_t i;

    for (i = 0; i < count; i++) {
        if (data[i] != '\n') {
            link->line[link->length] = data[i];
            link->length = link->length < PLANT_LINE - 1 ? link->length + 1 : 0; /* what is too long is no line */
            continue;
        }
        link->line[link->length] = '\0';
        link->length = 0;
        changed = take_line(link, plant, speed, now_ms) || changed;
    }
    return changed;
}

static void put_report(struct plant_link *link, const struct plant *plant)
{
    const struct battery *const battery = &plant->battery;
    const bool occupied = plant_occupied(plant);
    char line[PLANT_LINE];
    const int length = snprintf(
        line, sizeof(line),
        "{\"do\": \"external_bay\", \"bay\": %u, \"battery\": \"%s\", \"soc_pct\": %.5f, \"temperature_c\": %.3f, "
        "\"enabled\": %s, \"voltage_v\": %.2f, \"current_a\": %.3f, \"contactor_closed\": %s, "
        "\"battery_contactor_closed\": %s}\n",
        link->bay, battery->name, occupied ? battery_soc_pct(battery) : 0.0, battery->temperature_c,
        plant->modules.enabled ? "true" : "false", plant->modules.voltage_v, plant->modules.current_a,
        plant->contactor_closed ? "true" : "false", battery->contactor_closed ? "true" : "false");

    if (length > 0 && (size_t)length < sizeof(line)) {
        stream_put(&link->stream, line, (size_t)length);
    }
}

void plant_link_due(struct plant_link *link, struct plant *plant, uint64_t now_ms)
{
    if (stream_open(&link->stream, now_ms)) {
        link->length = 0;
    }
    if (plant->sensed && now_ms - link->heard_ms > SILENT_MS) {
        plant->sensed = plant->mated = false;
    }
    if (link->stream.fd >= 0 && now_ms >= link->next_ms) {
        link->next_ms = now_ms + PERIOD_MS;
        put_report(link, plant);
    }
    stream_flush(&link->stream);
}
