"""The workflow pages, asked as each kind of person would."""
