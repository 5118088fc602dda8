"""The core: arithmetic on stock levels. No I/O, no clock, no Textual; import contracts hold it to that.

Times are whole milliseconds since the Unix epoch, UTC. Quantities are whole units in signed 32 bits.
"""
