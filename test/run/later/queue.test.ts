import { expect, test } from 'vitest'
import { runRef } from '../../../src/house/actors.ts'
import { fc, runs } from '../../property.ts'
import { BEGIN, openSmallRuns } from './small-run.ts'

const one = { queue: { key: 'k' } }

test('runs of a key work one at a time, in their order, and the queue ends with the last one', async () => {
  const { start, end, status, begun, queue, engine } = openSmallRuns()
  for (const run of ['a', 'b', 'c']) await start(run, one)
  expect([await status('a'), await status('b'), await status('c')]).toEqual([
    'running begun',
    'running queued',
    'running queued',
  ])
  expect((await engine.view.list('run')).find(({ key }) => key === 'b')!.index).toMatchObject({
    later: 'queued',
    waits: 'run-queue/local:k',
  })
  await end('a')
  expect(begun).toEqual(['a', 'b'])
  expect(await status('a')).toBe('completed')
  await end('b')
  await end('c')
  expect(begun).toEqual(['a', 'b', 'c'])
  expect(await queue()).toBeUndefined()
})

test('keys do not wait for each other', async () => {
  const { start, begun } = openSmallRuns()
  await start('a', one)
  await start('b', { queue: { key: 'other' } })
  expect(begun).toEqual(['a', 'b'])
})

test('a run that is cancelled frees its slot, and one that waits frees its place', async () => {
  const { start, cancel, begun, status, queue } = openSmallRuns()
  for (const run of ['a', 'b', 'c']) await start(run, one)
  await cancel('b')
  expect(await status('b')).toBe('cancelled never')
  expect(await queue()).toMatchObject({ active: ['run/a'], waiting: 1 })
  await cancel('a')
  expect(begun).toEqual(['a', 'c'])
  await cancel('c')
  expect(await queue()).toBeUndefined()
})

test('a run whose actor is removed frees its slot', async () => {
  const { start, begun, engine, clock } = openSmallRuns()
  await start('a', one)
  await start('b', one)
  await engine.tell({ kind: 'run', key: 'a' }, { reason: 'gone' }, { type: 'stop' })
  await clock.advance(0)
  expect(begun).toEqual(['a', 'b'])
})

test('a minute bounds how many runs begin in it', async () => {
  const { start, begun, clock, queue, end } = openSmallRuns()
  for (const run of ['a', 'b', 'c', 'd', 'e']) await start(run, { queue: { key: 'k', perMinute: 2 } })
  expect(begun).toEqual(['a', 'b'])
  await clock.advance(59_999)
  expect(begun).toEqual(['a', 'b'])
  await clock.advance(1)
  expect(begun).toEqual(['a', 'b', 'c', 'd'])
  await clock.advance(60_000)
  for (const run of begun) await end(run)
  await clock.advance(60_000)
  expect(await queue()).toBeUndefined()
})

test('a delay comes before the queue', async () => {
  const { start, begun, clock, status, end } = openSmallRuns()
  await start('a', one)
  await start('b', { ...one, delay: '1m' })
  await start('c', one)
  expect(await status('b')).toBe('running timed')
  await clock.advance(60_000)
  expect(await status('b')).toBe('running queued')
  await end('a')
  await end('c')
  expect(begun).toEqual(['a', 'c', 'b'])
})

test('a busy key: join gives the open run, reject refuses, replace cancels', async () => {
  const { start, status, begun } = openSmallRuns()
  const when = (onConflict: 'join' | 'reject' | 'replace') => ({ queue: { key: 'k', onConflict } })
  expect(await start('a', when('join'))).toEqual({ of: 'run/a' })
  expect(await start('b', when('join'))).toEqual({ of: 'run/a', joined: true, open: ['run/a'] })
  expect(await status('b')).toBe('none')
  await expect(start('c', when('reject'))).rejects.toMatchObject({ code: 'queue_busy', data: { run: 'a' } })
  await start('d', one)
  await start('e', when('replace'))
  expect([await status('a'), await status('d'), await status('e')]).toEqual([
    'cancelled',
    'cancelled never',
    'running begun',
  ])
  expect(begun).toEqual(['a', 'e'])
})

test('a debounced key starts the last of several, which says until when another one takes its place', async () => {
  const { start, status, begun, clock, queue, engine } = openSmallRuns()
  const debounced = { queue: { key: 'k', debounce: '5s' } }
  for (const run of ['a', 'b', 'c']) {
    await start(run, debounced)
    await clock.advance(4_000)
  }
  expect([await status('a'), await status('b'), await status('c')]).toEqual([
    'cancelled never',
    'cancelled never',
    'running queued',
  ])
  const debouncedUntil = BEGIN + 13_000
  expect(await queue()).toMatchObject({ debounced: 'run/c', debouncedUntil })
  for await (const { body } of engine.view.events(runRef('c'), { live: false }))
    expect(body).toEqual({ type: 'start-wait', queue: 'k', debouncedUntil })
  await clock.advance(1_000)
  expect(begun).toEqual(['c'])
  expect(await queue()).not.toHaveProperty('debouncedUntil')
  expect(await queue()).toMatchObject({ active: ['run/c'], waiting: 0 })
})

test('a debounced key that never rests begins a run after ten times its pause, and then the next one', async () => {
  const { start, begun, clock, queue } = openSmallRuns()
  const debounced = { queue: { key: 'k', debounce: '5s' } }
  for (let n = 0; n < 13; n++) {
    await start(`r${n}`, debounced)
    await clock.advance(4_000)
  }
  // the first came at 0 s, and the run of 48 s begins at 50 s
  expect(begun).toEqual(['r12'])
  await start('later', debounced)
  await clock.advance(4_000)
  await start('last', debounced)
  await clock.advance(5_000)
  expect(await queue()).toMatchObject({ active: ['run/r12'], waiting: 1 })
})

test('a repeated start takes no second place', async () => {
  const { start, begun, queue } = openSmallRuns()
  await start('a', one)
  await start('a', one)
  await start('b', one)
  await start('b', one)
  expect(begun).toEqual(['a'])
  expect(await queue()).toMatchObject({ active: ['run/a'], waiting: 1 })
})

const act = fc.record({
  what: fc.constantFrom('start', 'start', 'start later', 'end', 'cancel', 'wait'),
  which: fc.nat(20),
})

test('no slot is lost and none is given twice, in any order of starts, ends and cancellations', async () => {
  const property = fc.asyncProperty(
    fc.integer({ min: 1, max: 3 }),
    fc.array(act, { maxLength: 30 }),
    async (slots, acts) => {
      const { start, end, cancel, begun, queue, status, clock } = openSmallRuns()
      const names: string[] = []
      const working = async () => (await Promise.all(begun.map(status))).filter((one) => one.startsWith('running'))
      for (const { what, which } of acts) {
        const given = names[which % names.length] ?? 'none'
        if (what === 'wait') await clock.advance(1000)
        else if (what === 'end') await end(given)
        else if (what === 'cancel') await cancel(given)
        else {
          names.push(`r${names.length}`)
          await start(names.at(-1)!, { queue: { key: 'k', slots }, ...(what === 'start later' && { delay: 1 }) })
        }
        const open = (await working()).length
        expect(open).toBeLessThanOrEqual(slots)
        expect((await queue())?.active.length ?? 0).toBe(open)
      }
      await clock.advance(1000)
      for (let n = 0; n < begun.length; n++) await end(begun[n]!)
      expect(await queue()).toBeUndefined()
      expect((await Promise.all(names.map(status))).filter((one) => one.startsWith('running'))).toEqual([])
    },
  )
  await fc.assert(property, runs(60))
})
