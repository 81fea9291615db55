"""Files on their way into the hub and its storage: begun, landed, looked at, kept, taken by a video."""
