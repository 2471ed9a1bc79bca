"""What commands print: lines, charts, the next command, and explanations of errors."""
