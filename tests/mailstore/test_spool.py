"""Messages on their way in."""

from twisted.trial.unittest import SynchronousTestCase

from mailstore.spool import MEMORY, Spool


class SpoolTest(SynchronousTestCase):
    def test_what_is_written_is_read(self):
        for size in (0, 1, MEMORY, MEMORY + 1):
            spool = Spool(b"x" * size)
            self.assertEqual((len(spool), spool.octets()[:]), (size, b"x" * size))
            spool.close()

    def test_messages_of_one_command_share_a_file(self):
        spool, spools = None, []
        for number, size in enumerate((5, 0, MEMORY + 3, 4096, 3 * MEMORY, 1)):
            spool = Spool(b"%d" % number * size, behind=spool)
            spools.append((spool, b"%d" % number * size))
        self.assertEqual(len({id(spool._file) for spool, _ in spools}), 1)
        for ordinal, (spool, octets) in enumerate(spools, 1):
            self.assertEqual(spool.octets()[:], octets)
            self.assertEqual((spool.ordinal, spool.total), (ordinal, sum(len(each) for _, each in spools[:ordinal])))
        for spool, _ in spools:
            spool.close()
