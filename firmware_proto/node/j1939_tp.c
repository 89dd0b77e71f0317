#include "j1939_tp.h"

#include <string.h>

#define TP_DT_PGN 0xEB00u
#define PRIORITY 7u
#define PACKET_BYTES 7u
#define PACKET_SPACING_MS 10u /* GB/T 27930-2015 */
#define T3_MS 1250u           /* RTS or last packet to CTS or EOMA */
#define T4_MS 1050u           /* hold to next CTS */
#define MAX_RETRANSMISSIONS 2u

enum control { RTS = 0x10, CTS = 0x11, EOMA = 0x13, ABORT = 0xFF };
enum abort_reason { ABORT_TIMEOUT = 3, ABORT_RETRANSMIT_LIMIT = 5 };

uint32_t j1939_id(unsigned priority, uint32_t pgn, uint8_t destination, uint8_t source)
{
    const bool broadcast = (pgn >> 8 & 0xFFu) >= 0xF0u;

    return (uint32_t)priority << 26 | pgn << 8 | (broadcast ? 0u : (uint32_t)destination << 8) | source;
}

static void put_control(const struct tp_sender *sender, uint8_t control, const uint8_t four[4], struct outbox *out)
{
    const uint8_t data[FRAME_BYTES] = {
        control, four[0], four[1], four[2], four[3],
        (uint8_t)(sender->pgn & 0xFFu), (uint8_t)(sender->pgn >> 8 & 0xFFu), (uint8_t)(sender->pgn >> 16 & 0xFFu),
    };

    outbox_put(out, j1939_id(PRIORITY, TP_CM_PGN, sender->peer, sender->own), data, sizeof(data));
}

bool tp_send(struct tp_sender *sender, uint32_t pgn, const uint8_t *data, size_t size, uint64_t now_ms,
             struct outbox *out)
{
    uint8_t four[4];

    if (sender->busy || size <= FRAME_BYTES || size > TP_MAX_BYTES) {
        return false;
    }
    sender->busy = true;
    sender->pgn = pgn;
    sender->size = (uint16_t)size;
    sender->packets = (uint8_t)((size + PACKET_BYTES - 1) / PACKET_BYTES);
    sender->next = sender->end = sender->highest = 0;
    sender->retransmissions = 0;
    sender->aborting = 0;
    sender->packet_ms = TP_NEVER;
    sender->deadline_ms = now_ms + T3_MS;
    memcpy(sender->data, data, size);
    four[0] = (uint8_t)(size & 0xFFu);
    four[1] = (uint8_t)(size >> 8);
    four[2] = sender->packets;
    four[3] = 0xFF; /* as many packets per CTS as the receiver likes */
    put_control(sender, RTS, four, out);
    return true;
}

/* A grant, a hold (count 0) or a request for lost packets; while packets are leaving it is ignored. */
static void granted(struct tp_sender *sender, uint8_t count, uint8_t first, uint64_t now_ms)
{
    const unsigned after = (unsigned)sender->packets + 1u, end = (unsigned)first + count;

    if (sender->next < sender->end) {
        return;
    }
    if (count == 0) {
        sender->deadline_ms = now_ms + T4_MS;
    } else if (first >= 1 && first <= sender->highest + 1u && first <= sender->packets) {
        sender->retransmissions += first <= sender->highest;
        if (sender->retransmissions > MAX_RETRANSMISSIONS) {
            sender->aborting = ABORT_RETRANSMIT_LIMIT;
            return;
        }
        sender->next = first;
        sender->end = (uint16_t)(end < after ? end : after);
        sender->packet_ms = now_ms;
        sender->deadline_ms = TP_NEVER;
    }
}

void tp_control(struct tp_sender *sender, const uint8_t data[FRAME_BYTES], uint64_t now_ms)
{
    const uint32_t pgn = (uint32_t)data[5] | (uint32_t)data[6] << 8 | (uint32_t)data[7] << 16;

    if (!sender->busy || pgn != sender->pgn) {
        return;
    }
    if (data[0] == CTS) {
        granted(sender, data[1], data[2], now_ms);
    } else if (data[0] == EOMA && sender->highest == sender->packets
               && ((uint32_t)data[1] | (uint32_t)data[2] << 8) == sender->size) {
        sender->delivered++;
        tp_cancel(sender);
    } else if (data[0] == ABORT) {
        sender->failed++;
        tp_cancel(sender);
    }
}

static void put_packet(struct tp_sender *sender, struct outbox *out)
{
    const size_t at = (size_t)(sender->next - 1u) * PACKET_BYTES, left = sender->size - at;
    uint8_t data[FRAME_BYTES];

    memset(data, 0xFF, sizeof(data));
    data[0] = (uint8_t)sender->next;
    memcpy(data + 1, sender->data + at, left < PACKET_BYTES ? left : PACKET_BYTES);
    outbox_put(out, j1939_id(PRIORITY, TP_DT_PGN, sender->peer, sender->own), data, sizeof(data));
}

void tp_due(struct tp_sender *sender, uint64_t now_ms, struct outbox *out)
{
    if (!sender->busy) {
        return;
    }
    if (now_ms >= sender->deadline_ms) {
        sender->aborting = ABORT_TIMEOUT;
    }
    if (sender->aborting != 0) {
        const uint8_t reason[4] = {sender->aborting, 0xFF, 0xFF, 0xFF};

        put_control(sender, ABORT, reason, out);
        sender->failed++;
        tp_cancel(sender);
    } else if (now_ms >= sender->packet_ms) {
        put_packet(sender, out);
        sender->highest = sender->next > sender->highest ? sender->next : sender->highest;
        sender->next++;
        sender->packet_ms = now_ms + PACKET_SPACING_MS;
        if (sender->next >= sender->end) {
            sender->packet_ms = TP_NEVER;
            sender->deadline_ms = now_ms + T3_MS;
        }
    }
}

void tp_cancel(struct tp_sender *sender)
{
    sender->busy = false;
    sender->next = sender->end = 0;
}
