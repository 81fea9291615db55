"""The parts of a publication's page, and the verbs of its buttons."""
