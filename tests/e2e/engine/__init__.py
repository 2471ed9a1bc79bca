"""The engine that stands in for AWS, and what stands in for the parts that it lacks."""
