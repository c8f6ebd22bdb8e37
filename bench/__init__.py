"""What is measured. Never shipped."""
