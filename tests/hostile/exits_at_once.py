# A program that ends with status 0 and does nothing.
