"""The operator's account at Vonage, and the application in it that a stack uses."""
