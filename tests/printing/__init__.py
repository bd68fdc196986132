"""A version out of the portal: as PDF and as Markdown, whatever people wrote in it."""
