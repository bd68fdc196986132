"""What receivers are told by webhook. `payload` says what, `writing` writes, `sending` sends, `addresses` guards where.

Written with the letters of the same event, claimed and settled as they are: at least once, same webhook-id.
"""
