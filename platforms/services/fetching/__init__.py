"""Files that the hub fetches by itself: from a folder of the server, or from an http(s) address."""
