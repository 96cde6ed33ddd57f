import { expect, it } from 'vitest'
import { serviceNames } from '../../../../src/engine/restate/names.ts'
import { inspectActor } from '../../../../src/engine/restate/node/inspect.ts'

const of = { kind: 'item', key: 'a' }
const CELL = { version: 1, status: 'live', seq: 1, events: 0, state: null, watchers: [], cancelled: [], timers: {} }

/** A server on which the first turn of an actor ends right when the message that it takes is read. */
function serverInMotion() {
  let cell: typeof CELL | null = null
  const tables = {
    sys_journal: () => {
      cell = CELL
      return []
    },
    sys_inbox: () => [],
    sys_invocation_status: () => [{ id: 'inv_1', status: 'invoked', service: 'antiphon.item', key: 'a', part: '1' }],
  }
  const query = async (sql: string) => tables[/from (\w+)/.exec(sql)![1] as keyof typeof tables]()
  return { client: { query }, ctx: { request: () => ({ id: 'inv_2' }), get: async () => cell } }
}

it('inspection shows an actor whose first turn ends meanwhile with the result of that turn', async () => {
  const { client, ctx } = serverInMotion()
  const seen = await inspectActor({ client, names: serviceNames('antiphon') } as never, ctx as never, of)
  expect(seen).toMatchObject({ of, cell: { seq: 1 }, mail: [], waiting: 0 })
})
