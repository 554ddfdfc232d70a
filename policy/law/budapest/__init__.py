"""Convention on Cybercrime (CETS 185, Budapest)."""
