"""What leaves the program as files and JSON records."""
