"""Calls between peers: mutual TLS, one identity for each caller, one mapping of errors, limits, telemetry.

This package is the one part of `comity` that does input and output. It promises that a handler runs
only when the caller proved its SPIFFE name under its *own* team's authority and the request obeys
`comity.transport.limits`; and that no text of an unexpected exception crosses the wire. What a known
caller may do, and whether its signed statement holds, is left to the handler.
"""
