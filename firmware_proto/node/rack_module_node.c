#include "rack_module_node.h"

#include <string.h>

#include "fill.h"
#include "station.h"

#define PERIOD_MS 100u
#define LEASE_MS 500u
#define ALIVE_MODULUS 251u
#define IDLE_C 30.0
#define HEAT_K_PER_A 0.05
#define RACK_ADDRESS 0x80u
#define MODULE_ADDRESS 0xA0u
#define NEVER UINT64_MAX
#define ID_WITHOUT_SOURCE 0x1FFFFF00u

DEFINE_PACK_FILLED(station_rack_io, STATION_RACK_IO_LENGTH)
DEFINE_PACK_FILLED(station_module_feedback, STATION_MODULE_FEEDBACK_LENGTH)

void rack_module_init(struct rack_module_node *node, uint8_t bay, uint8_t protocol_version)
{
    memset(node, 0, sizeof(*node));
    node->bay = bay;
    node->protocol_version = protocol_version;
    node->heard_alive = -1;
    node->lease_until_ms = NEVER;
}

static void shut(struct rack_module_node *node, struct plant *plant, enum module_state state)
{
    node->state = state;
    node->lease_until_ms = NEVER;
    plant->modules.enabled = false;
    plant->modules.set_voltage_v = plant->modules.set_current_a = 0.0;
}

static bool faulty(const struct plant *plant)
{
    return plant->module_fault || plant->smoke;
}

static bool read_setpoint(const struct rack_module_node *node, const struct frame *frame,
                          struct station_module_setpoint_t *setpoint)
{
    const uint32_t own = (STATION_MODULE_SETPOINT_FRAME_ID & ~0xFF00u) | (uint32_t)(MODULE_ADDRESS + node->bay) << 8;

    return frame->extended && frame->id == own && frame->length == STATION_MODULE_SETPOINT_LENGTH
        && station_module_setpoint_unpack(setpoint, frame->data, frame->length) == 0
        && setpoint->enable <= STATION_MODULE_SETPOINT_ENABLE_YES_CHOICE
        && station_module_setpoint_voltage_is_in_range(setpoint->voltage)
        && station_module_setpoint_current_is_in_range(setpoint->current)
        && station_module_setpoint_alive_counter_is_in_range(setpoint->alive_counter);
}

void rack_module_receive(struct rack_module_node *node, const struct frame *frame, struct plant *plant,
                         uint64_t now_ms)
{
    struct station_module_setpoint_t setpoint;

    if (!read_setpoint(node, frame, &setpoint) || setpoint.alive_counter == node->heard_alive) {
        return;
    }
    node->heard_alive = setpoint.alive_counter;
    if (setpoint.enable == STATION_MODULE_SETPOINT_ENABLE_YES_CHOICE && !faulty(plant)) {
        node->state = MODULE_ON;
        node->lease_until_ms = now_ms + LEASE_MS;
        plant->modules.enabled = true;
        plant->modules.set_voltage_v = station_module_setpoint_voltage_decode(setpoint.voltage);
        plant->modules.set_current_a = station_module_setpoint_current_decode(setpoint.current);
        plant->contactor_closed = plant->mated;
    } else {
        shut(node, plant, MODULE_OFF);
    }
}

static void supervise(struct rack_module_node *node, struct plant *plant, uint64_t now_ms)
{
    if (faulty(plant)) {
        shut(node, plant, MODULE_FAULT);
    } else if (node->state == MODULE_FAULT) {
        node->state = MODULE_OFF;
    } else if (now_ms >= node->lease_until_ms) {
        shut(node, plant, MODULE_WATCHDOG);
    }
    if (node->state == MODULE_OFF || node->state == MODULE_FAULT) {
        plant_open_contactor(plant);
    }
}

static uint8_t next_alive(uint8_t *counter)
{
    *counter = (uint8_t)((*counter + 1u) % ALIVE_MODULUS);
    return *counter;
}

static uint8_t two_bits(const struct plant *plant, bool value)
{
    return plant->sensed ? value : STATION_RACK_IO_SMOKE_NOT_AVAILABLE_CHOICE;
}

static void put_rack_io(struct rack_module_node *node, const struct plant *plant, struct outbox *out)
{
    struct station_rack_io_t io;
    uint8_t data[STATION_RACK_IO_LENGTH];

    io.presence_a = two_bits(plant, plant->presence_a);
    io.presence_b = two_bits(plant, plant->presence_b);
    io.connector_mated = two_bits(plant, plant->mated);
    io.contactor_closed = plant->contactor_closed;
    io.smoke = two_bits(plant, plant->smoke);
    io.temperature = station_rack_io_temperature_encode(within(plant->bay_temperature_c, -50.0, 200.0));
    io.protocol_version = node->protocol_version;
    io.alive_counter = next_alive(&node->rack_alive);
    station_rack_io_pack_filled(data, &io);
    outbox_put(out, (STATION_RACK_IO_FRAME_ID & ID_WITHOUT_SOURCE) | (RACK_ADDRESS + node->bay), data, sizeof(data));
}

static void put_feedback(struct rack_module_node *node, const struct plant *plant, struct outbox *out)
{
    const struct modules *const modules = &plant->modules;
    const double temperature_c = IDLE_C + HEAT_K_PER_A * modules->current_a;
    struct station_module_feedback_t measured;
    uint8_t data[STATION_MODULE_FEEDBACK_LENGTH];

    measured.voltage = station_module_feedback_voltage_encode(within(modules->voltage_v, 0.0, 1500.0));
    measured.current = station_module_feedback_current_encode(within(modules->current_a, 0.0, 1000.0));
    measured.state = (uint8_t)node->state;
    measured.temperature = station_module_feedback_temperature_encode(within(temperature_c, -50.0, 200.0));
    measured.protocol_version = node->protocol_version;
    measured.alive_counter = next_alive(&node->module_alive);
    station_module_feedback_pack_filled(data, &measured);
    outbox_put(out, (STATION_MODULE_FEEDBACK_FRAME_ID & ID_WITHOUT_SOURCE) | (MODULE_ADDRESS + node->bay), data,
               sizeof(data));
}

void rack_module_due(struct rack_module_node *node, struct plant *plant, uint64_t now_ms, struct outbox *out)
{
    supervise(node, plant, now_ms);
    if (now_ms < node->next_ms) {
        return;
    }
    node->next_ms = node->next_ms + PERIOD_MS > now_ms ? node->next_ms + PERIOD_MS : now_ms + PERIOD_MS;
    put_rack_io(node, plant, out);
    put_feedback(node, plant, out);
}
