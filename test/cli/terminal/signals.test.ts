import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { classifySignal, listenForSignals } from '../../../src/cli/terminal/signals.ts'

it('takes signals within a second for the first one, and ends at a later one', () => {
  expect(classifySignal(undefined, 5)).toBe('stop')
  expect(classifySignal(5, 1005)).toBe('same')
  expect(classifySignal(5, 1006)).toBe('end')
})

it('lets a Ctrl-C be claimed before it stops, also if it comes twice', async () => {
  const source = new EventEmitter()
  let now = 0
  const claims = [true, false]
  const interruption = listenForSignals(
    () => undefined,
    source,
    () => now,
    () => claims.shift()!,
  )
  let isAsked = false
  interruption.asked.then(() => (isAsked = true))
  source.emit('SIGINT', 'SIGINT')
  now = 900
  source.emit('SIGINT', 'SIGINT')
  await Promise.resolve()
  expect([isAsked, claims]).toEqual([false, [false]])
  now = 1500
  source.emit('SIGINT', 'SIGINT')
  expect(await interruption.asked).toBe('SIGINT')
  interruption.off()
})

it('the first signal asks to stop, a later one of any kind ends the process, and it can stop listening', async () => {
  const source = new EventEmitter()
  let now = 0
  let ended = 0
  const interruption = listenForSignals(
    () => ended++,
    source,
    () => now,
  )
  source.emit('SIGINT', 'SIGINT')
  expect(await interruption.asked).toBe('SIGINT')
  now = 900
  source.emit('SIGTERM', 'SIGTERM')
  expect(ended).toBe(0)
  now = 1500
  source.emit('SIGHUP', 'SIGHUP')
  expect(ended).toBe(1)
  interruption.off()
  expect(source.eventNames()).toEqual([])
})
