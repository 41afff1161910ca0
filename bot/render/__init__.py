"""Values of the program as text of messages."""
