"""What runs only on a developer's machine: the local stack and the stand-in for Vonage. Never shipped."""
