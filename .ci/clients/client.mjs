// The JavaScript SDK against `seed serve`: reads the whole table page by page, writes, and is refused as by AWS.
import assert from "node:assert/strict";
import {
  DynamoDBClient, GetItemCommand, PutItemCommand, TransactWriteItemsCommand, paginateScan,
} from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient({});
const TableName = "social";

let rows = 0;
let pages = 0;
for await (const page of paginateScan({ client, pageSize: 100 }, { TableName })) {
  rows += page.Items.length;
  pages += 1;
}
assert.equal(rows, Number(process.argv[2]));
assert.ok(pages > 2);

const Key = { PK: { S: "JS" }, SK: { S: "1" } };
const Item = { ...Key, bytes: { B: new Uint8Array([0, 255]) }, names: { SS: ["a", "b"] }, none: { NULL: true } };
await client.send(new PutItemCommand({ TableName, Item }));
const found = await client.send(new GetItemCommand({ TableName, Key }));
assert.deepEqual({ ...found.Item, bytes: [...found.Item.bytes.B] }, { ...Item, bytes: [0, 255] });

const Put = { TableName, Item, ConditionExpression: "attribute_not_exists(PK)" };
await assert.rejects(client.send(new PutItemCommand(Put)), { name: "ConditionalCheckFailedException" });
await assert.rejects(client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }] })), (error) => {
  assert.equal(error.name, "TransactionCanceledException");
  assert.equal(error.CancellationReasons[0].Code, "ConditionalCheckFailed");
  return true;
});
