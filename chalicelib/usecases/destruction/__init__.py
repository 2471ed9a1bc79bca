"""Destruction of what is kept of a petition's signers and subscribers, after its end."""
