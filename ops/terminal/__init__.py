"""What commands print: lines, charts, hints, and errors as sentences."""
