"""Octets of a message to its parts, headers, addresses, dates and text; pure.

Any octets are a message: nothing here fails on what a message holds, and everything takes linear time.
"""

from mailstore.mime.headers import Header, select_fields
from mailstore.mime.message import Message
from mailstore.mime.packing import pack, unpack
from mailstore.mime.part import Kind, Part
from mailstore.mime.scanner import scan

__all__ = ["Header", "Kind", "Message", "Part", "pack", "scan", "select_fields", "unpack"]
