// Microseconds since start, 32 bits, running free: it wraps every 71.6 minutes and is never set. It also wakes the main
// loop every 4 ms.
#pragma once

#include <stdint.h>

namespace microclock {

// Timer 1, two ticks a microsecond.
static const uint8_t TICKS_PER_US = 2;

void begin();
uint32_t now_us();
// The same where interrupts are off already: in an interrupt.
uint32_t now_us_in_interrupt();

}  // namespace microclock
