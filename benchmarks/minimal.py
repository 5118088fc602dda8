"""The least Textual app that fills a screen and answers a key: what start-up and a keypress cost by themselves."""

from __future__ import annotations

from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Static


class Minimal(App[None]):
    """One widget; each key counts up."""

    count = 0

    def compose(self) -> ComposeResult:
        """One line of text."""
        yield Static("ready 0", markup=False)

    def on_key(self, event: events.Key) -> None:
        """Shows that the key arrived."""
        if event.key == "q":
            self.exit()
        self.count += 1
        self.query_one(Static).update(f"ready {self.count}")


if __name__ == "__main__":
    Minimal().run()
