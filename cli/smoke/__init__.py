"""`getthrough smoke`: checks a stack from outside and says in words what is wrong with it."""
