"""Random steps, compared after each with a model that is too simple to be wrong."""

import random
from typing import NamedTuple

from mailstore.model import Field, Flags, MailboxName, ModSeq, StoreFlags
from mailstore.names import INBOX
from mailstore.query import Body, HasFlag
from mailstore.uidset import UidSet
from tests.mailstore.contract import StoreCase, flags, mail, name

NAMES = (INBOX, name("Sent"), name("Trash"))
FLAGS = ("\\Seen", "\\Deleted", "\\Flagged", "a", "b")


class Box:
    """A mailbox of the model: flags and octets by UID."""

    def __init__(self):
        self.messages: dict[int, tuple[frozenset, bytes]] = {}
        self.uid_next = 1

    def add(self, message):
        self.messages[self.uid_next] = message
        self.uid_next += 1

    def take(self, uids):
        return [self.messages.pop(uid) for uid in uids if uid in self.messages]


class Memory(NamedTuple):
    """What somebody saw of a mailbox once: flags by UID."""

    name: MailboxName
    modseq: ModSeq
    seen: dict[int, Flags]


class RandomContract(StoreCase):
    seeds = range(6)
    steps = 40

    async def test_random_steps(self):
        self.boxes = {each: await self.account.mailbox(each) for each in NAMES}
        self.model = {each: Box() for each in NAMES}
        self.memories: list[Memory] = []
        for seed in self.seeds:
            self.random = random.Random(seed)
            for _ in range(self.steps):
                await self.random.choice((self.add, self.mark, self.move, self.copy, self.expunge))()
                await self.after_step()
            await self.compare()
            self.assertEqual(await self.account.check_consistency(), [])
        await self.reopen()
        self.boxes = {each: await self.account.mailbox(each) for each in NAMES}
        await self.compare()

    async def after_step(self):
        """Remember a mailbox as it is."""
        chosen = self.random.choice(NAMES)
        modseq = (await self.boxes[chosen].snapshot()).status.highest_modseq
        seen = {uid: given for uid, (given, _) in self.model[chosen].messages.items()}
        self.memories.append(Memory(chosen, modseq, seen))

    def pick(self) -> tuple[MailboxName, UidSet]:
        """Return a mailbox and some UIDs, there or not."""
        chosen = self.random.choice(NAMES)
        last = self.model[chosen].uid_next
        wanted = self.random.sample(range(1, last + 2), self.random.randint(0, last))
        return chosen, UidSet.from_uids(wanted)

    def some_flags(self):
        return flags(*self.random.sample(FLAGS, self.random.randint(0, 3)))

    async def add(self):
        chosen, given = self.random.choice(NAMES), self.some_flags()
        octets = [mail(str(self.random.randint(1, 30))) for _ in range(self.random.randint(1, 3))]
        await self.append(*octets, flags=given, mailbox=self.boxes[chosen])
        for each in octets:
            self.model[chosen].add((given, each))

    async def mark(self):
        (chosen, uids), given, how = self.pick(), self.some_flags(), self.random.choice(list(StoreFlags))
        stored = await self.boxes[chosen].store(uids, how, given)
        messages = self.model[chosen].messages
        changed = []
        for uid in uids:
            if uid in messages:
                old, octets = messages[uid]
                both = {StoreFlags.ADD: old | given, StoreFlags.REMOVE: old - given, StoreFlags.REPLACE: given}
                messages[uid] = both[how], octets
                changed += [uid] * (both[how] != old)
        self.assertEqual(list(stored.changed), changed)

    async def copy(self):
        (chosen, uids), target = self.pick(), self.random.choice(NAMES)
        await self.boxes[chosen].copy(uids, target)
        for each in [self.model[chosen].messages[uid] for uid in uids if uid in self.model[chosen].messages]:
            self.model[target].add(each)

    async def move(self):
        (chosen, uids), target = self.pick(), self.random.choice(NAMES)
        await self.boxes[chosen].move(uids, target)
        for each in self.model[chosen].take(uids):
            self.model[target].add(each)

    async def expunge(self):
        chosen, uids = self.pick()
        gone = (await self.boxes[chosen].expunge(uids)).uids
        messages = self.model[chosen].messages
        marked = [uid for uid in uids if uid in messages and "\\Deleted" in messages[uid][0]]
        self.assertEqual(list(gone), marked)
        self.model[chosen].take(marked)

    async def compare(self):
        for each, box in self.boxes.items():
            messages, uid_next = self.model[each].messages, self.model[each].uid_next
            snapshot = await box.snapshot()
            unseen = [uid for uid, (found, _) in messages.items() if "\\Seen" not in found]
            self.assertEqual(list(snapshot.uids), list(messages))
            self.assertEqual(snapshot.first_unseen, min(unseen, default=None))
            status = snapshot.status
            deleted = [octets for found, octets in messages.values() if "\\Deleted" in found]
            self.assertEqual((status.deleted, status.deleted_octets), (len(deleted), sum(map(len, deleted))))
            self.assertEqual(
                (status.messages, status.unseen, status.uid_next, status.octets),
                (len(messages), len(unseen), uid_next, sum(len(octets) for _, octets in messages.values())),
            )
            found = await self.column(Field.FLAGS, snapshot.uids, box)
            self.assertEqual(found, {uid: found for uid, (found, _) in messages.items()})
            read = await self.column(Field.MESSAGE, snapshot.uids, box)
            octets = {uid: await message.read(0, message.size) for uid, message in read.items()}
            self.assertEqual(octets, {uid: octets for uid, (_, octets) in messages.items()})
            await self.compare_log(box, snapshot)
            sought = await box.search(Body("7"), snapshot.uids)
            self.assertEqual(list(sought), [uid for uid, (_, octets) in messages.items() if b"7" in octets])
            sought = await box.search(HasFlag("a"), snapshot.uids)
            self.assertEqual(list(sought), [uid for uid, (found, _) in messages.items() if "a" in found])

        for memory in self.memories:
            await self.compare_memory(memory)

    async def compare_memory(self, memory):
        """What is told of the time since must make what is remembered right."""
        changes = await self.boxes[memory.name].changes_since(memory.modseq)
        there = {uid: given for uid, (given, _) in self.model[memory.name].messages.items()}
        self.assertEqual(changes.uid_next, self.model[memory.name].uid_next)
        self.assertEqual(set(changes.expunged) & there.keys(), set())
        self.assertLessEqual(memory.seen.keys() - there.keys(), set(changes.expunged))
        different = {uid for uid, given in there.items() if memory.seen.get(uid) != given}
        self.assertLessEqual(different, set(changes.changed))

    async def compare_log(self, box, snapshot):
        """Follow the log from the beginning: it must lead to what is there."""
        there = UidSet()
        for entry in (await box.changes_since(0)).entries:
            match type(entry).__name__:
                case "Appended":
                    self.assertFalse(there & entry.uids)
                    there |= entry.uids
                case "Expunged":
                    self.assertEqual(there & entry.uids, entry.uids)
                    there -= entry.uids
        self.assertEqual(there, snapshot.uids)
