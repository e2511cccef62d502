#include "uart.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

namespace uart {

// META takes some 200 bytes, so samples still find room while it goes out.
static const uint16_t OUT_SIZE = 512;
static const uint8_t IN_SIZE = 64;

static uint8_t out[OUT_SIZE];
static volatile uint16_t out_from;
static volatile uint16_t out_filled;
static uint16_t out_to;
static uint8_t in[IN_SIZE];
static volatile uint8_t in_from;
static volatile uint8_t in_to;

void begin(uint32_t baud) {
  const uint16_t divisor = (F_CPU / 4 / baud - 1) / 2;  // F_CPU / 8 / baud - 1, rounded
  UBRR0 = divisor;
  UCSR0A = _BV(U2X0);
  UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
  UCSR0B = _BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0);
}

uint16_t room() {
  uint16_t free;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { free = OUT_SIZE - out_filled; }
  return free;
}

void put(uint8_t byte) {
  out[out_to] = byte;
  out_to = (out_to + 1) % OUT_SIZE;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    out_filled++;
    UCSR0B |= _BV(UDRIE0);
  }
}

int16_t get() {
  if (in_from == in_to) return -1;
  const uint8_t byte = in[in_from];
  in_from = (in_from + 1) % IN_SIZE;
  return byte;
}

bool nothing_received() { return in_from == in_to; }

}  // namespace uart

ISR(USART_UDRE_vect) {
  using namespace uart;
  if (out_filled == 0) {
    UCSR0B &= ~_BV(UDRIE0);
    return;
  }
  UDR0 = out[out_from];
  out_from = (out_from + 1) % OUT_SIZE;
  out_filled--;
}

ISR(USART_RX_vect) {
  using namespace uart;
  const bool damaged = UCSR0A & _BV(FE0);
  const uint8_t byte = UDR0;
  const uint8_t next = (in_to + 1) % IN_SIZE;
  if (damaged || next == in_from) return;
  in[in_to] = byte;
  in_to = next;
}
