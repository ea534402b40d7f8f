"""The authentication door: a transfer agent asks here whether its senders are our users, in Dovecot's protocol.

Postfix (``smtpd_sasl_type = dovecot``) and Exim (its ``dovecot`` driver) speak the client's side of its version 1.
"""
