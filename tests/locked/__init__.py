"""The locked box: what hands, sticks and packets can do to an installed terminal, which is nothing."""
