"""For ``twistd -ny twistd.tac``: the data folder is ``IMAPD_DATA`` or ``./var``, its configuration names the doors."""

from twisted.application.service import Application

from imapd.service import Options, makeService

application = Application("imapd")
makeService(Options()).setServiceParent(application)
