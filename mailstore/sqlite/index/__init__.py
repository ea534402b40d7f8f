"""The search index of an account: a file of its own beside the account's, made from it and never needed."""
