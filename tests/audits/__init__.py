"""The auditor's side: Why?, who, the record, and field history."""
