"""Pages and mails in every language, from templates that are compiled at build time."""
