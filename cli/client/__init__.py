"""The command `getthrough client`."""
