"""The steps of a journey, one file each. A step asks through its visit and returns, or raises."""
