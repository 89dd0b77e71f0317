"""The twin: controller, plant and firmware in one seeded virtual time, attacked with faults and crashes."""
