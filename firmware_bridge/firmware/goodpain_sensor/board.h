// Which pin is what. DOUT needs a pin of port D and the buttons need pins of port B, because each port has one
// pin-change interrupt. D2 and D3 are free, and so are D10 to D13.
#pragma once

#include <avr/io.h>

static const uint8_t HX711_DOUT = PD4;   // D4
static const uint8_t HX711_SCK = PD5;    // D5
static const uint8_t HX711_RATE = PD6;   // D6: high is 80 samples a second, low is 10; leave open if the module is strapped
static const uint8_t BUTTON_1 = PB0;     // D8, to ground: “too much”
static const uint8_t BUTTON_2 = PB1;     // D9, to ground: “too little”
static const uint8_t FORCE_INPUT = 0;    // A0: force-sensing resistor, or the first further channel
static const uint8_t FURTHER_INPUT = 1;  // A1: the next further channel
static const uint8_t DIAL_INPUT = 2;     // A2: wiper of the client's dial

static const uint8_t CHANNELS_MAX = 3;

// Starts force conversion anew with the settings as they are; in the sketch's main file.
void start_sensing();
