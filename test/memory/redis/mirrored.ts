import { createClient } from '@redis/client'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../../src/engine/engine.ts'
import { ownerCalls } from '../../../src/memory/duties/calls.ts'
import { finishErasures } from '../../../src/memory/erasures.ts'
import { memoryOf } from '../../../src/memory/open-memory.ts'
import { createMirror } from '../../../src/memory/redis/mirror.ts'
import { openMirrorServer } from '../../../src/memory/redis/server.ts'
import { openMemoryStore } from '../../../src/memory/store/open-store.ts'
import type { MemoryCall } from '../../../src/memory/store/threads/work.ts'
import type { MirroredOwner } from '../../../src/memory/store/upkeep/mirror.ts'

type OpenServer = Parameters<typeof createMirror>[0]['open']

/** A process with memories in a file and a mirror on a Redis server. */
export function openMirrored(
  path: string,
  url: string,
  open: OpenServer = (events) => openMirrorServer({ url }, events),
) {
  // no thread starts in the middle of a test
  const plain = openMemoryStore(path, () => 0)
  const calls = ownerCalls(plain, Date.now)
  const counts = { written: 0, failed: 0 }
  const mirror = createMirror({
    clock: systemClock,
    calls,
    owners: async () =>
      ((await plain.look({ name: 'mirroredOwners', now: Date.now() })) ?? []) as readonly MirroredOwner[],
    open,
    note: (what, count) => void (counts[what] += count),
  })
  const store = mirror.follow(plain)
  const write = (name: MemoryCall['name'], input: unknown, owner = 'ada') =>
    store.write({ name, owner, input, now: Date.now() } as MemoryCall)
  const close = async () => {
    await mirror.close()
    await plain.close()
  }
  onTestFinished(close)
  return {
    mirror,
    counts,
    write,
    close,
    memory: memoryOf(store, 'ada', Date.now, { mirror }),
    /** what the duty of erasures does: gives the number of those that wait */
    finish: () => finishErasures((name, input) => write(name, input) as Promise<never>),
    /** whether the mirror has all changes */
    async isCurrent() {
      const page = await calls.read('ada', 'mirrorPage', {})
      return page !== undefined && page.mark !== '' && page.last === undefined
    },
  }
}

/** Everything on a Redis server as one text, and the ids in a tier of Ada. */
export async function lookInto(url: string) {
  const client = createClient({ url })
  client.on('error', () => {})
  await client.connect()
  const all = []
  for (const key of await client.keys('*')) all.push(key, JSON.stringify(await client.hGetAll(key)))
  const ids = async (tier: string) =>
    (await client.hKeys(`antiphon:memory:{ada}:${tier}`)).filter((id) => !id.startsWith('\u0000')).sort()
  const found = { all: all.join('\n'), short: await ids('short'), intermediate: await ids('intermediate') }
  client.destroy()
  return found
}

/** Sends a command to a Redis server. */
export async function command(url: string, ...words: readonly string[]): Promise<unknown> {
  const client = createClient({ url })
  client.on('error', () => {})
  await client.connect()
  const said = await client.sendCommand([...words])
  client.destroy()
  return said
}
