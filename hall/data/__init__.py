"""What the hall keeps: the store and its tables, many rows at once, copies of it and what they bring back."""
