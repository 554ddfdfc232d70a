"""The node's doors: the peer interface over mutual TLS, and the operators' socket."""
