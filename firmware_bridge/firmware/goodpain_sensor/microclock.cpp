#include "microclock.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

#ifndef GOODPAIN_CLOCK_TURNS
#define GOODPAIN_CLOCK_TURNS 0  // a test starts shortly before the clock wraps
#endif

namespace microclock {

static const uint16_t WAKE_US = 4000;

static volatile uint32_t turns = GOODPAIN_CLOCK_TURNS;

void begin() {
  TCCR1A = 0;
  TCCR1B = _BV(CS11);  // 16 MHz / 8
  TCCR1C = 0;
  TCNT1 = 0;
  TIFR1 = _BV(TOV1);
  OCR1B = WAKE_US * TICKS_PER_US;
  TIMSK1 = _BV(TOIE1) | _BV(OCIE1B);
}

uint32_t now_us_in_interrupt() {
  const uint16_t ticks = TCNT1;
  uint32_t full = turns;
  // The timer may have turned over just now, with its interrupt still waiting behind ours.
  if ((TIFR1 & _BV(TOV1)) && ticks < 0x8000) full++;
  return (full << 15) + (ticks >> 1);
}

uint32_t now_us() {
  uint32_t us;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { us = now_us_in_interrupt(); }
  return us;
}

}  // namespace microclock

ISR(TIMER1_OVF_vect) { microclock::turns++; }

// Only wakes the main loop, which looks for what no interrupt tells.
ISR(TIMER1_COMPB_vect) { OCR1B += microclock::WAKE_US * microclock::TICKS_PER_US; }
