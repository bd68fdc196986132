"""A version out of the portal: what is printed of it (`paper`), as PDF (`typeset`), as Markdown (`markdown`)."""
