import { isObject, type Json, type JsonObject, objectIn, textIn } from '../../json/json.ts';
import { Message } from './protobuf.ts';

/** The form in which kubectl asks for version 2. No media type has an `@`, so the answer has a name of its own. */
export const OPENAPI_PROTOBUF = {
  asked: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
  answered: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
};

/** Numbers of the fields of a Schema in gnostic's OpenAPIv2.proto. */
const TEXTS = { $ref: 1, format: 2, title: 3, description: 4, pattern: 13 };
const DOUBLES = { maximum: 7, minimum: 9 };
const WHOLES = { maxLength: 11, minLength: 12, maxItems: 14, minItems: 15 };
const [REQUIRED, ENUM, ADDITIONAL, TYPE, ITEMS, ALL_OF, PROPERTIES, EXTENSION] = [
  19, 20, 21, 22, 23, 24, 25, 31,
] as const;

/**
 * A document of version 2 as protobuf, without its paths: kubectl reads the kinds in it when it is asked for one that is not
 * served, to say so. With paths it would go on to look for a CustomResourceDefinition, of which there are none here.
 */
export function openApiProtobuf(document: JsonObject): Buffer {
  const info = objectIn(document, 'info');
  const definitions = namedSchemas(objectIn(document, 'definitions'));
  return new Message()
    .text(1, textIn(document, 'swagger'))
    .message(2, new Message().text(1, textIn(info, 'title')).text(2, textIn(info, 'version')))
    .message(9, definitions)
    .bytes();
}

function namedSchemas(schemas: JsonObject): Message {
  const all = new Message();
  for (const [name, schema] of Object.entries(schemas)) {
    all.message(1, new Message().text(1, name).message(2, schemaOf(schema)));
  }
  return all;
}

function schemaOf(schema: Json): Message {
  const message = new Message();
  if (!isObject(schema)) return message;
  addBounds(message, schema);
  addParts(message, schema);
  for (const [name, value] of Object.entries(schema)) {
    if (!name.startsWith('x-')) continue;
    message.message(EXTENSION, new Message().text(1, name).message(2, anyOf(value)));
  }
  return message;
}

/** What a schema says of the value itself. */
function addBounds(message: Message, schema: JsonObject): void {
  for (const [name, field] of Object.entries(TEXTS)) {
    message.text(field, textIn(schema, name) || undefined);
  }
  for (const [name, field] of Object.entries(DOUBLES)) {
    message.double(field, numberIn(schema, name));
  }
  for (const [name, field] of Object.entries(WHOLES)) message.whole(field, numberIn(schema, name));
  if (typeof schema.type === 'string') message.message(TYPE, new Message().text(1, schema.type));
  for (const value of listOf(schema.enum)) message.message(ENUM, anyOf(value));
}

/** What a schema says of what is in the value. */
function addParts(message: Message, schema: JsonObject): void {
  const { items, properties, additionalProperties } = schema;
  for (const name of listOf(schema.required)) message.text(REQUIRED, name as string);
  if (isObject(additionalProperties)) {
    message.message(ADDITIONAL, new Message().message(1, schemaOf(additionalProperties)));
  }
  if (isObject(items)) message.message(ITEMS, new Message().message(1, schemaOf(items)));
  for (const part of listOf(schema.allOf)) message.message(ALL_OF, schemaOf(part));
  if (isObject(properties)) message.message(PROPERTIES, namedSchemas(properties));
}

/** A value of any kind travels as YAML, of which JSON is a part. */
function anyOf(value: Json): Message {
  return new Message().text(2, JSON.stringify(value));
}

function numberIn(schema: JsonObject, name: string): number | undefined {
  const value = schema[name];
  return typeof value === 'number' ? value : undefined;
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}
