from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.crash.driver import Driver
from tests.process import data_folder

KILLS = 5


class CrashTest(SynchronousTestCase):
    def kill(self, times, **options):
        data = Path(self.mktemp()).absolute()
        data_folder(data)
        driver = Driver(data, seed=1, **options)
        self.addCleanup(driver.close)
        for _ in range(times):
            self.assertEqual(driver.round(), [])
        self.assertEqual(driver.finish(), [])
        self.assertGreater(driver.acknowledged, times)

    def test_nothing_acknowledged_is_lost(self):
        self.kill(KILLS)

    def test_nor_when_one_of_several_workers_is_killed_and_then_all(self):
        self.kill(KILLS, workers=2)
