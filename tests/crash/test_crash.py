from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.crash.driver import Driver
from tests.process import data_folder

KILLS = 5


class CrashTest(SynchronousTestCase):
    def test_nothing_acknowledged_is_lost(self):
        data = Path(self.mktemp()).absolute()
        data_folder(data)
        driver = Driver(data, seed=1)
        for _ in range(KILLS):
            self.assertEqual(driver.round(), [])
        self.assertGreater(driver.acknowledged, KILLS)
