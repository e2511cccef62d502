#include "commands.h"

#include <avr/pgmspace.h>
#include <stdint.h>
#include <string.h>

#include "board.h"
#include "buttons.h"
#include "microclock.h"
#include "settings.h"
#include "speech.h"
#include "tare.h"
#include "uart.h"

namespace commands {

enum State : uint8_t { BETWEEN, NONCE, AFTER_S, LINE };

static const uint32_t NONCE_WAIT_US = 200000;
static const uint32_t LINE_WAIT_US = 30000000;  // for someone who types letter by letter
static const uint8_t LINE_MAX = 40;

static State state;
static uint8_t taken;
static uint32_t nonce;
static uint32_t since_us;
static char line[LINE_MAX + 1];

static void obey_line() {
  if (taken > LINE_MAX) {
    speech::log_P(PSTR("the line is too long"));
    return;
  }
  line[taken] = 0;
  const settings::Settings before = settings::now;
  char* value = strchr(line, '=');
  if (value) *value++ = 0;
  if (!value && strcmp_P(line, PSTR("defaults")) == 0) {
    settings::set_defaults();
  } else if (!value) {
    speech::log_P(PSTR("not understood; S key=value, for example S rate=80, or S defaults"));
    return;
  } else {
    const settings::Answer answer = settings::set(line, value);
    if (answer == settings::UNKNOWN_KEY) speech::log_P(PSTR("there is no such setting: "), line);
    if (answer == settings::BAD_VALUE) speech::log_P(PSTR("not a possible value: "), value);
    if (answer != settings::STORED) return;
  }
  if (!value || strcmp_P(line, PSTR("zero")) == 0) tare::forget();
  const settings::Settings& now = settings::now;
  if (now.fsr != before.fsr) tare::forget();
  if (now.fsr != before.fsr || now.rate_hz != before.rate_hz || now.channels != before.channels ||
      now.dial != before.dial) {
    start_sensing();
    buttons::begin(now.dial);
  }
  speech::log_P(PSTR("stored: "), line);
  speech::want_meta();
}

static void obey(uint8_t byte) {
  switch (byte) {
    case '?':
      speech::want_meta();
      break;
    case 'B':
      speech::speak(true);
      break;
    case 'T':
      speech::speak(false);
      break;
    case 'Z':
      tare::want();
      break;
    case 'P':
      state = NONCE;
      nonce = 0;
      taken = 0;
      break;
    case 'S':
      state = AFTER_S;
      break;
  }
}

static void take(uint8_t byte) {
  switch (state) {
    case BETWEEN:
      obey(byte);
      break;
    case NONCE:
      nonce |= (uint32_t)byte << (8 * taken);
      if (++taken == 4) {
        state = BETWEEN;
        speech::pong(nonce);
      }
      break;
    case AFTER_S:
      state = BETWEEN;
      if (byte == ' ') {
        state = LINE;
        taken = 0;
      } else {
        obey(byte);
      }
      break;
    case LINE:
      if (byte == '\r' || byte == '\n') {
        state = BETWEEN;
        obey_line();
      } else if (taken < LINE_MAX) {
        line[taken++] = byte;
      } else {
        taken = LINE_MAX + 1;
      }
      break;
  }
}

void poll() {
  const uint32_t now_us = microclock::now_us();
  const uint32_t wait_us = state == NONCE ? NONCE_WAIT_US : LINE_WAIT_US;
  if (state != BETWEEN && now_us - since_us > wait_us) state = BETWEEN;
  for (int16_t byte = uart::get(); byte >= 0; byte = uart::get()) {
    since_us = now_us;
    take(byte);
  }
}

}  // namespace commands
