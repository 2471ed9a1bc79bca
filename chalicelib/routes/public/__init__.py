"""Pages, feeds and forms for visitors."""
