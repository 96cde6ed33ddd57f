import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { blocksIn, openProgramFolder, read, runProgram } from './program.ts'

const [policy = '', cache = ''] = blocksIn(await read('docs/rules.md'), 'ts')

test('the examples of the page have at most 60 lines', () => {
  for (const example of [policy, cache]) expect(example.split('\n').length).toBeLessThanOrEqual(60)
})

test.each([
  ['after it closes, asks for a reason', 0, '"reason":"broken"'],
  ['before it closes, asks for none', 24, '"reason":"none"'],
])('the policy of the page, %s', async (_, hour, paid) => {
  const folder = await openProgramFolder()
  const changed = policy.replace('const CLOSES = 18', `const CLOSES = ${hour}`)
  const logged = changed.replace(
    '=> ({ paid: order, reason })',
    '=> (console.log(JSON.stringify({ reason })), { paid: order, reason })',
  )
  const { code, out } = await runProgram(folder, logged)
  expect([code, out.split('\n')]).toEqual([0, [expect.stringContaining(paid), 'Order 17 is paid back.', '']])
})

/** A client of Redis that keeps all in this process. */
const REDIS = `const values = new Map()
const client = { get: async (key) => values.get(key) ?? null, set: async (key, value) => void values.set(key, value), destroy() {} }
export const createClient = () => ({ connect: async () => client })
`

test('the cache of the page asks the model once', async () => {
  const folder = await openProgramFolder()
  await writeFile(join(folder, 'redis.mjs'), REDIS)
  const { code, out } = await runProgram(folder, cache.replace("from 'redis'", "from './redis.mjs'"))
  expect(out).toBe('Low tide is at 6:12.\nLow tide is at 6:12.\n1\n')
  expect(code).toBe(0)
})
