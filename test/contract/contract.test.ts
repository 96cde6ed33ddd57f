import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { CODES, FAMILY_CODES } from '../../src/contract/facts.ts'
import { OPERATIONS, type OperationName } from '../../src/contract/operations.ts'
import { schemaOf } from '../../src/document.ts'
import type { Operation } from '../../src/house/operation.ts'
import type { Client } from '../../src/http/client/client.ts'
import { ROUTES } from '../../src/http/routes/route-table.ts'
import { CONTRACT } from '../../src/rooms/contract.ts'
import { readPaths } from '../architecture/source.ts'

const addressOf = ({ method, path }: Pick<Operation, 'method' | 'path'>) => `${method} ${path}`
const operations = Object.entries<Operation>(OPERATIONS)

it('describes every operation once, and the server has a route for each', () => {
  const addresses = operations.map(([, operation]) => addressOf(operation)).sort()
  expect(new Set(addresses).size).toBe(addresses.length)
  expect(CONTRACT.map(addressOf).sort()).toEqual(addresses)
  expect(ROUTES.map(addressOf)).toEqual(CONTRACT.map(addressOf))
})

it('has each error code in one room', async () => {
  const paths = readPaths('src').map(({ path }) => path)
  const facts = paths.filter((path) => path.endsWith('/facts.ts') && !path.startsWith('src/contract/'))
  const tables = await Promise.all(facts.map((path) => import(join(import.meta.dirname, '../..', path))))
  const ofRooms = tables.flatMap((table: object) => Object.entries(table).filter(([name]) => name.endsWith('Codes')))
  const codes = [...Object.keys(FAMILY_CODES), ...ofRooms.flatMap(([, table]) => Object.keys(table))]
  expect(codes.filter((code, at) => codes.indexOf(code) !== at)).toEqual([])
  expect(codes.filter((code) => !Object.hasOwn(CODES, code))).toEqual([])
})

it.each(operations)('%s takes what its path names', (_, { path, takes }) => {
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
  // the fields of an argument may be parameters of the path, too
  if (takes && !takes.includes('...')) expect(takes).toEqual(expect.arrayContaining(named))
})

it('has an operation for every method of the client', () => {
  type PathsOf<Port> = {
    [Key in keyof Port & string]: Port[Key] extends (...given: never) => unknown ? Key : `${Key}.${PathsOf<Port[Key]>}`
  }[keyof Port & string]
  // `conversations.send` is `conversations.post` with `wait`, and `files.read` is `files.open` of a whole file
  type Own = 'each' | 'conversations.send' | 'files.read'
  const isComplete: [Exclude<PathsOf<Client>, OperationName | Own>] extends [never] ? true : false = true
  expect(isComplete).toBe(true)
})

it('passes every argument of a client method to its operation', () => {
  type MethodAt<Port, Name> = Name extends `${infer Head}.${infer Rest}`
    ? Head extends keyof Port
      ? MethodAt<Port[Head], Rest>
      : never
    : Name extends keyof Port
      ? Port[Name]
      : never
  type Count<List extends readonly unknown[]> = List['length']
  // an event stream also takes its start
  type Taken<Op> = Op extends { readonly takes: infer Names extends readonly unknown[] }
    ? Count<Names> | (Op extends { readonly gives: 'events' } ? Count<readonly [...Names, unknown]> : never)
    : number
  type Given<Method> = Method extends (...given: infer List) => unknown ? Count<Required<List>> : never
  type Dropped = {
    [Name in OperationName]: Given<MethodAt<Client, Name>> extends Taken<(typeof OPERATIONS)[Name]> ? never : Name
  }[OperationName]
  // these have a line of their own in client.ts
  type Special = 'catalogue.tools' | 'threads.startAsk' | 'conversations.post'
  const isComplete: [Exclude<Dropped, Special>] extends [never] ? true : false = true
  expect(isComplete).toBe(true)
})

it('takes a schema for a type only when both have the same fields', () => {
  const schema = z.object({ a: z.string() })
  expect(schemaOf<{ readonly a: string }>()(schema)).toBe(schema)
  // @ts-expect-error the schema lacks an optional field
  schemaOf<{ readonly a: string; readonly b?: number }>()(schema)
  // @ts-expect-error the type lacks a field
  schemaOf<Record<never, never>>()(schema)
  // @ts-expect-error a field differs
  schemaOf<{ readonly a: number }>()(schema)
})
