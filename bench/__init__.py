"""What it costs: one script a question; `make bench` runs all and writes docs/performance.md."""
