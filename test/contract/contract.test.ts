import { expect, it } from 'vitest'
import { CONTRACT } from '../../src/contract/contract.ts'
import { OPERATIONS, type Operation, type OperationName } from '../../src/contract/operations.ts'
import type { Client } from '../../src/http/client/client.ts'
import { ROUTES } from '../../src/http/routes/route-table.ts'

const addressOf = ({ method, path }: Pick<Operation, 'method' | 'path'>) => `${method} ${path}`
const operations = Object.entries<Operation>(OPERATIONS)

it('describes every operation once, and the server has a route for each', () => {
  const addresses = operations.map(([, operation]) => addressOf(operation)).sort()
  expect(new Set(addresses).size).toBe(addresses.length)
  expect(CONTRACT.map(addressOf).sort()).toEqual(addresses)
  expect(ROUTES.map(addressOf)).toEqual(CONTRACT.map(addressOf))
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
  const isComplete: [Exclude<PathsOf<Client>, OperationName | 'each'>] extends [never] ? true : false = true
  expect(isComplete).toBe(true)
})
