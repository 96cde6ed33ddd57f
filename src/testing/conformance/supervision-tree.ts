import { expect } from 'vitest'
import type { Engine } from '../../engine/engine.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Child, SupervisorStart } from '../../kernel/supervisor/spec.ts'
import { supervisorActor } from '../../kernel/supervisor/supervisor.ts'
import type { Actor } from '../../kernel/types.ts'
import { simulatedClock } from '../clock.ts'
import { until } from '../until.ts'
import { actor, ref } from './actors.ts'
import type { Bench, Open } from './harness.ts'

export const SUPERVISOR = ref('supervisor', 'main')
const DIARY = ref('diary')
export const PROBLEM = { code: 'broken', name: 'TerminalError', message: 'broken', terminal: true }
export const a = ref('child', 'a')
export const b = ref('child', 'b')
export const c = ref('child', 'c')

/** What a child knows. */
export type Life = { readonly started: boolean; readonly done: number }

/** Tells the diary when it starts and stops; fails, ends or works as it is told. */
export const child = (more: Partial<Actor<Life, string>> = {}) =>
  actor<Life, string>(
    'child',
    { started: false, done: 0 },
    ({ started, done }, message, { self }) => {
      if (message === 'fail') return { escalate: PROBLEM, reply: true }
      if (message === 'end') return { stop: true, reply: true }
      if (message === 'bad start' || (message === 'once' && started)) throw new TypeError('cannot start')
      if (message === 'start' || message === 'once')
        return { state: { started: true, done }, send: [note(`${self.key} starts`)] }
      if (message === 'late') return { send: [note(`${self.key} is late`)] }
      return {
        state: { started, done: done + 1 },
        parts: { work: done + 1 },
        reply: done + 1,
        ...(message === 'remind' && { timers: { late: { delay: LATE, body: 'late' } } }),
      }
    },
    {
      notice: (_life, notice, { self }) => (notice.type === 'stop' ? { send: [note(`${self.key} stops`)] } : {}),
      ...more,
    },
  )

export const LATE = 300
export const note = (text: string) => ({ to: DIARY, body: text })

export const diary = () => actor<readonly Json[]>('diary', [], (notes, message) => ({ state: [...notes, message] }))

/** Watches the supervisor, keeps how it went down. */
export const root = () =>
  actor('root', '', () => ({ watch: [SUPERVISOR], reply: true }), {
    notice: (_state, notice) => (notice.type === 'down' ? { state: notice.reason } : {}),
  })

/** Three children. */
export const children = (restart?: Child['restart'], onRestart?: Child['onRestart']): Child[] =>
  [a, b, c].map((to) => ({ actor: to, start: 'start', ...(restart && { restart }), ...(onRestart && { onRestart }) }))

/** What the children told of themselves, in order. */
export const diaryOf = async (engine: Engine) => ((await engine.view.peek(DIARY)) ?? []) as string[]

/** What the diary says beyond what it said before, once it says that much. */
export const noted = (engine: Engine, count: number, before = 0) =>
  until(async () => {
    const notes = await diaryOf(engine)
    return notes.length >= before + count && notes.slice(before)
  })

/** A supervisor and its children, started. */
export async function openTree(
  open: Open,
  start: Partial<SupervisorStart> = {},
  more: Partial<Actor<Life, string>> = {},
) {
  const bench = await open([supervisorActor(), child(more), diary(), root()], { clock: simulatedClock() })
  const told: SupervisorStart = { type: 'start', children: children(), ...start }
  expect(await bench.engine.ask(SUPERVISOR, told as unknown as Json)).toBe(true)
  return { bench, told }
}

export const failOnce = async ({ engine }: Bench, of = b) => expect(await engine.ask(of, 'fail')).toBe(true)
export const starts = (...keys: string[]) => keys.map((key) => `${key} starts`)
export const stops = (...keys: string[]) => keys.map((key) => `${key} stops`)
