"""Settings: one TOML file as models, outranked by the environment."""
