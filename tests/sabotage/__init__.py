"""Does smoke notice? Broken copies of the tree, each of which must fail for the reason named."""
