/* A tiny physical model of one bay: an LFP battery, the charging modules and the bay contactor, in plant seconds.

The curve and the constants are those of the station simulator (swapstation/simulation/plant), so that both charge alike. */
#ifndef PLANT_H
#define PLANT_H

#include <stdbool.h>
#include <stdint.h>

#define PLANT_NAME 64u
#define CELL_MAX_V 3.65
#define CELL_NOMINAL_V 3.22

struct battery {
    char name[PLANT_NAME]; /* asset id; empty = the bay is empty */
    char maker[5];
    uint32_t serial;
    double energy_kwh, max_voltage_v, max_current_a; /* ratings */
    unsigned cells;
    double charge_ah, temperature_c, current_a; /* current positive into the battery */
    bool contactor_closed;
};

struct modules {
    bool enabled;
    double set_voltage_v, set_current_a, voltage_v, current_a;
};

struct plant {
    bool sensed; /* false: the sensors below are not known now */
    bool presence_a, presence_b, mated, smoke, module_fault, bms_silent;
    double bay_temperature_c;
    bool contactor_closed;
    struct modules modules;
    struct battery battery;
};

/* An empty bay at 25 degC. */
void plant_init(struct plant *plant);

/* Put in a battery whose name and ratings are filled in; the charge follows from the SOC. */
void plant_put(struct plant *plant, const struct battery *battery, double soc_pct);

/* Take the battery out: its contactors are open then, and no current flows. */
void plant_take_out(struct plant *plant);

bool plant_occupied(const struct plant *plant);

/* Open the bay contactor unless it carries more than 5 A. */
void plant_open_contactor(struct plant *plant);

/* Let plant time pass; keep one step at most about half a second. */
void plant_advance(struct plant *plant, double dt_s);

double battery_capacity_ah(const struct battery *battery);
double battery_soc_pct(const struct battery *battery);
double battery_voltage_v(const struct battery *battery);

/* Voltage of cell 0 .. cells - 1: the mean and a small offset of its own. */
double battery_cell_v(const struct battery *battery, unsigned cell);

#endif
