/* The node's parts with one battery and one instance of each, callable from Python. Time is an argument. */
#include <string.h>

#include "bms_node.h"
#include "rack_module_node.h"
#include "slcan.h"

static struct bms bms;
static struct plant plant;
static struct rack_module_node rack_module;
static struct outbox outbox;
static struct slcan_decoder decoder;
static struct tp_sender sender;

void bench_reset(double soc_pct)
{
    const struct battery battery = {
        .name = "bench", .maker = "999", .serial = 7, .energy_kwh = 282.0, .max_voltage_v = 733.6,
        .max_current_a = 240.0, .temperature_c = 25.0,
    };

    plant_init(&plant);
    plant_put(&plant, &battery, soc_pct);
    plant.sensed = plant.presence_a = plant.presence_b = plant.mated = true;
    bms_init(&bms);
    rack_module_init(&rack_module, 3, 1);
    memset(&outbox, 0, sizeof(outbox));
    memset(&sender, 0, sizeof(sender));
    sender.own = 0xF4;
    sender.peer = 0x56;
}

void bench_to_bms(const struct frame *frame, uint64_t now_ms)
{
    bms_receive(&bms, frame, &plant.battery, now_ms);
}

void bench_to_modules(const struct frame *frame, uint64_t now_ms)
{
    rack_module_receive(&rack_module, frame, &plant, now_ms);
}

static size_t emptied(struct frame *frames)
{
    const size_t count = outbox.count;

    memcpy(frames, outbox.frames, count * sizeof(*frames));
    outbox.count = 0;
    return count;
}

size_t bench_from_bms(uint64_t now_ms, struct frame frames[OUTBOX_FRAMES])
{
    bms_due(&bms, &plant.battery, now_ms, &outbox);
    return emptied(frames);
}

size_t bench_from_modules(uint64_t now_ms, struct frame frames[OUTBOX_FRAMES])
{
    rack_module_due(&rack_module, &plant, now_ms, &outbox);
    return emptied(frames);
}

void bench_advance(double dt_s)
{
    plant_advance(&plant, dt_s);
}

struct plant *bench_plant(void)
{
    return &plant;
}

int bench_step(void)
{
    return (int)bms.step;
}

unsigned bench_malformed(void)
{
    return bms.malformed;
}

bool bench_battery_contactor_closed(void)
{
    return plant.battery.contactor_closed;
}

bool bench_contactor_closed(void)
{
    return plant.contactor_closed;
}

double bench_current_a(void)
{
    return plant.modules.current_a;
}

double bench_soc_pct(void)
{
    return battery_soc_pct(&plant.battery);
}

void bench_force(double battery_current_a, double temperature_c, bool smoke)
{
    plant.battery.current_a = battery_current_a;
    plant.battery.temperature_c = temperature_c;
    plant.smoke = smoke;
}

void bench_modules_run(double current_a)
{
    plant.contactor_closed = true;
    plant.modules.current_a = current_a;
}

bool bench_tp_send(uint32_t pgn, const uint8_t *data, size_t size, uint64_t now_ms, struct frame frames[OUTBOX_FRAMES],
                   size_t *count)
{
    const bool sent = tp_send(&sender, pgn, data, size, now_ms, &outbox);

    *count = emptied(frames);
    return sent;
}

size_t bench_tp_due(uint64_t now_ms, struct frame frames[OUTBOX_FRAMES])
{
    tp_due(&sender, now_ms, &outbox);
    return emptied(frames);
}

void bench_tp_control(const struct frame *frame, uint64_t now_ms)
{
    tp_control(&sender, frame->data, now_ms);
}

bool bench_tp_busy(void)
{
    return sender.busy;
}

unsigned bench_tp_delivered(void)
{
    return sender.delivered;
}

unsigned bench_tp_failed(void)
{
    return sender.failed;
}

/* Decode one byte of an slcan line. */
int bench_slcan_take(char byte, struct frame *frame)
{
    return (int)slcan_take(&decoder, byte, frame);
}

void bench_slcan_reset(void)
{
    memset(&decoder, 0, sizeof(decoder));
}

size_t bench_slcan_encode(const struct frame *frame, char line[SLCAN_LINE])
{
    return slcan_encode(frame, line);
}
