import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineActor } from '../../../../src/kernel/turn.ts'
import { until } from '../../../../src/testing/until.ts'
import { createPath, openEngine } from '../open.ts'

const note = defineActor({
  kind: 'note',
  message: z.string(),
  initial: () => '',
  receive: (before, text) => ({
    state: text,
    parts: { [`p${text.length}`]: text },
    events: [text],
    reply: `${before}>${text}`,
  }),
})
const of = (key: string) => ({ kind: 'note', key })

/** The files beside the database that contain a text. */
const filesWith = (path: string, text: string) =>
  readdirSync(dirname(path)).filter((name) => readFileSync(join(dirname(path), name)).includes(text))

test('no file holds the bytes of a stopped actor, nor of the replies to its callers; everything else stays', async () => {
  const path = createPath()
  const options = { actors: [note], checkpoint: { bytes: 1_000, chunk: 2, trim: 4 } }
  const engine = await openEngine(path, options)
  for (let n = 0; n < 15; n++) {
    await engine.ask(of(`gone${n % 5}`), `SECRET ${n}`, { id: `gone-${n}` })
    await engine.ask(of('stays'), `kept ${n}`, { id: `stays-${n}` })
  }
  for (let n = 0; n < 5; n++) await engine.tell(of(`gone${n}`), null, { type: 'stop' })
  expect(filesWith(path, 'SECRET')).not.toEqual([])

  expect(await engine.compact((actor) => actor.startsWith('note/gone'))).toBe(true)
  expect(filesWith(path, 'SECRET')).toEqual([])
  expect(await engine.view.peek(of('stays'))).toBe('kept 14')
  expect(await engine.ask(of('stays'), 'kept 1', { id: 'stays-1' })).toBe('kept 0>kept 1')
  // a forgotten id is a new one
  expect(await engine.ask(of('gone1'), 'again', { id: 'gone-1' })).toBe('>again')

  await engine.stop()
  expect(filesWith(path, 'SECRET')).toEqual([])
  const later = await openEngine(path, options)
  expect(await later.ask(of('stays'), 'kept 13', { id: 'stays-13' })).toBe('kept 12>kept 13')
  const events: unknown[] = []
  for await (const { body } of later.view.events(of('stays'), { live: false })) events.push(body)
  expect(events).toHaveLength(15)
})

test('timers for which nobody waits go, and so do messages that the record of a start names; the others stay', async () => {
  const path = createPath()
  const fired: string[] = []
  const alarm = defineActor({
    kind: 'alarm',
    message: z.string(),
    initial: () => '',
    receive(_, text, { self }) {
      if (text === 'ring') fired.push(self.key)
      return { state: text, timers: { ring: { delay: text === 'ring' ? HOUR : Number(text), body: 'ring' } } }
    },
  })
  const at = (key: string) => ({ kind: 'alarm', key })
  const first = await openEngine(path, { actors: [alarm] })
  await first.tell(at('SECRET'), String(HOUR))
  await first.tell(at('stays'), String(HOUR))
  // set again: the timer of before is void
  await first.tell(at('stays'), '400', { id: 'work' })
  const later = String(HOUR + 1)
  await first.tell(at('SECRET'), later, { id: 'SECRET mail', delay: 1 })
  await first.stop()

  const engine = await openEngine(path, { actors: [alarm] })
  await engine.start()
  await until(async () => (await engine.view.peek(at('SECRET'))) === later)
  await engine.tell(at('SECRET'), null, { type: 'stop' })
  expect(filesWith(path, 'SECRET')).not.toEqual([])
  expect(await engine.compact((actor) => actor.includes('SECRET'))).toBe(true)
  expect(filesWith(path, 'SECRET')).toEqual([])
  await until(() => fired.length > 0)
  expect(fired).toEqual(['stays'])
})

const HOUR = 3_600_000
