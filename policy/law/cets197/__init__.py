"""Council of Europe Convention on Action against Trafficking in Human Beings (CETS 197)."""
