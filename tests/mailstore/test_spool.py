"""Messages on their way in."""

import os
from tempfile import TemporaryFile

from twisted.trial.unittest import SynchronousTestCase

import mailstore.spool
from mailstore.spool import MEMORY, Spool


class SpoolTest(SynchronousTestCase):
    def test_what_is_written_is_read(self):
        for size in (0, 1, MEMORY, MEMORY + 1):
            spool = Spool(b"x" * size)
            self.assertEqual((len(spool), spool.octets()[:]), (size, b"x" * size))
            spool.close()

    def test_what_comes_in_one_piece_is_not_copied(self):
        spool = Spool(octets := b"x" * 1000)
        self.assertIs(spool.octets(), octets)

    def test_pieces_are_put_together_in_memory_and_in_a_file(self):
        for sizes in ((0, 1), (3, 5, 0, 7), (MEMORY // 2, MEMORY // 2, 1, 2), (MEMORY + 1, 1, MEMORY)):
            spool = Spool()
            for number, size in enumerate(sizes):
                spool.write(b"%d" % number * size)
            written = b"".join(b"%d" % number * size for number, size in enumerate(sizes))
            self.assertEqual((len(spool), spool.octets()[:] == written), (len(written), True))
            spool.close()
            self.assertRaises(ValueError, spool.write, b"x")

    def test_messages_of_one_command_share_a_file_and_its_memory(self):
        with TemporaryFile() as file:
            self.patch(mailstore.spool, "TemporaryFile", iter([file]).__next__)
            spool, spools = None, []
            for number, size in enumerate((5, MEMORY - 9, 3, 0, 2, MEMORY + 3, 4096, 3 * MEMORY, 1)):
                spool = Spool(b"%d" % number * size, behind=spool)
                spools.append((spool, b"%d" % number * size))
                self.assertEqual(file.seek(0, os.SEEK_END) > 0, number > 3)
            for ordinal, (spool, octets) in enumerate(spools, 1):
                self.assertTrue(spool.octets()[:] == octets)
                total = sum(len(each) for _, each in spools[:ordinal])
                self.assertEqual((spool.ordinal, spool.total), (ordinal, total))
            for spool, _ in spools:
                spool.close()
            self.assertTrue(file.closed)
