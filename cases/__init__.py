"""What is checked: cases, their catalogue, and the places where correct implementations may differ."""
