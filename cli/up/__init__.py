"""`getthrough up`: from nothing to a stack that sends, in steps that can be killed anywhere and run again."""
