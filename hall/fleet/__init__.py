"""A fleet of simulated terminals, to find out how large a hall's broker, store and machine must be."""
