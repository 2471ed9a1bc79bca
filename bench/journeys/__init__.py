"""The steps of every journey, and what each asks of AWS."""
