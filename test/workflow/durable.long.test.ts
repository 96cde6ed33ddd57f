import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isKilled } from '../chaos/killed.ts'
import { openDouble } from './durable/double.ts'
import { makeFolder } from './open-runs.ts'

const CHILD = join(import.meta.dirname, 'durable/child.ts')

/** Every second call is enough for the short form; ANTIPHON_KILLS asks for all. */
const STRIDE = process.env.ANTIPHON_KILLS === undefined ? 2 : 1

/** `generateText`, `streamText` and an agent, which ask a model twice, and a tool once. */
const ALL = ['whole', 'stream', 'agent'].flatMap((how) => [`${how} 1`, `/stock/cups/call_${how}`, `${how} 3`])

test('a process is killed within each call of the AI SDK: only the call that it cut off is made again', async () => {
  for (const [at, name] of ALL.entries()) {
    if (at % STRIDE !== 1 % STRIDE) continue
    const { url, asked, killAt } = await openDouble()
    const folder = makeFolder()
    killAt(at + 1)
    expect(await isKilled(CHILD, { folder, url }, 60_000), name).toBe(true)
    expect(await isKilled(CHILD, { folder, url }, 60_000), name).toBe(false)
    const repeated = asked[at]!
    expect(asked.toSorted(), `killed in request ${at + 1}`).toEqual([...ALL, repeated].toSorted())
  }
}, 300_000)
