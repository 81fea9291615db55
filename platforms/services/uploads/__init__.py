"""One upload and many: claimed in turn, kept in one process's hands, stopped and decided by people."""
