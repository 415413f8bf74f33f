"""Take what importers read into the store: once, however often it is imported.

``importer.py`` goes through the files, ``notes.py`` and ``talks.py`` take in what they hold.
"""

from memcli.importing.importer import BATCH, Importer
from memcli.importing.intake import Choices
from memcli.importing.report import Report

__all__ = ["BATCH", "Choices", "Importer", "Report"]
