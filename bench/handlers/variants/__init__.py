"""What is measured: our handlers, and others that do the same with less or with more around it.

Each module is a variant, as a Lambda function is a module: importing it is its init, `invoke` is one invocation.
"""
