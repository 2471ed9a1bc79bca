"""DynamoDB and Parameter Store. Functions take their table first and return domain values.

`get` raises NotFound, `find` returns None, `add` puts an item if it is absent, `save` replaces one
under a condition, `mark_…` is one change of state, and `page_of` returns items and the next cursor.
A read whose empty answer is a value, such as a tally of zero, returns that value.
"""
