"""What the keys do to the list of the first screen: cursor, order, columns, marks, and what changed since a look."""

from __future__ import annotations

import numpy as np

from stockdrift.console import words
from stockdrift.console.arrangement import AS_SHIPPED, Arrangement, moved, without
from stockdrift.console.columns import WIDE, heads
from stockdrift.console.listing import SORTS, sort_words
from stockdrift.console.screens.filtered import FilteredScreen
from stockdrift.console.widgets.grid_head import GridHead
from stockdrift.console.widgets.sku_grid import SkuGrid
from stockdrift.stock.filter import FilterError
from stockdrift.stock.values import replace


class ListKeys(FilteredScreen):
    """The part of the first screen that is about its list."""

    @property
    def grid_width(self) -> int:
        """Cells of the list."""
        return self.query_one(SkuGrid).size.width or self.size.width

    def changed(self) -> None:
        """Draws after a key."""
        self.scene.message = ""
        self.sync()

    def moved(self) -> None:
        """Draws after the list's cursor has moved, and nothing else has changed."""
        self.changed()

    def refill(self) -> None:
        """Takes the list anew, as the operator wants it now."""
        scene = self.scene
        scene.message = ""
        if scene.model is not None:
            scene.listing.update(scene.model, self.console_app.now, force=True)
            scene.measure_skus()
            if not scene.column:
                scene.order_columns()
        self.sync()

    @property
    def filter_text(self) -> str:
        """What the list is narrowed by."""
        return self.scene.listing.text

    def list_only(self, text: str) -> bool:
        """See :class:`FilteredScreen`."""
        listing = self.scene.listing
        before, listing.text = listing.text, text
        try:
            self.refill()
        except FilterError as error:
            listing.text = before
            self.say(str(error))
            return False
        return True

    # -- the cursor ---------------------------------------------------------------------------------------------

    def action_page(self, by: int) -> None:
        """Moves by pages."""
        self.scene.listing.page(by, self.console_app.now)
        self.moved()

    def action_first(self) -> None:
        """To the first row."""
        self.scene.listing.move_to(0, self.console_app.now)
        self.moved()

    def action_last(self) -> None:
        """To the last row."""
        self.scene.listing.move_to(len(self.scene.listing.rows) - 1, self.console_app.now)
        self.moved()

    def on_sku_grid_moved(self, message: SkuGrid.Moved) -> None:
        """The mouse did what keys do."""
        self.scene.focus = "grid"
        if message.index is None:
            self.scene.listing.scroll(message.by, self.console_app.now)
        else:
            self.scene.listing.move_to(message.index, self.console_app.now)
        self.changed()
        if message.opened:
            self.action_open()

    def action_open(self) -> None:
        """Opens what is under the cursor."""
        raise NotImplementedError

    # -- order --------------------------------------------------------------------------------------------------

    def action_sort(self) -> None:
        """By the column that is chosen, the other way round if it is so already; else the next order."""
        listing, column = self.scene.listing, self.scene.column
        if column:
            self.sort_by(column)
        else:
            names = list(SORTS)
            here = names.index(listing.sort) if listing.sort in names else -1
            self._sort(names[(here + 1) % len(names)], reverse=False)

    def action_reverse(self) -> None:
        """The other way round."""
        self._sort(self.scene.listing.sort, reverse=not self.scene.listing.reverse)

    def on_grid_head_chosen(self, message: GridHead.Chosen) -> None:
        """A click on a head sorts by it."""
        self.sort_by(message.column)

    def sort_by(self, column: str) -> None:
        """By ``column``; again, the other way round."""
        listing = self.scene.listing
        if column in SORTS or column.startswith("surface:"):
            self._sort(column, reverse=not listing.reverse and listing.sort == column)
        else:
            self.say("This column stands for several: the list cannot be sorted by it")

    def _sort(self, order: str, *, reverse: bool) -> None:
        self.scene.listing.sort, self.scene.listing.reverse = order, reverse
        self.refill()
        self.console_app.remember_view()
        self.say(f"Sorted {sort_words(order)}{', the other way round' if reverse else ''}")

    # -- columns ------------------------------------------------------------------------------------------------

    def action_column(self, by: int) -> None:
        """Chooses the next column, or the one before; at the ends, none."""
        scene = self.scene
        shown = scene.columns(self.grid_width)
        ids = [head.id for head in heads(shown, scene.glyphs.axis)]
        before = -1 if by > 0 else len(ids)
        place = (ids.index(scene.column) if scene.column in ids else before) + by
        scene.column = ids[place] if 0 <= place < len(ids) else ""
        self.changed()

    def action_column_move(self, by: int) -> None:
        """Moves the column that is chosen."""
        scene = self.scene
        if not self._can_arrange():
            return
        names = [scene.picture.surfaces[index].name for index in scene.column_order] if scene.picture else []
        arranged = moved(scene.arranged, scene.column, by, names)
        if arranged is None:
            self.say("Only surfaces, and the columns right of them, can be moved, each among its like")
        else:
            self._arrange(arranged)

    def action_column_hide(self) -> None:
        """Hides the column that is chosen; what drifts there is listed all the same."""
        if self._can_arrange():
            self.hide(self.scene.column)

    def hide(self, column: str) -> None:
        """Hides a column."""
        arranged = without(self.scene.arranged, column)
        if arranged is None:
            self.say("This column has to stay")
            return
        self.scene.column = ""
        self._arrange(arranged)
        self.say(f"Hidden: what drifts there is listed all the same. {self.scene.key('columns')} brings all back")

    def show(self, column: str) -> None:
        """Shows a hidden column again."""
        arranged = self.scene.arranged
        self._arrange(replace(arranged, hidden=arranged.hidden - {column}))

    def action_columns(self) -> None:
        """All columns, the worst surface first."""
        self.scene.column = ""
        self._arrange(AS_SHIPPED)

    def _can_arrange(self) -> bool:
        if self.grid_width < WIDE:
            self.say(f"Columns are arranged from {WIDE} cells of width on; here there are {self.grid_width}")
        elif not self.scene.column:
            self.say(f"{self.scene.key('column-left')} and {self.scene.key('column-right')} choose a column first")
        else:
            return True
        return False

    def _arrange(self, arranged: Arrangement) -> None:
        self.scene.arranged = arranged
        self.scene.order_columns()
        self.console_app.remember_view()
        self.changed()

    # -- marks and changes --------------------------------------------------------------------------------------

    def action_mark(self) -> None:
        """Marks the SKU, or takes the mark away; the cursor goes on."""
        self.scene.listing.mark()
        self.scene.listing.move(1, self.console_app.now)
        self.changed()

    def action_mark_all(self) -> None:
        """Marks all that is listed, or takes these marks away."""
        self.scene.listing.mark_all()
        self.changed()

    def unmark(self) -> None:
        """Takes all marks away, and says so: of those in sight it shows, of the others it would not."""
        count = len(self.scene.listing.marks)
        self.scene.listing.unmark()
        self.say(f"{words.count(count)} {'mark is' if count == 1 else 'marks are'} taken away")

    def of_marked(self, verb: str) -> str:
        """The footer's label of a key that means the marked SKUs where there are any: those that nobody sees, too."""
        listing = self.scene.listing
        count, seen = len(listing.marks), listing.marks_listed
        hidden = f", {words.count(count - seen)} hidden" if 0 < seen < count else ""
        return f"{verb} {words.count(count)} {'marked' if seen else 'unseen'}{hidden}" if count else ""

    def unmarks(self) -> str | None:
        """The footer's label of the key that goes back where it would take the marks away."""
        listing, scene = self.scene.listing, self.scene
        free = scene.focus == "grid" and not scene.column and not listing.text
        return f"unmark {words.count(len(listing.marks))}" if len(listing.marks) and free else None

    def action_next_change(self) -> None:
        """To the next row that is new or worse since the last look."""
        scene = self.scene
        listing, changes = scene.listing, scene.changes
        changed = np.isin(listing.rows, np.union1d(changes.new, changes.worse)) if changes else np.empty(0, np.bool_)
        places = np.flatnonzero(changed)
        if not len(places):
            self.say("Nothing in this list is new or worse since you last looked")
            return
        later = places[places > listing.index]
        listing.move_to(int(later[0] if len(later) else places[0]), self.console_app.now)
        self.changed()

    def action_seen(self) -> None:
        """From now on, changes are those after this moment."""
        self.console_app.looked()
        self.say(f"Changes are counted from {words.clock(self.scene.now, self.scene.zone)} on")
