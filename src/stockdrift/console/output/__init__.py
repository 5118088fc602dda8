"""What goes over the wire: the difference between what the terminal shows and what the screen should look like.

Textual repaints whole regions and knows nothing of what the terminal shows already. Over SSH that is many times what is
needed. Everything here but :mod:`.application` knows nothing of Textual.
"""
