"""The whole service on this machine: real handlers, and AWS played by moto. Never deployed."""
