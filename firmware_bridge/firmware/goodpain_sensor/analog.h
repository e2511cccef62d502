// The ATmega's own 10-bit converter: a force-sensing resistor as channel 0, further channels, the dial, the supply.
// Each value is the sum of 16 conversions, 0 to 16368.
#pragma once

#include <stdint.h>

namespace analog {

static const uint16_t SUM_MAX = 16 * 1023;
static const uint16_t SUM_SATURATED = 16040;
// Conductance of a force-sensing resistor in 1/10000 of that of its fixed resistor: nearly proportional to force, as
// resistance and voltage are not.
static const int32_t FSR_COUNTS_MAX = 10000L * SUM_SATURATED / (SUM_MAX - SUM_SATURATED);

void begin(bool fsr, uint8_t channels, bool dial, uint8_t rate_hz);
// Further channel 0 or 1. Only where interrupts are off.
uint16_t further(uint8_t index);
uint16_t dial();
// Measure the supply within the next milliseconds.
void want_supply();
// In millivolts, against the internal reference (1.1 V, 10 %); 0 when not measured yet.
uint16_t supply_mv();

}  // namespace analog
