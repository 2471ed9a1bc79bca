"""Use cases of organisers: entering the desk, roles, approvals, the trail."""
