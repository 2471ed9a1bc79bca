"""Handlers of queue messages, stream records, SES events and schedules.

Chalice deploys each as `chalicelib.routes.events.<module>.<name>`, so `app.py` is not imported.
Each imports its use case when it is called: a cold start pays for one function's work only.
Queue names and the stream's ARN are placeholders: `.chalice/resources.json` sets the real ones.
"""
