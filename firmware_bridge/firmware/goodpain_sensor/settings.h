// What the device keeps in its EEPROM, with a checksum.
#pragma once

#include <stdint.h>

namespace settings {

struct Settings {
  uint8_t layout;
  char serial[16];        // up to 15 of A-Z a-z 0-9 - _; empty: none
  char counts_per_n[16];  // a decimal number as it was typed, which loses no digit; empty: not calibrated
  int32_t zero_counts;
  uint32_t baud;
  uint8_t rate_hz;   // 10 or 80
  uint8_t channels;  // 1 to 3, with a force-sensing resistor 1 to 2
  bool fsr;          // channel 0 is the force-sensing resistor, not the HX711
  bool dial;
  bool binary;  // the form after a start
};

enum Found : uint8_t { GOOD, NONE, DAMAGED };
enum Answer : uint8_t { STORED, UNKNOWN_KEY, BAD_VALUE };

extern Settings now;

Found load();
// Change one of them and store it.
Answer set(const char* key, const char* value);
void set_defaults();

}  // namespace settings
