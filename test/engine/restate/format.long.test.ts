import { expect, it } from 'vitest'
import { checkFormat } from '../../../src/engine/restate/format.ts'
import { rowKey } from '../../../src/engine/restate/state/rows.ts'
import { STORED_FORMAT } from '../../../src/store/stored-format.ts'

/** A server whose directory has these rows. */
function openServer(rows: { readonly [row: string]: unknown } = {}) {
  const kept = new Map(Object.entries(rows))
  const client = {
    query: async () => [...kept].map(([key, value]) => ({ key: rowKey(key), value: JSON.stringify(value) })),
    async call({ body }: { readonly body?: unknown }) {
      const { key, row, over } = body as { readonly key: string; readonly row: unknown; readonly over: unknown }
      if (!kept.has(key) || kept.get(key) === over) kept.set(key, row)
      return { status: 200, body: kept.get(key) as number }
    },
  }
  return { kept, check: () => checkFormat({ client, names: { directory: 'dir' }, namespace: 'app' }) }
}

it('the first node claims the format, and the next one finds it', async () => {
  const { kept, check } = openServer()
  const claims = [await check(), await check()]
  for (const claim of claims) await claim()
  expect([...kept]).toEqual([['format', STORED_FORMAT]])
  await (await check())()
})

it.each([
  ['an older release', { mark: 'app.1' }, 0],
  ['an older release', { mark: 'app.1', format: STORED_FORMAT - 1 }, STORED_FORMAT - 1],
  ['a newer release', { mark: 'app.1', format: STORED_FORMAT + 1 }, STORED_FORMAT + 1],
])('data that %s wrote is refused: %j', async (age, rows, found) => {
  const { kept, check } = openServer(rows)
  await expect(check()).rejects.toMatchObject({
    name: 'InvalidError',
    message: `The data of app on the Restate server was written by ${age} of antiphon: expected format ${STORED_FORMAT}, found ${found === 0 ? 'none' : found}.`,
    hint: expect.stringMatching(/namespace/),
  })
  expect(kept.size).toBe(Object.keys(rows).length)
})

it('one of two first nodes with different releases is refused', async () => {
  const { kept, check } = openServer()
  const claim = await check()
  kept.set('format', STORED_FORMAT + 1)
  await expect(claim()).rejects.toThrow(`found ${STORED_FORMAT + 1}`)
})
