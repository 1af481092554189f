"""Tags of a table: what its owner says of it."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from seedbed.dynamo.engines.connections import open_engine
from seedbed.dynamo.errors import PermissionDeniedError
from seedbed.errors import ServiceError

_NO_DYNAMODB = (BotoCoreError, ResponseParserError, ServiceError, AttributeError, LookupError, TypeError, ValueError)
"""What comes of an answer that is none of DynamoDB's: what is wrong there, the command tells by its own first call."""


def tags_of(endpoint_url: str, table: str) -> list[str]:
    """Return the tags of a table, as key=value; none where the table, or an engine that knows of tags, is not there.

    Raises:
        PermissionDeniedError: they may not be read.

    Cost: 2 requests, tried once.
    """
    try:
        with open_engine(endpoint_url) as engine:
            client = engine.hasty_client()
            arn = client.describe_table(TableName=table)["Table"]["TableArn"]
            return [f"{tag['Key']}={tag['Value']}" for tag in client.list_tags_of_resource(ResourceArn=arn)["Tags"]]
    except ClientError as error:
        if error.operation_name == "ListTagsOfResource" and "AccessDenied" in error.response["Error"]["Code"]:
            raise PermissionDeniedError("ListTagsOfResource", str(error)) from error
        return []
    except _NO_DYNAMODB:
        return []
