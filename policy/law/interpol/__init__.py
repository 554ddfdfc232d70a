"""INTERPOL: its Constitution and its rules on the processing of data."""
