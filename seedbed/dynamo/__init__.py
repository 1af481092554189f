"""A unit of work over DynamoDB: Changes, packing, sending, the table and its engines."""
