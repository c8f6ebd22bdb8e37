"""The policy lab: what would another window, order or condition have done with the same dispatches?

It plays stored dispatches through the failover rules of the functions themselves. Nothing is sent, and nothing is
stored. docs/policy-lab.md explains the model and its limits.
"""
