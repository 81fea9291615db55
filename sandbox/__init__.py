"""Youku, iQiyi, Baijiayun and Aliyun OSS simulated over real HTTP on loopback, as strict as their documents.

Start it with ``sandbox.server.Sandbox`` in any Python process, or with ``manage.py sandbox``.
"""
