#include "tare.h"

#include "buttons.h"
#include "settings.h"
#include "speech.h"

namespace tare {

// A fifth of a second, or 0.8 s.
static const uint8_t SAMPLES_AT_80 = 16;
static const uint8_t SAMPLES_AT_10 = 8;

static uint8_t wanted;
static uint8_t left;
static int32_t sum;  // 16 x 24 bits fit
static bool taken;
static bool untold;
static int32_t taken_zero;
static uint32_t taken_us;

void want() {
  wanted = left = settings::now.rate_hz == 80 ? SAMPLES_AT_80 : SAMPLES_AT_10;
  sum = 0;
}

void forget() {
  taken = untold = false;
  left = 0;
}

void feel(const samples::Sample& sample) {
  if (untold && speech::event(buttons::TARED, taken_zero, taken_us)) {
    untold = false;
    speech::want_meta();
  }
  if (!left) return;
  if (sample.flags & samples::SATURATED) {
    left = 0;
    speech::log_P(PSTR("not tared: the converter is at its limit"));
    return;
  }
  sum += sample.counts;
  if (--left) return;
  taken_zero = (sum + (sum < 0 ? -wanted / 2 : wanted / 2)) / wanted;
  taken_us = sample.t_us;
  taken = untold = true;
  feel(sample);
}

bool done() { return taken; }

int32_t zero_counts() { return taken ? taken_zero : settings::now.zero_counts; }

}  // namespace tare
