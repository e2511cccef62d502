#include "buttons.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

#include "analog.h"
#include "board.h"
#include "microclock.h"

namespace buttons {

static const uint8_t PLACES = 8;
static const uint8_t BUTTONS = 2;
static const uint8_t PIN[BUTTONS] = {BUTTON_1, BUTTON_2};
static const uint32_t BOUNCE_US = 20000;
static const uint32_t REST_US = 300000;
static const uint8_t POSITIONS = 11;
static const uint16_t STEP = (analog::SUM_MAX + 1) / POSITIONS;

static Change ring[PLACES];
static volatile uint8_t head;
static volatile uint8_t filled;
static volatile bool down[BUTTONS];
static volatile uint32_t quiet_from_us[BUTTONS];
static volatile uint32_t edge_us;

static bool has_dial;
static bool dial_known;
static uint8_t dial_told;
static uint8_t dial_now;
static uint32_t dial_moved_us;

static void add(uint32_t t_us, uint8_t code, uint8_t value) {
  if (filled == PLACES) return;
  ring[(head + filled) % PLACES] = {t_us, code, value};
  filled++;
}

// With interrupts off. The first edge counts; what follows within 20 ms is the contact bouncing.
static void look(uint32_t t_us, uint32_t now_us) {
  for (uint8_t i = 0; i < BUTTONS; i++) {
    const bool is_down = !(PINB & _BV(PIN[i]));
    if (is_down == down[i] || (int32_t)(now_us - quiet_from_us[i]) < 0) continue;
    down[i] = is_down;
    quiet_from_us[i] = now_us + BOUNCE_US;
    add(t_us, is_down ? PRESSED : RELEASED, i + 1);
  }
}

static void edge() {
  const uint32_t t_us = microclock::now_us_in_interrupt();
  look(t_us, t_us);
  edge_us = t_us;
}

void begin(bool dial) {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    DDRB &= ~(_BV(BUTTON_1) | _BV(BUTTON_2));
    PORTB |= _BV(BUTTON_1) | _BV(BUTTON_2);
    PCMSK0 = _BV(BUTTON_1) | _BV(BUTTON_2);
    PCIFR = _BV(PCIF0);
    PCICR |= _BV(PCIE0);
    has_dial = dial;
    dial_known = false;
  }
}

static void poll_dial(uint32_t now_us) {
  const uint16_t sum = analog::dial();
  // A position is left only a quarter of a step beyond its edges, so that noise does not make it flutter.
  const int16_t from = (int16_t)(dial_now * STEP) - (int16_t)(STEP / 4);
  const int16_t to = (int16_t)((dial_now + 1) * STEP + STEP / 4);
  if (!dial_known || (int16_t)sum < from || (int16_t)sum > to) {
    const uint8_t position = sum / STEP;
    dial_now = position < POSITIONS ? position : POSITIONS - 1;
    dial_moved_us = now_us;
    if (!dial_known) dial_told = 255;
    dial_known = true;
  }
  if (now_us - dial_moved_us < REST_US || dial_now == dial_told) return;
  // Where it stood at start nobody has said anything.
  if (dial_told != 255) {
    ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { add(dial_moved_us, PRESSED, DIAL_VALUE + dial_now); }
  }
  dial_told = dial_now;
}

void poll() {
  const uint32_t now_us = microclock::now_us();
  // A contact that ended its bouncing in another state than was told: the last edge was the true one.
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { look(edge_us, now_us); }
  if (has_dial) poll_dial(now_us);
}

bool none() { return filled == 0; }

bool peek(Change& change) {
  bool any;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    any = filled;
    if (any) change = ring[head];
  }
  return any;
}

void drop() {
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    head = (head + 1) % PLACES;
    filled--;
  }
}

}  // namespace buttons

ISR(PCINT0_vect) { buttons::edge(); }
