"""The table of organisers: accounts, roles, sessions, approvals and the trail."""
