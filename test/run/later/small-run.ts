import { z } from 'zod'
import { inlineEngine } from '../../../src/engine/inline/engine.ts'
import { runRef } from '../../../src/house/actors.ts'
import { nameOf } from '../../../src/kernel/ref.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { defineActor } from '../../../src/kernel/turn.ts'
import { beginsLater } from '../../../src/run/later/begins-later.ts'
import { queueRef, type StartLater } from '../../../src/run/later/messages.ts'
import { queueActor } from '../../../src/run/later/queue-actor.ts'
import type { QueueState } from '../../../src/run/later/queue-state.ts'
import type { LaterRun } from '../../../src/run/later/state.ts'
import { type StartTerms, startTerms, type WhenRequest } from '../../../src/run/later/terms.ts'
import { isFinished, type RunHead, runIndex } from '../../../src/run/run.ts'
import { simulatedClock } from '../../../src/testing/index.ts'

export const BEGIN = Date.parse('2026-11-27T08:30:00Z')

type SmallState = RunHead & { readonly signals: readonly string[] }

/** An executor of its own: a run that ends when it is told, and remembers its signals. */
function smallRun(begun: string[]) {
  return defineActor<SmallState, { readonly type: string; readonly name?: string; readonly fails?: boolean }>({
    kind: 'run',
    message: z.looseObject({ type: z.string() }),
    initial: () => ({ status: 'new', name: '', startedAt: 0, signals: [] }),
    receive(state, message, { self, message: { createdAt } }) {
      if (message.type === 'start') {
        if (message.fails)
          return { refuse: { code: 'no_blob', name: 'TerminalError', message: 'gone', terminal: true } }
        begun.push(self.key)
        const run: SmallState = { ...state, status: 'running', name: message.name!, startedAt: createdAt }
        return { state: run, index: runIndex(run, null) }
      }
      if (isFinished(state)) return message.type === 'expire' ? { reply: true, stop: true } : {}
      if (message.type === 'signal') return { state: { ...state, signals: [...state.signals, message.name!] } }
      if (message.type === 'end') return ended({ ...state, status: 'completed' })
      return {}
    },
    notice: (state, { type }) => (type === 'cancelled' ? ended({ ...state, status: 'cancelled' }) : { stop: true }),
  })
}

const ended = (state: SmallState) => ({ state, index: runIndex(state, null) })

/** Runs of a small executor on a simulated clock, with the queue of a key. */
export function openSmallRuns() {
  const clock = simulatedClock(BEGIN)
  const begun: string[] = []
  const setting = { skew: 0 }
  const now = () => clock.now() + setting.skew
  const engine = inlineEngine({ actors: [beginsLater(smallRun(begun)), queueActor()], clock: { ...clock, now } })
  const settle = () => clock.advance(0)
  const state = async (run: string) => (await engine.view.peek(runRef(run))) as (LaterRun & SmallState) | undefined
  return {
    engine,
    clock,
    begun,
    setting,
    state,
    async start(run: string, request: WhenRequest, more: object = {}) {
      const terms = startTerms(request, now()) as StartTerms
      const start = { type: 'start', name: `name of ${run}`, ...more }
      const { at, queue } = terms
      const message: StartLater = { type: 'start-later', start, name: start.name, ...terms }
      if (!queue || at !== undefined) {
        await engine.tell(runRef(run), message as unknown as Json, { id: run, correlationId: run })
        return settle().then(() => ({ of: nameOf(runRef(run)) }))
      }
      const enter = {
        type: 'enter',
        of: nameOf(runRef(run)),
        owner: 'local',
        ...queue,
        first: { message },
      } as unknown as Json
      const entered = engine.ask(queueRef('local', queue.key), enter, { correlationId: run })
      entered.catch(() => {})
      await settle()
      return entered as Promise<{ readonly of: string; readonly joined?: true }>
    },
    async end(run: string) {
      await engine.tell(runRef(run), { type: 'end' }, { correlationId: run })
      await settle()
    },
    async cancel(run: string) {
      await engine.cancel(runRef(run), run, 'enough')
      await settle()
    },
    async status(run: string) {
      const { status, later } = (await state(run)) ?? { status: 'none' }
      return later ? `${status} ${later.phase}` : status
    },
    queue: async (key = 'k') => (await engine.view.peek(queueRef('local', key))) as QueueState | undefined,
  }
}
