"""Against shops that this project did not write: `make test-real`."""
