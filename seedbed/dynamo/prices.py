"""What AWS asks for DynamoDB, and where its limits are, as far as a plan needs them: us-east-1, on demand.

Prices are those of AWS's pages "Pricing for On-Demand Capacity" and "Amazon S3 pricing" as of November 2024, the latest
change that we know of; limits are those of the Developer Guide, "Quotas" and "On-demand capacity mode", as of November
2026. AWS's own price list and your account's quotas have the last word.
"""

from __future__ import annotations

from typing import Final

from seedbed.dynamo.usage import USD_PER_MILLION_WRITE_UNITS

USD_PER_WRITE_UNIT: Final = USD_PER_MILLION_WRITE_UNITS / 1_000_000
USD_PER_READ_UNIT: Final = 0.125 / 1_000_000
USD_PER_GB_IMPORT: Final = 0.15
"""Of the source as it is without compression; the new table's write units cost nothing."""
USD_PER_GB_EXPORT: Final = 0.10
USD_PER_GB_MONTH: Final = 0.25
USD_PER_S3_PUT: Final = 0.005 / 1_000
GB: Final = 1_000_000_000

TABLE_UNITS_NEW: Final = 4_000
"""Write units a second that a new table on demand takes from the start (its warm throughput)."""
TABLE_UNITS_MOST: Final = 40_000
"""Write units a second of one table, where no higher quota was asked for."""
DOUBLES_SECONDS: Final = 30 * 60
"""A table on demand takes up to twice its earlier peak; a higher one throttles where it comes within this time."""
PARTITION_UNITS: Final = 1_000
"""Write units a second of one partition."""
BURST_SECONDS: Final = 300
"""What a partition did not use is kept so long, and no promise ("Burst and adaptive capacity")."""
IMPORT_OBJECTS: Final = 50_000
IMPORT_TB: Final = 15
"""What all imports that run at once may read, in us-east-1, us-west-2 and eu-west-1; 1 TB elsewhere."""
