"""Generated messages and services of protocol version 1; the schemas lie beside them."""
