"""DynamoDB and Parameter Store. Functions take their table first and return domain values."""
