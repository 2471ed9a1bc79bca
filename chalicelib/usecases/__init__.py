"""Use cases: each reads, decides, writes, and queues what follows. Each can be run twice."""
