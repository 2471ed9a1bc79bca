"""Tables, items, errors of DynamoDB, and a cache of reads."""
