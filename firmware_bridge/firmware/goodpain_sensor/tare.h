// The zero: the stored one, or the one taken at the command Z, which lasts until the next start. The counts that are
// sent stay raw; META says the zero.
#pragma once

#include <stdint.h>

#include "samples.h"

namespace tare {

// Take the mean of the next samples.
void want();
// Go back to the stored zero.
void forget();
void feel(const samples::Sample& sample);
bool done();
int32_t zero_counts();

}  // namespace tare
