"""The whole hall on this computer, played by real touches and compared at each end."""
