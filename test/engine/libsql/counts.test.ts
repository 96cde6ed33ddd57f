import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type LibsqlEngine, type LibsqlOptions, libsqlEngine } from '../../../src/engine/libsql/engine.ts'
import { SCHEMA, STATEMENTS } from '../../../src/engine/libsql/tables/schema.ts'
import { nameOf } from '../../../src/kernel/ref.ts'
import type { Actor } from '../../../src/kernel/types.ts'
import { openDatabase } from '../../../src/store/database/open.ts'
import { gate, until } from '../../../src/testing/index.ts'
import { actor, ignoreOutcome, ref } from '../../../trials/conformance/actors.ts'

async function openEngine(actors: readonly Actor[], options: Partial<LibsqlOptions> = {}): Promise<LibsqlEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-counts-'))
  const path = join(folder, 'engine.db')
  const database = await openDatabase({ path, schema: SCHEMA, statements: STATEMENTS, synchronous: 'FULL' })
  const engine = libsqlEngine({ ...options, actors, database })
  onTestFinished(async () => {
    await engine.stop()
    await rm(folder, { recursive: true, force: true })
  })
  await engine.start()
  return engine
}

test('a result that arrives after its turn was cancelled is counted as late, and changes nothing', async () => {
  const hold = gate()
  const deaf = actor(
    'deaf',
    'nothing',
    async (_state, _message, effects) => {
      const state = await effects.run('work', () => hold.pass().then(() => 'done'))
      return { state, reply: state }
    },
    { notice: () => ({}) },
  )
  const engine = await openEngine([deaf])
  const asked = engine.ask(ref('deaf'), null, { id: 'x' })
  ignoreOutcome(asked)
  await hold.started
  await engine.cancel(ref('deaf'), 'x', 'enough')
  await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
  expect(engine.counts.late).toBe(0)
  hold.release()
  await until(() => engine.counts.late === 1)
  expect(await engine.view.peek(ref('deaf'))).not.toBe('done')
})

test('each actor that has a message or has changed is named to listeners', async () => {
  const hold = gate()
  const slow = actor('slow', 'nothing', async (_state, _message, effects) => ({
    state: await effects.run('work', () => hold.pass().then(() => 'done')),
  }))
  const heard: string[] = []
  const watching = new Set([(name: string) => void heard.push(name)])
  const engine = await openEngine([slow], { watching })
  await engine.tell(ref('slow'), null)
  await hold.started
  await until(() => heard.includes(nameOf(ref('slow'))))
  heard.length = 0
  hold.release()
  await until(() => heard.includes(nameOf(ref('slow'))))
  expect(await engine.view.peek(ref('slow'))).toBe('done')
  watching.clear()
  heard.length = 0
  await engine.tell(ref('slow'), null)
  await engine.quiet()
  expect(heard).toEqual([])
})

test('an answer and a timer for an actor that is gone are counted as dropped', async () => {
  const echo = actor('echo', 0, () => ({ reply: true }))
  const brief = actor('brief', 0, (_state, message, { self }) =>
    message === 'ask'
      ? { send: [{ to: ref('echo'), body: null, replyTo: self }], timers: { bell: { delay: 1, body: null } } }
      : { stop: true },
  )
  const engine = await openEngine([echo, brief])
  // the actor is gone before the answer is there
  await Promise.all([engine.tell(ref('brief'), 'ask'), engine.tell(ref('brief'), 'end')])
  await until(() => engine.counts.dropped === 2)
  expect(await engine.view.peek(ref('brief'))).toBeUndefined()
  expect(await engine.deadLetters.list()).toEqual([])
})
