// The HX711, a 24-bit converter for load cells, channel A with gain 128.
#pragma once

#include <stdint.h>

namespace hx711 {

static const int32_t COUNTS_MIN = -8388608;
static const int32_t COUNTS_MAX = 8388607;

// Restart the converter and read it from now on; rate_hz is 10 or 80.
void begin(uint8_t rate_hz);
void stop();
// From the main loop: reads a conversion whose edge went unseen, and says what is wrong with the wiring.
void watch();

}  // namespace hx711
