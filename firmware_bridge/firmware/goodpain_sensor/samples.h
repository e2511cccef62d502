// Conversions on their way from the interrupt that took them to the serial port.
#pragma once

#include <stdint.h>

#include "board.h"

namespace samples {

enum Flag : uint8_t { SATURATED = 1, LATE = 2, TX_OVERFLOW = 4, TARED = 8, CLOCK_RESTARTED = 16 };

struct Sample {
  uint32_t t_us;
  int32_t counts;
  uint16_t further[CHANNELS_MAX - 1];
  uint16_t seq;
  uint8_t flags;
};

// Only where interrupts are off. Every conversion uses up a number, also one that finds no place.
void add(uint32_t t_us, int32_t counts, uint8_t flags);
// Where interrupts are on: the oldest one, false when there is none.
bool take(Sample& sample);
bool none();
// Conversions read late or not kept since start.
uint16_t overruns();
// Conversions since start, modulo 2^16.
uint16_t count();

}  // namespace samples
