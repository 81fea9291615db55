"""How gunicorn serves the hub. Variables come from the environment or `.env`, as for the settings."""
# ruff: noqa: N999 (gunicorn's own name for such a file)

from pathlib import Path

from mediahub import environment
from mediahub.settings import BASE_DIR

# Importing the settings reads `.env`, so that these variables may stand there too.
chdir = str(BASE_DIR)
bind = environment.text("BIND", "127.0.0.1:8000")
workers = environment.number("WEB_WORKERS", 2)
# A slow upload holds one thread and delays nobody; a process per request would hold everybody up.
worker_class = "gthread"
threads = environment.number("WEB_THREADS", 8)
# Seconds without a sign of life from a worker, not the length of a request: uploads may take hours.
timeout = 120
graceful_timeout = 30
keepalive = 15
# Addresses carry search words and callback signatures, so requests are not logged.
accesslog = None
# Workers touch a file to show that they live; on a disk that uploads keep busy, that can block.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# No second door: signals are enough to reload and stop.
control_socket_disable = True
