"""The rooms: a verb a function. Read, decide, write, tell; every one can be run twice."""
