"""The fault matrix: uploads that are killed, cut and lied to, and whether each becomes one undamaged video."""
