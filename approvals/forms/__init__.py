"""What people type, read and told back: the packet form, and the table an import is sorted in."""
