// The serial port: 8N1, both ways through buffers and interrupts. Nothing here ever waits.
#pragma once

#include <stdint.h>

namespace uart {

void begin(uint32_t baud);
// Bytes that `put` has room for now. Who sends makes sure first; `put` does not look.
uint16_t room();
void put(uint8_t byte);
// The next byte received, or -1.
int16_t get();
bool nothing_received();

}  // namespace uart
