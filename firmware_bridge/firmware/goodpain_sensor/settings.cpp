#include "settings.h"

#include <avr/eeprom.h>
#include <avr/pgmspace.h>
#include <stdlib.h>
#include <string.h>
#include <util/crc16.h>

namespace settings {

static const uint8_t LAYOUT = 1;
static const uint32_t BAUDS[] PROGMEM = {9600, 19200, 38400, 57600, 115200, 250000, 500000, 1000000};

// In the EEPROM: a Settings, then its checksum.
static uint8_t* const PLACE = (uint8_t*)0;
static uint16_t* const CHECKSUM_PLACE = (uint16_t*)sizeof(Settings);

Settings now;

static uint16_t checksum(const Settings& settings) {
  uint16_t crc = 0xFFFF;
  const uint8_t* bytes = (const uint8_t*)&settings;
  for (uint8_t i = 0; i < sizeof settings; i++) crc = _crc_xmodem_update(crc, bytes[i]);
  return crc;
}

static void fill_defaults() {
  memset(&now, 0, sizeof now);
  now.layout = LAYOUT;
  now.baud = 115200;
  now.rate_hz = 80;
  now.channels = 1;
}

static void store() {
  // Only bytes that differ are written. An interrupted write leaves a checksum that does not fit.
  eeprom_update_block(&now, PLACE, sizeof now);
  eeprom_update_word(CHECKSUM_PLACE, checksum(now));
}

Found load() {
  eeprom_read_block(&now, PLACE, sizeof now);
  if (now.layout == LAYOUT && eeprom_read_word(CHECKSUM_PLACE) == checksum(now)) return GOOD;
  const bool empty = now.layout == 0xFF;
  fill_defaults();
  return empty ? NONE : DAMAGED;
}

void set_defaults() {
  fill_defaults();
  store();
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

// An optional sign, digits and at most one point; not 0.
static bool is_decimal(const char* value) {
  if (*value == '-' || *value == '+') value++;
  bool digits = false, nonzero = false, point = false;
  for (; *value; value++) {
    if (*value == '.' && !point) {
      point = true;
    } else if (is_digit(*value)) {
      digits = true;
      nonzero |= *value != '0';
    } else {
      return false;
    }
  }
  return digits && nonzero;
}

// A whole number that fits; a fraction is rounded off by leaving it out.
static bool whole(const char* value, int32_t& number) {
  char* end;
  number = strtol(value, &end, 10);
  if (end == value) return false;
  if (*end == '.') {
    do end++;
    while (is_digit(*end));
  }
  return *end == 0;
}

static bool is_name(const char* value) {
  for (; *value; value++) {
    const char c = *value;
    if (!is_digit(c) && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && c != '-' && c != '_') return false;
  }
  return true;
}

static bool choice(const char* value, PGM_P no, PGM_P yes, bool& chosen) {
  chosen = strcmp_P(value, yes) == 0;
  return chosen || strcmp_P(value, no) == 0;
}

static Answer change(const char* key, const char* value) {
  int32_t number = 0;
  const bool is_number = whole(value, number);
  if (strcmp_P(key, PSTR("serial")) == 0) {
    if (strlen(value) >= sizeof now.serial || !is_name(value)) return BAD_VALUE;
    strcpy(now.serial, value);
  } else if (strcmp_P(key, PSTR("counts_per_n")) == 0) {
    if (strlen(value) >= sizeof now.counts_per_n || (*value && !is_decimal(value))) return BAD_VALUE;
    strcpy(now.counts_per_n, value);
  } else if (strcmp_P(key, PSTR("zero")) == 0) {
    if (!is_number) return BAD_VALUE;
    now.zero_counts = number;
  } else if (strcmp_P(key, PSTR("rate")) == 0) {
    if (!is_number || (number != 10 && number != 80)) return BAD_VALUE;
    now.rate_hz = number;
  } else if (strcmp_P(key, PSTR("channels")) == 0) {
    if (!is_number || number < 1 || number > (now.fsr ? 2 : 3)) return BAD_VALUE;
    now.channels = number;
  } else if (strcmp_P(key, PSTR("force")) == 0) {
    bool fsr;
    if (!choice(value, PSTR("hx711"), PSTR("fsr"), fsr)) return BAD_VALUE;
    now.fsr = fsr;
    if (fsr && now.channels > 2) now.channels = 2;
  } else if (strcmp_P(key, PSTR("dial")) == 0) {
    if (!choice(value, PSTR("0"), PSTR("1"), now.dial)) return BAD_VALUE;
  } else if (strcmp_P(key, PSTR("start")) == 0) {
    if (!choice(value, PSTR("text"), PSTR("binary"), now.binary)) return BAD_VALUE;
  } else if (strcmp_P(key, PSTR("baud")) == 0) {
    bool known = false;
    for (uint8_t i = 0; i < sizeof BAUDS / sizeof BAUDS[0]; i++) {
      known |= (int32_t)pgm_read_dword(&BAUDS[i]) == number;
    }
    if (!is_number || !known) return BAD_VALUE;
    now.baud = number;
  } else {
    return UNKNOWN_KEY;
  }
  return STORED;
}

Answer set(const char* key, const char* value) {
  const Settings before = now;
  const Answer answer = change(key, value);
  if (answer == STORED) {
    store();
  } else {
    now = before;
  }
  return answer;
}

}  // namespace settings
