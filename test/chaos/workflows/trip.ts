import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { z } from 'zod'
import type { RunDocument } from '../../../src/run/document.ts'
import type { ServedRuntime } from '../../../src/runtime/ports.ts'
import { defineWorkflow } from '../../../src/workflow/definition/workflow-value.ts'
import { actsIn, doIn } from '../asks/acts.ts'

/** Trips that are cancelled while they pay; one of them undoes what it has done. */
const TRIPS = { 'trip-stays': false, 'trip-undone': true }

const isCancelled = (folder: string, id: string) => join(folder, `${id}-cancelled`)

/** A run that pays once, and cleans up with two steps and a pause. Its payment ends when it has been cancelled. */
export const tripFlow = (folder: string) =>
  defineWorkflow({
    name: 'trip',
    input: z.object({ id: z.string() }),
    async run(ctx, { id }) {
      const log = (line: string) => doIn(folder, `${id} ${line}`)
      const step = (name: string) => ctx.step(name, ({ idempotencyKey }) => log(`${name} ${idempotencyKey}`))
      try {
        await ctx.step('book', ({ idempotencyKey }) => log(`book ${idempotencyKey}`), { undo: () => log('unbook') })
        const pay = async () => {
          log('pay')
          while (!existsSync(isCancelled(folder, id))) await sleep(5)
          return 17
        }
        await Promise.all([
          ctx.signal('never'),
          ctx.step('pay', pay, { effect: 'at-most-once', undo: (receipt) => log(`pay back ${receipt}`) }),
        ])
      } finally {
        await step('clean')
        await ctx.sleep(5)
        await step('leave')
      }
    },
  })

/** Begins the trips, and cancels them when they pay. A person settles a payment that may have been made. */
export async function travel(runtime: ServedRuntime, folder: string): Promise<readonly RunDocument[]> {
  const ids = Object.keys(TRIPS)
  await Promise.all(ids.map((id) => runtime.runs.start({ workflow: 'trip', input: { id }, id })))
  return Promise.all(ids.map((id) => travelOne(runtime, folder, id)))
}

async function travelOne({ runs, inbox }: ServedRuntime, folder: string, id: string): Promise<RunDocument> {
  await runs.resume(id)
  for (let cancelled = false; ; ) {
    const run = await runs.get(id)
    if (run.completed_at !== null) return run
    const hasPaid = actsIn(folder).includes(`${id} pay`)
    const asks = (await inbox.list({ run: id })).some(({ kind }) => kind === 'unknown')
    if (!cancelled && (hasPaid || asks)) {
      await runs.cancel(id, 'enough', { undo: TRIPS[id as keyof typeof TRIPS] })
      writeFileSync(isCancelled(folder, id), '')
      cancelled = true
    } else if (asks) await runs.settle(id, 'pay', hasPaid ? { outcome: 'done', result: 17 } : { outcome: 'not-done' })
    await sleep(10)
  }
}

/** Checks that each trip was cancelled, has cleaned up, and was paid once at most; that of an undone one came back. */
export function checkTrips(folder: string, runs: readonly RunDocument[], where: string): void {
  for (const [place, [id, isUndone]] of Object.entries(TRIPS).entries()) {
    const at = `${where}: ${id}`
    expect(runs[place], at).toMatchObject({ status: 'cancelled', error: 'enough' })
    const acts = actsIn(folder).filter((line) => line.startsWith(`${id} `))
    const linesOf = (word: string) => acts.filter((line) => line.startsWith(`${id} ${word}`))
    for (const word of ['book', 'clean', 'leave'])
      expect([linesOf(word).length > 0, new Set(linesOf(word)).size], `${at}: ${word}`).toEqual([true, 1])
    const paid = acts.filter((line) => line === `${id} pay`).length
    expect(paid, at).toBeLessThanOrEqual(1)
    expect(new Set(linesOf('pay back')), at).toEqual(new Set(isUndone && paid === 1 ? [`${id} pay back 17`] : []))
    expect(linesOf('unbook').length > 0, at).toBe(isUndone)
    // cleaning up comes before undoing, and after the payment
    const first = (word: string) => acts.findIndex((line) => line.startsWith(`${id} ${word}`))
    if (isUndone) expect(first('unbook'), at).toBeGreaterThan(first('leave'))
  }
}
