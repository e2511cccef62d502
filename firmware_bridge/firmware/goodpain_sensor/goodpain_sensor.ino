// The Goodpain force sensor: a load cell behind an HX711, or a force-sensing resistor, on an Arduino Uno or Nano
// (ATmega328P, 16 MHz). It speaks the protocol of docs/wire-protocol.md; docs/build-a-sensor.md tells how to wire it,
// flash it and set it up.
//
//   board.h      which pin is what, and the shape of the device
//   microclock.* the microsecond clock, timer 1
//   samples.*    conversions on their way from the interrupt to the port; they get their numbers here
//   hx711.*      the load cell's converter, read at the falling edge of DOUT
//   analog.*     force-sensing resistor, potentiometer, dial, supply
//   buttons.*    the client's buttons and dial
//   uart.*       the serial port, with buffers that never make anyone wait
//   speech.*     frames and lines
//   settings.*   what is kept in the EEPROM
//   tare.*       the zero taken at the host's word
//   commands.*   what the host may say

#include "analog.h"
#include "board.h"
#include "buttons.h"
#include "commands.h"
#include "hx711.h"
#include "microclock.h"
#include "samples.h"
#include "settings.h"
#include "speech.h"
#include "tare.h"
#include "uart.h"

#include <avr/interrupt.h>
#include <avr/sleep.h>

static const uint32_t META_EVERY_US = 5000000;
static const uint32_t STATUS_EVERY_US = 10000000;
static const uint32_t SUPPLY_AHEAD_US = 100000;

static uint32_t meta_at_us;
static uint32_t status_at_us;

void setup() {
  // The Arduino core counts milliseconds in an interrupt of timer 0, which would delay our own by some microseconds.
  TIMSK0 = 0;
  microclock::begin();
  const settings::Found found = settings::load();
  uart::begin(settings::now.baud);
  speech::begin(settings::now.binary);
  start_sensing();
  buttons::begin(settings::now.dial);
  sei();
  speech::want_meta();
  if (found == settings::DAMAGED) speech::log_P(PSTR("the settings were damaged: defaults are in use"));
  if (found == settings::NONE) speech::log_P(PSTR("no settings yet: defaults are in use"));
  meta_at_us = microclock::now_us();
  status_at_us = meta_at_us;
}

void start_sensing() {
  hx711::stop();
  analog::begin(settings::now.fsr, settings::now.channels, settings::now.dial, settings::now.rate_hz);
  if (!settings::now.fsr) hx711::begin(settings::now.rate_hz);
}

static void rest() {
  set_sleep_mode(SLEEP_MODE_IDLE);
  cli();
  const bool idle = samples::none() && buttons::none() && uart::nothing_received();
  if (idle) {
    sleep_enable();
    sei();  // the instruction after this one still runs before any interrupt: none can slip between and be slept over
    sleep_cpu();
    sleep_disable();
  }
  sei();
}

void loop() {
  rest();
  commands::poll();
  if (!settings::now.fsr) hx711::watch();
  buttons::poll();

  samples::Sample sample;
  while (samples::take(sample)) {
    tare::feel(sample);
    speech::sample(sample);
  }
  buttons::Change change;
  while (buttons::peek(change) && speech::event(change.code, change.value, change.t_us)) buttons::drop();

  const uint32_t now_us = microclock::now_us();
  if (now_us - meta_at_us >= META_EVERY_US) {
    meta_at_us = now_us;
    speech::want_meta();
  }
  if (now_us - status_at_us >= STATUS_EVERY_US - SUPPLY_AHEAD_US) analog::want_supply();
  if (now_us - status_at_us >= STATUS_EVERY_US) {
    status_at_us = now_us;
    speech::want_status();
  }
  speech::send_what_waits();
}
