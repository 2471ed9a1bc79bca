"""The table of organisers: accounts, roles, sessions, approvals, jobs and the trail."""
