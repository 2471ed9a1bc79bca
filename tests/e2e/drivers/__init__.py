"""How the end-to-end tests reach the service: command line, mailbox, and the deployed stack."""
