"""The content of mails, their queue, and SES."""
