"""How each source's provider writes what the tape says: one module for each, named like the source, with `WIRE`."""
