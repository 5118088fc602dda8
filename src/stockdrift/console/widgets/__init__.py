"""The panels: each draws its part of the scene, line by line, and asks for nothing."""
