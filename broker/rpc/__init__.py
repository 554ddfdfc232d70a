"""The broker's services on the wire: messages in, messages out, nothing decided."""
