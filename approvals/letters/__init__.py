"""Who hears of what. Events are the outbox: announced once, written as letters, sent at least once, same Message-ID.

`audience` says who, `wording` and its neighbours say what, `outbox` writes, `sending` sends, `reminders` looks ahead:
`flagging` writes down who is told of which end, `gathering` makes one letter a person of it.
"""
