"""How it is measured, as docs/performance.md tells it below the figures."""

from __future__ import annotations

METHOD = """### What is measured

`.venv/bin/python -m bench.uploads --write` runs all of it and renews this part of the page, `uploads.svg` and
`uploads.json`. [bench/README.md](../bench/README.md) lists the options.

- **The sink** speaks just enough of Youku, OSS, iQiyi and Baijiayun over HTTP/1.1 with kept-alive connections, in a
  process of its own. It lets the kernel drop what arrives (`MSG_TRUNC`: not even copied), stores nothing and hashes
  nothing while a run is timed: it knows the file, and the md5 and CRC64 of its ranges were computed before. The row
  “sendfile” shows what it takes at least, “sink CPU” how busy it is. At full speed every client does one round that
  does not count.
- **Ours** is what a worker does with a queued publication: claim, lease, upload session, checkpoints and events in a
  SQLite file, the real driver, the real file. Its md5 is known from the intake, as always; a lone driver with its
  state in memory would be faster and is not what anybody runs.
- **The peers** do what their users do: youku 0.1.1 and oss2 unchanged and with their defaults; the clients in requests
  with one session, kept alive; iQiyi's ranges compared with the md5 that iQiyi answers, as its document asks. Peers
  that need the whole file's md5 compute it in their time.
- **MB/s** is the file's size (10⁶ bytes) by the time from the first call to the last answer, the median of the runs.
  Each run is a fresh process; rounds are interleaved (A B C, A B C), so that a machine's moods meet everybody. A
  priority below 0 says that the machine had other work, and that all of the benchmark went before it.
- **CPU** is user and system time of the client's process and its children during the upload, a GiB; imports and start
  are left out, except for the two commands.
- **Memory** is the peak of resident memory during the upload on top of what the process had just before it, the largest
  run counting. The file of the last table is sparse: all zeros, with nothing on the disk. A bound is the parts that the
  sink saw under way at once by the largest of them, and 64 MiB.
- **The slow line** is made by the sink: it waits 40 ms before every answer, and takes 4,000,000 bytes a second off each
  connection, whose receive buffer is small. Setting up a connection costs nothing extra, and there is no loss and no
  slow start: clients that open one for every slice are treated kindly."""
