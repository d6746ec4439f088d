"""What the citizen sees and touches. The only room that knows Kivy."""
