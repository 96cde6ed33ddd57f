import { expect, it } from 'vitest'
import type { QueryRow, RestateClient } from '../../../../src/engine/restate/client/client.ts'
import { serviceNames } from '../../../../src/engine/restate/names.ts'
import { exportRestate } from '../../../../src/engine/restate/transfer/export.ts'
import { ref } from '../../../../trials/conformance/actors.ts'

const HOUR = 3_600_000
const NOW = Date.parse('2026-03-02T12:00:00Z')

/** What a server answers whose tables hold these rows. */
function contentsOf(tables: { readonly [table: string]: readonly QueryRow[] }) {
  const client = {
    query: async (sql: string) => tables[/from (\w+)/.exec(sql)![1]!] ?? [],
    output: async () => null,
  } satisfies Partial<RestateClient>
  return exportRestate({
    client: client as unknown as RestateClient,
    names: serviceNames('app'),
    kinds: ['worker'],
    now: NOW,
  })
}

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

const service = 'app.worker'

it('an id that the server remembers longer than was promised is none', async () => {
  const ids = [25, 23].map((hours) => ({
    id: `inv_${hours}`,
    name: `${hours}`,
    service,
    key: 'a',
    at: new Date(NOW - hours * HOUR).toISOString(),
  }))
  expect(await all(contentsOf({ sys_invocation_status: ids }).ids())).toEqual([
    { id: '23', use: 'tell worker/a', at: NOW - 23 * HOUR },
  ])
})

it('an id that was given to two actors stays with the first', async () => {
  const ids = ['a', 'b'].map((key) => ({ id: `inv_${key}`, name: 'x', service, key, at: new Date(NOW).toISOString() }))
  expect(await all(contentsOf({ sys_invocation_status: ids }).ids())).toEqual([
    { id: 'x', use: 'tell worker/a', at: NOW },
  ])
})

it('a turn of which a part has left already is not moved', async () => {
  const envelope = { id: 'm', to: ref('worker', 'a') }
  const payload = [...Buffer.from(JSON.stringify(envelope))]
  const input = JSON.stringify({ Command: { Input: { payload } } })
  const journal = { id: 'inv_1', input, entry: input, at: '2026-03-02T11:00:00Z' }
  const contents = contentsOf({
    sys_invocation_status: [{ id: 'inv_1', status: 'invoked', at: '2026-03-02T11:00:00Z' }],
    sys_journal: [journal],
  })
  await expect(all(contents.mail())).rejects.toMatchObject({
    code: 'half_done',
    message: expect.stringContaining('worker/a'),
  })
})
