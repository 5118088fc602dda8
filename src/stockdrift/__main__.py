"""``python -m stockdrift`` is the command itself."""

from stockdrift.start import main

if __name__ == "__main__":
    main()
