#include "analog.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

#include "board.h"
#include "microclock.h"
#include "samples.h"

namespace analog {

enum Slot : uint8_t { FORCE, FURTHER, DIAL, SUPPLY, SLOTS };

static const uint8_t MUX[SLOTS] = {FORCE_INPUT, FURTHER_INPUT, DIAL_INPUT, 14};
static const uint8_t CONVERSIONS = 16;
static const uint8_t AFTER_SWITCHING = 1;
static const uint8_t AFTER_SWITCHING_TO_REFERENCE = 10;  // 1 ms; its output is weak
static const uint32_t REFERENCE_MV = 1100;
static const uint16_t TICK_US = 12500;

static volatile uint16_t sums[SLOTS];
static volatile uint8_t wanted;  // a bit for each slot
static volatile uint8_t slot;
static volatile uint8_t passing;
static volatile uint8_t left;
static volatile uint16_t sum;
static volatile bool running;
static bool fsr_is_force;
static uint8_t ticks_per_sample;
static volatile uint8_t ticks_left;

// With interrupts off: go on with the next wanted slot, or rest.
static void next() {
  if (!wanted) {
    running = false;
    return;
  }
  do slot = (slot + 1) % SLOTS;
  while (!(wanted & _BV(slot)));
  running = true;
  passing = slot == SUPPLY ? AFTER_SWITCHING_TO_REFERENCE : AFTER_SWITCHING;
  left = CONVERSIONS;
  sum = 0;
  ADMUX = _BV(REFS0) | MUX[slot];
  ADCSRA |= _BV(ADSC);
}

static void converted() {
  const uint16_t value = ADC;
  if (passing) {
    passing--;
  } else {
    sum += value;
    if (--left == 0) {
      sums[slot] = sum;
      if (slot == SUPPLY) wanted &= ~_BV(SUPPLY);
      next();
      return;
    }
  }
  ADCSRA |= _BV(ADSC);
}

static void sample_fsr() {
  const uint32_t t_us = microclock::now_us_in_interrupt();
  OCR1A += TICK_US * microclock::TICKS_PER_US;
  if (--ticks_left) return;
  ticks_left = ticks_per_sample;
  const uint16_t now = sums[FORCE];
  const bool saturated = now >= SUM_SATURATED;
  const int32_t counts = saturated ? FSR_COUNTS_MAX : (int32_t)(10000UL * now / (SUM_MAX - now));
  samples::add(t_us, counts, saturated ? samples::SATURATED : 0);
}

void begin(bool fsr, uint8_t channels, bool dial, uint8_t rate_hz) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    fsr_is_force = fsr;
    wanted = 0;
    const uint8_t inputs = fsr ? channels : channels - 1;
    if (inputs > 0) wanted |= _BV(FORCE);
    if (inputs > 1) wanted |= _BV(FURTHER);
    if (dial) wanted |= _BV(DIAL);
    DIDR0 = wanted & (_BV(FORCE) | _BV(FURTHER) | _BV(DIAL));
    ADCSRA = _BV(ADEN) | _BV(ADIE) | _BV(ADPS2) | _BV(ADPS1) | _BV(ADPS0);  // 125 kHz: 104 us a conversion
    ticks_per_sample = ticks_left = 80 / rate_hz;
    TIMSK1 &= ~_BV(OCIE1A);
    if (fsr) {
      OCR1A = TCNT1 + TICK_US * microclock::TICKS_PER_US;
      TIFR1 = _BV(OCF1A);
      TIMSK1 |= _BV(OCIE1A);
    }
    next();
  }
  want_supply();
}

uint16_t further(uint8_t index) { return sums[fsr_is_force || index ? FURTHER : FORCE]; }

uint16_t dial() {
  uint16_t value;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { value = sums[DIAL]; }
  return value;
}

void want_supply() {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    wanted |= _BV(SUPPLY);
    if (!running) next();
  }
}

uint16_t supply_mv() {
  uint16_t value;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { value = sums[SUPPLY]; }
  return value ? REFERENCE_MV * 16 * 1024 / value : 0;
}

}  // namespace analog

ISR(ADC_vect) { analog::converted(); }
ISR(TIMER1_COMPA_vect) { analog::sample_fsr(); }
