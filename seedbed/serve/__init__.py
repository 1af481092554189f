"""An embedded engine served as a DynamoDB endpoint, for any SDK; needs the extra `serve`."""
