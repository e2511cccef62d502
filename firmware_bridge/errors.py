"""What can go wrong between the plug and the newton.

    BridgeError
    ├── PortError                the port cannot be opened
    │   ├── PortNotFoundError    no such device, host or file
    │   ├── PortDeniedError      the system does not let this user open it
    │   └── PortBusyError        another program holds it
    ├── DialectError             no such dialect, or nothing recognised in what the device sends
    ├── SilentSensorError        the port is open but nothing comes
    ├── CalibrationError         a calibration file cannot be read or makes no sense
    └── TareError                the zero cannot be set (pressed on, moving, no signal)

Every message is one sentence that says what happened and what to do; the command line prints it as it is.
"""

from __future__ import annotations

from feedback.refusal import Refusal


class BridgeError(Refusal):
    """Base of everything `firmware_bridge` raises on purpose."""


class PortError(BridgeError):
    """The port cannot be opened or read."""


class PortNotFoundError(PortError):
    """No such device, host or file: a plug pulled, a name mistyped."""


class PortDeniedError(PortError):
    """The system does not let this user open the port: on Linux the group that owns it is named."""


class PortBusyError(PortError):
    """Another program holds the port."""


class DialectError(BridgeError):
    """An unknown dialect was asked for, or what the device sends is none of those known."""


class SilentSensorError(BridgeError):
    """The port opened but the device sent nothing in the time allowed."""


class CalibrationError(BridgeError):
    """A calibration file cannot be read, or its numbers make no sense."""


class TareError(BridgeError):
    """The zero cannot be set now."""
