"""What a person runs: commands, the local service, the build. Never shipped to Lambda."""
