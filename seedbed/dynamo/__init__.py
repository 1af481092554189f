"""A unit of work over DynamoDB: Changes, packing, sending, the table and its engines."""

from __future__ import annotations

from seedbed.libraries import need_installed

need_installed("boto3", "botocore")  # here, and not in the traceback of whichever module would import them first
