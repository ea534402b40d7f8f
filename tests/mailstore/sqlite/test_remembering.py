"""What the register has answered is remembered until anybody has changed it, and no longer."""

from pathlib import Path

from mailstore.errors import NotFound
from mailstore.model import OwnQuota
from mailstore.sqlite import remembering
from mailstore.sqlite.bell import Bell
from tests.mailstore.sqlite.case import SqliteCase


class RememberedTest(SqliteCase):
    async def setUp(self):
        await super().setUp()
        self.remembered = self.store._registry._remembered
        self.questions = []

    def question(self, _, *about):
        """Answer what was asked."""
        self.questions.append(about)
        return about

    async def ask(self, *about):
        """Ask twice; return how often anything was asked so far."""
        self.assertEqual(await self.remembered.read(self.question, *about), about)
        self.assertEqual(self.remembered.read_now(self.question, *about), about)
        return len(self.questions)

    def die(self):
        """End as a process may between a commit and its bell."""
        raise SystemError("killed")

    async def test_each_question_is_asked_once(self):
        self.assertEqual([await self.ask(number) for number in (1, 2, 1, 2)], [1, 2, 2, 2])

    async def test_what_another_process_changed_is_known_at_once(self):
        other = self.another_store()
        for number in range(3):
            await other.set_password_hash("ada", f"hash {number}")
            self.assertEqual((await self.store.credentials("ADA"))[1], f"hash {number}")
            await other.set_quota("ada", OwnQuota(octets=1000 + number))
            self.assertEqual((await self.store.user("ada")).quota.octets, 1000 + number)
            self.assertEqual((await self.account.quota()).octets, 1000 + number)

    async def test_who_was_not_there_may_come_and_go(self):
        other = self.another_store()
        with self.assertRaises(NotFound):
            await self.store.user("eve")
        await other.add_user("eve", "hash")
        self.assertEqual((await self.store.addressee("eve"))[0].name, "eve")
        await other.add_alias("eve", "mother")
        self.assertEqual((await self.store.addressee("mother"))[0].name, "eve")
        await other.delete_user("eve")
        for name in "eve", "mother":
            with self.assertRaises(NotFound):
                await self.store.addressee(name)

    async def test_without_a_stamp_nothing_is_remembered(self):
        self.patch(Bell, "stamp", lambda _: None)
        self.assertEqual([await self.ask(1), await self.ask(1)], [2, 4])

    async def test_what_was_changed_by_who_died_before_the_bell_is_known_after_a_look(self):
        await self.store.credentials("ada")
        other = self.another_store()
        other._registry._database._writes._ring = self.die
        with self.assertRaises(SystemError):
            await other.set_password_hash("ada", "other")
        self.assertEqual((await self.store.credentials("ada"))[1], "hash")
        await self.store._look()
        self.assertEqual((await self.store.credentials("ada"))[1], "other")

    async def test_whose_bell_was_taken_away_remembers_nothing(self):
        await self.store.credentials("ada")
        (Path(self.place) / "registry.bell").unlink()
        await self.another_store().set_password_hash("ada", "other")
        self.assertEqual((await self.store.credentials("ada"))[1], "other")
        self.assertEqual([await self.ask(1), await self.ask(1)], [2, 4])

    async def test_memory_is_bounded(self):
        self.patch(remembering, "MOST", 3)
        for number in range(10):
            await self.ask(number)
            self.assertLessEqual(len(self.remembered._answers), 3)

    async def test_what_fails_is_asked_again(self):
        def fail(_):
            self.questions.append(())
            raise NotFound("there is none")

        for times in 1, 2:
            with self.assertRaises(NotFound):
                await self.remembered.read(fail)
            self.assertEqual(len(self.questions), times)
