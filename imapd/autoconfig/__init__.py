"""The door of autoconfiguration: mail programs and people ask it by HTTP how an account is to be set up."""
