#include "plant.h"

#include <math.h>
#include <string.h>

#define CELL_RESISTANCE_OHM 0.00025
#define CELL_STEP_V 0.0006
#define RAMP_UP_A_PER_S 60.0
#define RAMP_DOWN_A_PER_S 4000.0
#define OPEN_BELOW_A 5.0
#define AMBIENT_C 20.0
#define HEAT_CAPACITY_J_PER_K (3200.0 * 700.0)
#define COOLING_W_PER_K 400.0
#define CHILLED_ABOVE_C 32.0
#define CHILLER_W_PER_K 2500.0

static const double OCV[][2] = {
    {0.0, 2.80}, {5.0, 3.10}, {10.0, 3.20}, {20.0, 3.25}, {40.0, 3.29},
    {60.0, 3.30}, {80.0, 3.33}, {95.0, 3.36}, {98.0, 3.42}, {100.0, 3.55},
};

static double cell_ocv_v(double soc_pct)
{
    const unsigned last = sizeof(OCV) / sizeof(OCV[0]) - 1u;
    unsigned i;

    for (i = 1; i <= last; i++) {
        if (soc_pct <= OCV[i][0]) {
            const double *const low = OCV[i - 1], *const high = OCV[i];

            return low[1] + (high[1] - low[1]) * (fmax(soc_pct, low[0]) - low[0]) / (high[0] - low[0]);
        }
    }
    return OCV[last][1];
}

static double resistance_ohm(const struct battery *battery)
{
    return battery->cells * CELL_RESISTANCE_OHM;
}

static double ocv_v(const struct battery *battery)
{
    return battery->cells * cell_ocv_v(battery_soc_pct(battery));
}

double battery_capacity_ah(const struct battery *battery)
{
    return battery->energy_kwh * 1000.0 / (battery->cells * CELL_NOMINAL_V);
}

double battery_soc_pct(const struct battery *battery)
{
    return 100.0 * battery->charge_ah / battery_capacity_ah(battery);
}

double battery_voltage_v(const struct battery *battery)
{
    return ocv_v(battery) + battery->current_a * resistance_ohm(battery);
}

double battery_cell_v(const struct battery *battery, unsigned cell)
{
    const int place = (int)(cell * 37u % 11u) - 5; /* a fixed scatter over the string */

    return battery_voltage_v(battery) / battery->cells + place * CELL_STEP_V;
}

void plant_init(struct plant *plant)
{
    memset(plant, 0, sizeof(*plant));
    plant->bay_temperature_c = 25.0;
}

void plant_put(struct plant *plant, const struct battery *battery, double soc_pct)
{
    plant_take_out(plant);
    plant->battery = *battery;
    plant->battery.cells = (unsigned)fmax(round(battery->max_voltage_v / CELL_MAX_V), 1.0);
    plant->battery.charge_ah = battery_capacity_ah(&plant->battery) * soc_pct / 100.0;
    plant->battery.current_a = 0.0;
    plant->battery.contactor_closed = false;
}

void plant_take_out(struct plant *plant)
{
    memset(&plant->battery, 0, sizeof(plant->battery));
    plant->modules.current_a = 0.0;
}

bool plant_occupied(const struct plant *plant)
{
    return plant->battery.name[0] != '\0';
}

void plant_open_contactor(struct plant *plant)
{
    if (plant->modules.current_a <= OPEN_BELOW_A) {
        plant->contactor_closed = false;
    }
}

static void advance_modules(struct modules *modules, struct battery *battery, double dt_s)
{
    double wanted_a = 0.0, step_a;

    if (modules->enabled) {
        wanted_a = (modules->set_voltage_v - ocv_v(battery)) / resistance_ohm(battery);
        wanted_a = fmax(fmin(modules->set_current_a, wanted_a), 0.0);
    }
    step_a = (wanted_a > modules->current_a ? RAMP_UP_A_PER_S : RAMP_DOWN_A_PER_S) * dt_s;
    modules->current_a = fmin(fmax(wanted_a, modules->current_a - step_a), modules->current_a + step_a);
    battery->current_a = modules->current_a;
    modules->voltage_v = battery_voltage_v(battery);
}

static void advance_battery(struct battery *battery, double dt_s)
{
    const double charge_ah = battery->charge_ah + battery->current_a * dt_s / 3600.0;
    const double warm_k = battery->temperature_c - AMBIENT_C;
    const double heat_w = battery->current_a * battery->current_a * resistance_ohm(battery) - COOLING_W_PER_K * warm_k
        - CHILLER_W_PER_K * fmax(battery->temperature_c - CHILLED_ABOVE_C, 0.0);

    battery->charge_ah = fmin(fmax(charge_ah, 0.0), battery_capacity_ah(battery));
    battery->temperature_c += heat_w * dt_s / HEAT_CAPACITY_J_PER_K;
}

void plant_advance(struct plant *plant, double dt_s)
{
    struct battery *const battery = &plant->battery;
    struct modules *const modules = &plant->modules;

    if (!plant_occupied(plant) || !plant->mated || !plant->contactor_closed || !battery->contactor_closed) {
        modules->current_a = 0.0;
        modules->voltage_v = modules->enabled ? modules->set_voltage_v : 0.0;
        battery->current_a = 0.0;
    } else {
        advance_modules(modules, battery, dt_s);
    }
    if (plant_occupied(plant)) {
        advance_battery(battery, dt_s);
    }
}
