"""The TOML files that people write themselves or through chats and commands."""
