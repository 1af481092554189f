"""A shop: customers order products, and nobody orders more than there is."""
