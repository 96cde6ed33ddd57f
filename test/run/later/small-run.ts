import { z } from 'zod'
import { inlineEngine } from '../../../src/engine/inline/engine.ts'
import { runRef } from '../../../src/house/actors.ts'
import { nameOf } from '../../../src/kernel/ref.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { runActor } from '../../../src/run/actor/run-actor.ts'
import type { Language } from '../../../src/run/language.ts'
import { queueRef, type StartLater } from '../../../src/run/later/messages.ts'
import { queueActor } from '../../../src/run/later/queue-actor.ts'
import type { QueueState } from '../../../src/run/later/queue-state.ts'
import type { LaterRun } from '../../../src/run/later/state.ts'
import { type StartTerms, startTerms, type WhenRequest } from '../../../src/run/later/terms.ts'
import { isFinished, NEW_HEAD, type RunHead, runIndex } from '../../../src/run/run.ts'
import { simulatedClock } from '../../../src/testing/index.ts'

export const BEGIN = Date.parse('2026-11-27T08:30:00Z')

type SmallStart = { readonly type: 'start'; readonly name: string; readonly fails?: boolean }
type SmallMessage = { readonly type: 'end' }

const oneOf = (type: string) => z.looseObject({ type: z.literal(type) })

/** A small language: a message ends the run. */
function smallLanguage(begun: string[]): Language<RunHead, SmallStart, SmallMessage> {
  return {
    name: 'small',
    first: { start: oneOf('start') },
    message: { end: oneOf('end') },
    begin({ name, fails }, { self, message: { createdAt } }) {
      if (fails) return { refuse: { code: 'no_blob', name: 'TerminalError', message: 'gone', terminal: true } }
      begun.push(self.key)
      const run: RunHead = { ...NEW_HEAD, status: 'running', name, startedAt: createdAt }
      return { state: run, index: runIndex(run, null) }
    },
    receive: (state) => (isFinished(state) ? {} : ended({ ...state, status: 'completed' })),
    cancel: (state) => ended({ ...state, status: 'cancelled' }),
    ended: () => ({}),
    waits: () => ({}),
    died: () => ({}),
    undo: () => ({}),
  }
}

const ended = (state: RunHead) => ({ state, index: runIndex(state, null) })

/** Runs of a small language on a simulated clock, with the queue of a key. */
export function openSmallRuns() {
  const clock = simulatedClock(BEGIN)
  const begun: string[] = []
  const setting = { skew: 0 }
  const now = () => clock.now() + setting.skew
  const engine = inlineEngine({
    actors: [runActor({ languages: [smallLanguage(begun)] }), queueActor()],
    clock: { ...clock, now },
  })
  const settle = () => clock.advance(0)
  const state = async (run: string) => (await engine.view.peek(runRef(run))) as LaterRun | undefined
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
