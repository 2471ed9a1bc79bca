"""Keys of organisers, secrets of the service, and the unsealing of exports."""
