#include "speech.h"

#include <stdlib.h>
#include <string.h>
#include <util/crc16.h>

#include "analog.h"
#include "buttons.h"
#include "hx711.h"
#include "microclock.h"
#include "settings.h"
#include "tare.h"
#include "uart.h"

namespace speech {

enum Type : uint8_t { META = 0x01, SAMPLE = 0x10, EVENT = 0x20, STATUS = 0x30, PONG = 0x31, LOG = 0x7F };

// COBS writes up to 253 bytes with one byte more, without the special case of longer runs.
static const uint8_t BODY_MAX = 250;
static const uint8_t CRC_BYTES = 2;
static const uint8_t STUFFING = 3;      // one byte of COBS and the two zeros
static const uint8_t LINE_ENDING = 7;   // *, checksum, CR, LF
static const uint8_t META_ROOM = BODY_MAX;
static const int16_t NO_TEMPERATURE = -32768;

static uint8_t body[BODY_MAX];
static uint8_t length;
static bool binary;
static bool meta_waits;
static bool status_waits;
static bool first_sample = true;
static bool overflow;
static uint16_t drops;

static void put8(uint8_t value) {
  if (length < BODY_MAX - CRC_BYTES) body[length++] = value;
}

static void put16(uint16_t value) {
  put8(value);
  put8(value >> 8);
}

static void put32(uint32_t value) {
  put16(value);
  put16(value >> 16);
}

static void text(const char* from) {
  while (*from) put8(*from++);
}

static void text_P(PGM_P from) {
  while (const char c = pgm_read_byte(from++)) put8(c);
}

static void number(int32_t value) {
  char digits[12];
  text(ltoa(value, digits, 10));
}

static void unsigned_number(uint32_t value) {
  char digits[11];
  text(ultoa(value, digits, 10));
}

static uint16_t checksum() {
  uint16_t crc = 0xFFFF;
  for (uint8_t i = 0; i < length; i++) crc = _crc_xmodem_update(crc, body[i]);
  return crc;
}

static void begin_frame(Type type, uint8_t flags, uint16_t seq, uint32_t t_us) {
  length = 0;
  put8(type);
  put8(flags);
  put16(seq);
  put32(t_us);
}

// Ends the frame and hands it to the port, if it fits with `spare` bytes left over.
static bool send_frame(uint16_t spare) {
  if (uart::room() < length + CRC_BYTES + STUFFING + spare) return false;
  const uint16_t crc = checksum();
  body[length++] = crc;
  body[length++] = crc >> 8;
  uart::put(0);
  uint8_t from = 0;
  while (true) {
    uint8_t to = from;
    while (to < length && body[to]) to++;
    uart::put(to - from + 1);
    for (; from < to; from++) uart::put(body[from]);
    if (to == length) break;
    from = to + 1;  // the zero itself is left out
  }
  uart::put(0);
  return true;
}

static bool send_line(bool checked, uint16_t spare) {
  if (uart::room() < length + LINE_ENDING + spare) return false;
  const uint16_t crc = checksum();
  for (uint8_t i = 0; i < length; i++) uart::put(body[i]);
  if (checked) {
    uart::put('*');
    for (int8_t shift = 12; shift >= 0; shift -= 4) {
      const uint8_t digit = (crc >> shift) & 0xF;
      uart::put(digit < 10 ? '0' + digit : 'A' + digit - 10);
    }
  }
  uart::put('\r');
  uart::put('\n');
  return true;
}

static void dropped() {
  drops++;
  overflow = true;
}

void begin(bool in_binary) { binary = in_binary; }

bool is_binary() { return binary; }

void speak(bool in_binary) {
  if (binary && !in_binary && uart::room() >= 2) {
    // Ends the line that the frames before it look like.
    uart::put('\r');
    uart::put('\n');
  }
  binary = in_binary;
  want_meta();
}

void sample(const samples::Sample& sample) {
  uint8_t flags = sample.flags;
  if (tare::done()) flags |= samples::TARED;
  if (overflow) flags |= samples::TX_OVERFLOW;
  if (first_sample) flags |= samples::CLOCK_RESTARTED;
  const uint8_t further = settings::now.channels - 1;
  // Without this META and STATUS would never find room at a port that is too slow for the samples.
  const uint16_t spare = meta_waits || status_waits ? META_ROOM : 0;
  bool sent;
  if (binary) {
    begin_frame(SAMPLE, flags, sample.seq, sample.t_us);
    put32(sample.counts);
    for (uint8_t i = 0; i < further; i++) put32(sample.further[i]);
    sent = send_frame(spare);
  } else {
    length = 0;
    text_P(PSTR("D,"));
    unsigned_number(sample.seq);
    put8(',');
    unsigned_number(sample.t_us);
    put8(',');
    number(sample.counts);
    for (uint8_t i = 0; i < further; i++) {
      put8(',');
      unsigned_number(sample.further[i]);
    }
    put8(',');
    unsigned_number(flags);
    sent = send_line(true, spare);
  }
  if (sent) {
    overflow = first_sample = false;
  } else {
    dropped();
  }
}

bool event(uint8_t code, int32_t value, uint32_t t_us) {
  if (binary) {
    begin_frame(EVENT, 0, 0, t_us);
    put8(code);
    put32(value);
    return send_frame(0);
  }
  length = 0;
  text_P(code == buttons::TARED ? PSTR("# tared, zero ") : PSTR("# button "));
  number(value);
  if (code == buttons::PRESSED) text_P(PSTR(" pressed"));
  if (code == buttons::RELEASED) text_P(PSTR(" released"));
  text_P(PSTR(" at "));
  unsigned_number(t_us);
  return send_line(false, 0);
}

static bool status() {
  const uint16_t overruns = samples::overruns();
  if (binary) {
    begin_frame(STATUS, 0, 0, microclock::now_us());
    put16(overruns);
    put16(drops);
    put16(analog::supply_mv());
    put16(NO_TEMPERATURE);
    return send_frame(0);
  }
  length = 0;
  text_P(PSTR("# status overruns="));
  unsigned_number(overruns);
  text_P(PSTR(" tx_drops="));
  unsigned_number(drops);
  text_P(PSTR(" vcc_mv="));
  unsigned_number(analog::supply_mv());
  return send_line(false, 0);
}

void pong(uint32_t nonce) {
  if (!binary) return;
  begin_frame(PONG, 0, 0, microclock::now_us());
  put32(nonce);
  if (!send_frame(0)) dropped();
}

void log_P(PGM_P words) { log_P(words, ""); }

void log_P(PGM_P words, const char* more) {
  length = 0;
  if (binary) {
    begin_frame(LOG, 0, 0, microclock::now_us());
  } else {
    text_P(PSTR("# "));
  }
  text_P(words);
  text(more);
  if (!(binary ? send_frame(0) : send_line(false, 0))) dropped();
}

static void key(PGM_P name) {
  if (!binary) put8(',');
  text_P(name);
  put8('=');
}

static void end_of_pair() {
  if (binary) put8('\n');
}

static void pair(PGM_P name, const char* value) {
  key(name);
  text(value);
  end_of_pair();
}

static void pair_P(PGM_P name, PGM_P value) {
  key(name);
  text_P(value);
  end_of_pair();
}

static void pair(PGM_P name, int32_t value) {
  key(name);
  number(value);
  end_of_pair();
}

static bool meta() {
  const settings::Settings& s = settings::now;
  if (binary) {
    begin_frame(META, 0, 0, microclock::now_us());
  } else {
    length = 0;
    put8('M');
  }
  pair_P(PSTR("proto"), PSTR("1"));
  pair_P(PSTR("fw"), PSTR("goodpain-sensor 1.0"));
  pair_P(PSTR("device"), s.fsr ? PSTR("force-sensing resistor") : PSTR("HX711 load cell"));
  if (s.serial[0]) pair(PSTR("serial"), s.serial);
  pair(PSTR("rate_hz"), (int32_t)s.rate_hz);
  pair(PSTR("channels"), (int32_t)s.channels);
  if (s.counts_per_n[0]) {
    pair(PSTR("counts_per_n"), s.counts_per_n);
    pair(PSTR("zero_counts"), tare::zero_counts());
  }
  if (!s.fsr) pair(PSTR("adc_min"), hx711::COUNTS_MIN);
  pair(PSTR("adc_max"), s.fsr ? analog::FSR_COUNTS_MAX : hx711::COUNTS_MAX);
  return binary ? send_frame(0) : send_line(true, 0);
}

void want_meta() {
  meta_waits = true;
  send_what_waits();
}

void want_status() { status_waits = true; }

void send_what_waits() {
  if (meta_waits && meta()) meta_waits = false;
  if (status_waits && status()) status_waits = false;
}

}  // namespace speech
