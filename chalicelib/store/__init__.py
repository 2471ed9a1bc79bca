"""The cellar: DynamoDB. Functions take their table first and give back domain values."""
