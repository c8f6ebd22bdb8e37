"""`getthrough`: the command line of people who operate a stack. It looks at a stack from outside, over HTTP and with
their AWS credentials, and never imports what runs in it."""
