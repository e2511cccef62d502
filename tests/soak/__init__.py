"""Hours of device time through the whole way of a sample, and many sensors in one program: `make soak`."""
