"""The commands of `goodpain`, one module a group; each imports what it needs when it runs."""
