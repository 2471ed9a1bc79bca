"""What mails say, the queue that they wait in, and SES."""
