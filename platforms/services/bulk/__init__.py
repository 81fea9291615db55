"""Bulk uploads: a folder of the server or a table, read, checked as a whole, and taken in row by row."""
