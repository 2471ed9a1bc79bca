"""What the measured steps cost on AWS, and which quota they reach first."""
