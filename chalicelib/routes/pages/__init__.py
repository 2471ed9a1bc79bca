"""The variables of pages, and pages that several routes share."""
