#include "samples.h"

#include <util/atomic.h>

#include "analog.h"

namespace samples {

// A setting that is written to the EEPROM holds the main loop up for at most 0.18 s, 15 samples at 80 a second.
static const uint8_t PLACES = 16;

static Sample ring[PLACES];
static volatile uint8_t head;
static volatile uint8_t filled;
static volatile uint16_t seq;
static volatile uint16_t missed;

void add(uint32_t t_us, int32_t counts, uint8_t flags) {
  const uint16_t number = seq++;
  if (flags & LATE) missed++;
  if (filled == PLACES) {
    missed++;
    return;
  }
  Sample& sample = ring[(head + filled) % PLACES];
  sample.t_us = t_us;
  sample.counts = counts;
  sample.flags = flags;
  sample.seq = number;
  for (uint8_t i = 0; i < CHANNELS_MAX - 1; i++) sample.further[i] = analog::further(i);
  filled++;
}

bool take(Sample& sample) {
  bool any = false;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    if (filled) {
      sample = ring[head];
      head = (head + 1) % PLACES;
      filled--;
      any = true;
    }
  }
  return any;
}

bool none() { return filled == 0; }

uint16_t overruns() {
  uint16_t value;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { value = missed; }
  return value;
}

uint16_t count() {
  uint16_t value;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { value = seq; }
  return value;
}

}  // namespace samples
