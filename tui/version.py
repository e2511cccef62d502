"""The version, in one place: the package's metadata is made from this line, and asking the metadata takes 0.1 s."""

VERSION = "0.1.0"
