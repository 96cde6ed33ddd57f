import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type LibsqlEngine, libsqlEngine } from '../../../src/engine/libsql/engine.ts'
import { SCHEMA, STATEMENTS } from '../../../src/engine/libsql/tables/schema.ts'
import type { Actor } from '../../../src/kernel/types.ts'
import { openDatabase } from '../../../src/store/database/open.ts'
import { gate, until } from '../../../src/testing/index.ts'
import { actor, ignoreOutcome, ref } from '../../../trials/conformance/actors.ts'

async function openEngine(actors: readonly Actor[]): Promise<LibsqlEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-counts-'))
  const path = join(folder, 'engine.db')
  const database = await openDatabase({ path, schema: SCHEMA, statements: STATEMENTS, synchronous: 'FULL' })
  const engine = libsqlEngine({ actors, database })
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
