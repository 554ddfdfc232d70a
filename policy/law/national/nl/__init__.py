"""The Netherlands: few judges, a short memory, one liaison desk."""
