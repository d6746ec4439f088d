"""What the hall may do from afar: commands, configuration, programs of the machine."""
