"""The machines of a hall: their certificates, the hall's authority, and what the broker lets each do."""
