"""The one place that knows languages: `translate` has the sentences, `formats` dates, numbers and money. A language is a TOML file here."""
