#include "hx711.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/pgmspace.h>
#include <util/atomic.h>
#include <util/delay.h>

#include "board.h"
#include "microclock.h"
#include "samples.h"
#include "speech.h"

namespace hx711 {

static const uint8_t PULSES_AFTER_BITS = 1;  // 25 in all: channel A, gain 128, next time too
static const uint32_t SILENT_US = 2000000;
static const uint32_t RATE_WINDOW_US = 4000000;

static volatile uint32_t newest_us;
static volatile bool stuck;
static uint32_t period_us;
static uint8_t rate;
static bool told_silent;
static bool told_stuck;
static bool told_rate;
static uint32_t window_from_us;
static uint16_t window_from_count;

static inline bool ready() { return !(PIND & _BV(HX711_DOUT)); }
static inline void watch_edges() { PCMSK2 = _BV(HX711_DOUT); }
static inline void ignore_edges() { PCMSK2 = 0; }

// SCK high for about a microsecond, and never for 60, which would switch the converter off: no interrupt may come
// between. Returns the level of DOUT.
static inline uint8_t pulse() {
  uint8_t level;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    PORTD |= _BV(HX711_SCK);
    _delay_us(0.6);
    level = PIND & _BV(HX711_DOUT);
    PORTD &= ~_BV(HX711_SCK);
  }
  return level;
}

// Called with edges ignored; other interrupts may be on.
static void read(uint32_t t_us, uint8_t flags) {
  uint32_t bits = 0;
  for (uint8_t i = 0; i < 24; i++) {
    bits <<= 1;
    if (pulse()) bits |= 1;
    _delay_us(0.3);
  }
  for (uint8_t i = 0; i < PULSES_AFTER_BITS; i++) pulse();
  // Two's complement of 24 bits.
  const int32_t counts = (int32_t)(bits << 8) >> 8;
  if (counts == COUNTS_MIN || counts == COUNTS_MAX) flags |= samples::SATURATED;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    newest_us = t_us;
    // A converter that was read lets DOUT go; a line that stays low is a short circuit and no number.
    stuck = ready();
    if (!stuck) samples::add(t_us, counts, flags);
  }
}

void begin(uint8_t rate_hz) {
  rate = rate_hz;
  period_us = 1000000UL / rate_hz;
  DDRD &= ~_BV(HX711_DOUT);
  PORTD |= _BV(HX711_DOUT);  // pull-up: a wire that is off reads as “not ready”, not as noise
  DDRD |= _BV(HX711_SCK) | _BV(HX711_RATE);
  if (rate_hz == 80) {
    PORTD |= _BV(HX711_RATE);
  } else {
    PORTD &= ~_BV(HX711_RATE);
  }
  // Switched off and on again, the converter is in a known state whatever went before, and settles by itself.
  PORTD |= _BV(HX711_SCK);
  _delay_us(100);
  PORTD &= ~_BV(HX711_SCK);
  told_silent = told_stuck = told_rate = stuck = false;
  window_from_us = newest_us = microclock::now_us();
  window_from_count = samples::count();
  watch_edges();
  PCIFR = _BV(PCIF2);
  PCICR |= _BV(PCIE2);
}

void stop() {
  ignore_edges();
  PCICR &= ~_BV(PCIE2);
}

void watch() {
  uint32_t last_us;
  bool missed = false;
  const uint32_t now_us = microclock::now_us();
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    last_us = newest_us;
    missed = ready() && !stuck && (int32_t)(now_us - last_us) > (int32_t)(period_us + period_us / 2);
    if (missed) ignore_edges();
  }
  if (missed) {
    read(now_us, samples::LATE);
    watch_edges();
  }
  if (stuck && !told_stuck) {
    told_stuck = true;
    speech::log_P(PSTR("HX711: DOUT stays low: check the wires of DOUT and SCK"));
  }
  if (stuck && !ready()) stuck = false;
  const bool silent = (int32_t)(now_us - last_us) > (int32_t)SILENT_US;
  if (silent && !told_silent) {
    speech::log_P(PSTR("HX711: no conversion for 2 s: check its power and the wires of DOUT and SCK"));
  }
  told_silent = silent;
  if (silent || stuck) {
    window_from_us = now_us;
    window_from_count = samples::count();
  }
  if (now_us - window_from_us < RATE_WINDOW_US) return;
  const uint16_t conversions = samples::count() - window_from_count;
  window_from_us = now_us;
  window_from_count += conversions;
  const uint16_t per_s = conversions / (RATE_WINDOW_US / 1000000);
  if (conversions && !told_rate && (per_s > 4 * rate || per_s < rate / 4)) {
    told_rate = true;
    speech::log_P(rate == 80 ? PSTR("HX711: far fewer than 80 samples a second: its RATE pin must be high")
                           : PSTR("HX711: far more than 10 samples a second: its RATE pin must be low"));
  }
}

}  // namespace hx711

ISR(PCINT2_vect) {
  const uint32_t t_us = microclock::now_us_in_interrupt();
  if (!hx711::ready()) return;
  hx711::ignore_edges();  // those that reading makes itself
  sei();                  // reading takes some 60 us; buttons and bytes need not wait for it
  hx711::read(t_us, 0);
  cli();
  hx711::watch_edges();
}
