"""Whatever a file, an address or an option says is taken or refused in a sentence: `make fuzz` looks for exceptions."""
