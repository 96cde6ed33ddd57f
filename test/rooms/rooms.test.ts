import { expect, it } from 'vitest'
import { ROOMS, roomOwnership, viewRooms } from '../../src/rooms/rooms.ts'
import { openBench } from '../cli/commands.ts'
import { fakeRuntime } from '../http/fake-runtime.ts'

it('a caller may use a method for each operation of a room', () => {
  const viewer = { caller: { owner: 'ann' }, isAdmin: false }
  const views = viewRooms({} as never, viewer as never) as unknown as {
    readonly [port: string]: { readonly [method: string]: unknown }
  }
  const operations = Object.entries(ROOMS).flatMap(([port, { contract }]) =>
    Object.values(contract)
      // the page of a link has a route, and no method
      .filter(({ takes }) => takes)
      .map(({ name }) => [port, name.slice(port.length + 1)] as const),
  )
  expect(operations).toContainEqual(['environments', 'update'])
  const methodOf = ([port, method]: readonly [string, string]) =>
    method.split('.').reduce((at: unknown, name) => (at as { [name: string]: unknown })?.[name], views[port])
  expect(operations.filter((operation) => typeof methodOf(operation) !== 'function')).toEqual([])
})

it('the operations of a room begin with the name of its port', () => {
  const names = Object.entries(ROOMS).flatMap(([port, { contract }]) =>
    Object.keys(contract).map((name) => [port, name]),
  )
  expect(names.filter(([port, name]) => !name!.startsWith(`${port}.`))).toEqual([])
})

it('an erasure removes keys and links first, then work, and then what other rooms hold', () => {
  const kinds = roomOwnership.map(({ kind }) => kind)
  const some = ['login', 'api-key', 'session', 'link', 'agent', 'chain', 'run', 'supervisor', 'environment']
  expect(kinds.slice(0, 4)).toEqual(['login', 'api-key', 'session', 'link'])
  expect(kinds.filter((kind) => some.includes(kind))).toEqual(some)
  expect(kinds).toEqual([...new Set(kinds)])
})

it('the bench of commands has all rooms', async () => {
  const bench = openBench()
  const runtime = fakeRuntime(bench.folder)
  expect(Object.keys(ROOMS).filter((port) => !Object.hasOwn(runtime, port))).toEqual([])
  await runtime.stop()
  const set = await bench.run('budget', 'set', 'owner/ann', '5')
  expect(set).toMatchObject({ code: 0, out: expect.stringContaining('owner/ann') })
})
