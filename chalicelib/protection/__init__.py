"""Rate limits, proof of work and disposable mailboxes."""
