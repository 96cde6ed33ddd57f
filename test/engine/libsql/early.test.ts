import { expect, onTestFinished, test } from 'vitest'
import { libsqlEngine } from '../../../src/engine/libsql/engine.ts'
import type { Actor } from '../../../src/kernel/types.ts'
import { until } from '../../../src/testing/index.ts'
import { actor, RECORDER, recorderActor, ref } from '../../../trials/conformance/actors.ts'
import { heldDisk, settle, waits } from './held-disk.ts'

function open(...actors: readonly Actor[]) {
  const disk = heldDisk()
  const engine = libsqlEngine({ actors, database: disk })
  onTestFinished(async () => {
    disk.letGo()
    await engine.stop({ grace: 0 })
  })
  return { disk, engine }
}

/** An actor whose effect prepares, and then waits for the disk before it leaves. */
function preparing() {
  const seen: string[] = []
  const worker = actor('worker', 0, async (count, _message, effects) => {
    const act = async ({ whenDurable }: { whenDurable?(): Promise<void> }) => {
      seen.push('prepared')
      await whenDurable!().catch((error: Error) => {
        seen.push(`refused: ${error.name}`)
        throw error
      })
      seen.push('left')
    }
    await effects.run('act', act, { prepares: true })
    return { state: count + 1, reply: count }
  })
  return { seen, worker }
}

test('an early reply does not wait for the disk, and every other reply of the same message does', async () => {
  const { disk, engine } = open(recorderActor())
  const early = engine.ask(RECORDER, 'a', { id: 'same', early: true })
  const late = engine.ask(RECORDER, 'a', { id: 'same' })
  expect(await early).toBe(1)
  expect(await waits(late)).toBe(true)
  disk.letGo()
  expect(await late).toBe(1)
})

test('an effect that prepares begins before its causes are on disk, and leaves after that', async () => {
  const { seen, worker } = preparing()
  const { disk, engine } = open(worker)
  const asked = engine.ask(ref('worker'), 'a')
  await until(() => seen.length > 0)
  await settle()
  expect(seen).toEqual(['prepared'])
  disk.letGo()
  expect(await asked).toBe(0)
  expect(seen).toEqual(['prepared', 'left'])
})

test('an effect that prepares does not leave when its turn is cancelled before its causes are on disk', async () => {
  const { seen, worker } = preparing()
  const { disk, engine } = open(worker)
  const asked = engine.ask(ref('worker'), 'a', { id: 'work' })
  await until(() => seen.length > 0)
  const ended = Promise.allSettled([asked, engine.cancel(ref('worker'), 'work', 'enough')])
  await until(() => seen.length > 1)
  disk.letGo()
  await ended
  expect(seen).toEqual(['prepared', expect.stringMatching(/^refused: /)])
})

test('an effect that prepares does not leave when its causes cannot be written', async () => {
  const { seen, worker } = preparing()
  const { disk, engine } = open(worker)
  const asked = engine.ask(ref('worker'), 'a')
  await until(() => seen.length > 0)
  disk.fail(new Error('the disk is full'))
  await expect(asked).rejects.toMatchObject({ code: 'degraded' })
  await until(() => seen.length > 1)
  expect(seen).toEqual(['prepared', expect.stringMatching(/^refused: /)])
})
