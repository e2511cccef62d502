"""A sensor that is not there: a hand on tissue, through electronics, speaking real bytes; and a client who talks."""
