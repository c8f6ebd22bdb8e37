"""What runs only on a developer's machine: the local stack and the Vonage simulator. Never shipped."""
