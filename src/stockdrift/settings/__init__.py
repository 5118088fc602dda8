"""Settings: one TOML file as models, outranked by the environment."""

from stockdrift.settings.load import Settings, journal_path, load
from stockdrift.settings.problems import SettingsError
from stockdrift.settings.rules import rules_of

__all__ = ["Settings", "SettingsError", "journal_path", "load", "rules_of"]
