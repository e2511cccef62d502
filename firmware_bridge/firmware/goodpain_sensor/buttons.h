// The client's two buttons and dial. A button is stamped in its own pin-change interrupt.
#pragma once

#include <stdint.h>

namespace buttons {

// EVENT codes of the protocol.
enum Code : uint8_t { PRESSED = 1, RELEASED = 2, TARED = 3 };
// A dial that has come to rest at position p, 0 to 10, is “pressed” with the value 100 + p.
static const uint8_t DIAL_VALUE = 100;

struct Change {
  uint32_t t_us;
  uint8_t code;
  uint8_t value;
};

void begin(bool dial);
// From the main loop: the dial, and a button that bounced.
void poll();
bool none();
// The oldest change, which stays until it is dropped; false when there is none.
bool peek(Change& change);
void drop();

}  // namespace buttons
