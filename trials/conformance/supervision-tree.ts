import { expect } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import type { Json } from '../../src/kernel/schema.ts'
import type { Child, SupervisorStart } from '../../src/kernel/supervisor/spec.ts'
import { supervisorActor } from '../../src/kernel/supervisor/supervisor.ts'
import type { Actor } from '../../src/kernel/types.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { until } from '../../src/testing/until.ts'
import { actor, ref } from './actors.ts'
import type { EngineBench, OpenTestBench } from './harness.ts'

export const SUPERVISOR = ref('supervisor', 'main')
const DIARY = ref('diary')
export const PROBLEM = { code: 'broken', name: 'TerminalError', message: 'broken', terminal: true }
export const CHILD_A = ref('child', 'a')
export const CHILD_B = ref('child', 'b')
export const CHILD_C = ref('child', 'c')

export type ChildState = { readonly started: boolean; readonly done: number }

/** Informs the diary when it starts and stops. Fails, ends or works on request. */
export const childActor = (more: Partial<Actor<ChildState, string>> = {}) =>
  actor<ChildState, string>(
    'child',
    { started: false, done: 0 },
    ({ started, done }, message, { self }) => {
      if (message === 'fail') return { escalate: PROBLEM, reply: true }
      if (message === 'end') return { stop: true, reply: true }
      if (message === 'bad start' || (message === 'once' && started)) throw new TypeError('cannot start')
      if (message === 'start' || message === 'once')
        return { state: { started: true, done }, send: [diaryNote(`${self.key} starts`)] }
      if (message === 'late') return { send: [diaryNote(`${self.key} is late`)] }
      return {
        state: { started, done: done + 1 },
        parts: { work: done + 1 },
        reply: done + 1,
        ...(message === 'remind' && { timers: { late: { delay: LATE_MS, body: 'late' } } }),
      }
    },
    {
      notice: (_life, notice, { self }) => (notice.type === 'stop' ? { send: [diaryNote(`${self.key} stops`)] } : {}),
      ...more,
    },
  )

export const LATE_MS = 300
export const diaryNote = (text: string) => ({ to: DIARY, body: text })

export const diaryActor = () =>
  actor<readonly Json[]>('diary', [], (notes, message) => ({ state: [...notes, message] }))

/** Watches the supervisor, and records how it went down. */
export const rootActor = () =>
  actor('root', '', () => ({ watch: [SUPERVISOR], reply: true }), {
    notice: (_state, notice) => (notice.type === 'down' ? { state: notice.reason } : {}),
  })

/** Three children. */
export const childSpecs = (restart?: Child['restart'], onRestart?: Child['onRestart']): Child[] =>
  [CHILD_A, CHILD_B, CHILD_C].map((to) => ({
    actor: to,
    start: 'start',
    ...(restart && { restart }),
    ...(onRestart && { onRestart }),
  }))

/** The messages of the children in order. */
export const readDiary = async (engine: Engine) => ((await engine.view.peek(DIARY)) ?? []) as string[]

/** The new diary entries, as soon as there are `count` of them. */
export const eventualDiary = (engine: Engine, count: number, before = 0) =>
  until(async () => {
    const notes = await readDiary(engine)
    return notes.length >= before + count && notes.slice(before)
  })

/** Starts a supervisor and its children. */
export async function openTree(
  open: OpenTestBench,
  start: Partial<SupervisorStart> = {},
  more: Partial<Actor<ChildState, string>> = {},
) {
  const bench = await open([supervisorActor(), childActor(more), diaryActor(), rootActor()], {
    clock: simulatedClock(),
  })
  const begin: SupervisorStart = { type: 'start', children: childSpecs(), ...start }
  expect(await bench.engine.ask(SUPERVISOR, begin)).toBe(true)
  return { bench, begin }
}

export const failOnce = async ({ engine }: EngineBench, of = CHILD_B) => expect(await engine.ask(of, 'fail')).toBe(true)
export const startNotes = (...keys: string[]) => keys.map((key) => `${key} starts`)
export const stopNotes = (...keys: string[]) => keys.map((key) => `${key} stops`)
