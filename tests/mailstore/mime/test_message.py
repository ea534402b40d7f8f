from twisted.trial.unittest import SynchronousTestCase

from mailstore.mime import Message


class MessageTests(SynchronousTestCase):
    def test_what_is_made_of_it_is_made_once(self):
        asked = []

        def size(message):
            asked.append(message)
            return len(message.octets)

        message = Message(b"hello")
        self.assertEqual([message.once(size), message.once(size)], [5, 5])
        self.assertEqual(asked, [message])
        self.assertIs(message.header(message.root), message.header(message.root))
