// What the device says, as binary frames or as text lines: docs/wire-protocol.md. A frame that does not fit into the
// port's buffer as a whole is left out and counted.
#pragma once

#include <avr/pgmspace.h>
#include <stdint.h>

#include "samples.h"

namespace speech {

void begin(bool binary);
bool is_binary();
// Go on in this form, beginning with META.
void speak(bool binary);
void sample(const samples::Sample& sample);
// False when there is no room now: ask again later.
bool event(uint8_t code, int32_t value, uint32_t t_us);
void pong(uint32_t nonce);
void log_P(PGM_P text);
// Some text from flash, some from memory.
void log_P(PGM_P text, const char* more);
// META and STATUS go out as soon as there is room for them.
void want_meta();
void want_status();
void send_what_waits();

}  // namespace speech
