"""Tables, items and errors of DynamoDB, and a cache of reads."""
