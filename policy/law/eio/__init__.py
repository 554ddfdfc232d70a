"""Directive 2014/41/EU on the European Investigation Order: the road for evidence, beside the federation."""
