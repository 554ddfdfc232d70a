"""Romania: judges for traffic, location and bank data."""
