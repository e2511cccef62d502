// What the host may say: the single bytes of the protocol, and lines that change a setting, `S key=value`.
#pragma once

namespace commands {

void poll();

}  // namespace commands
