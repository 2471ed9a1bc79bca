"""Keys of organisers, secrets of the service, exports that are opened, receipts."""
