"""The auditor's pages. Every one of them only shows."""
