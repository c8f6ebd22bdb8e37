"""Vonage's webhooks at a developer's desk: fetched from a relay in AWS, and given to the local stack as they came."""
