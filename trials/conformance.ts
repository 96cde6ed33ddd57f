import { describe, it, onTestFinished } from 'vitest'
import type { OpenEngine } from '../src/testing/openers/opened.ts'
import { stopping } from './conformance/actor-stop.ts'
import { atomicity } from './conformance/atomicity.ts'
import { cancellation } from './conformance/cancellation.ts'
import { cancelledMail } from './conformance/cancelled-messages.ts'
import { deadLetters } from './conformance/dead-letters.ts'
import { delivery } from './conformance/delivery.ts'
import { effects } from './conformance/effects.ts'
import { stop } from './conformance/engine-stop.ts'
import { events } from './conformance/events.ts'
import { type Chapter, type DefineTest, openBench } from './conformance/harness.ts'
import { index } from './conformance/index-fields.ts'
import { inlinable } from './conformance/inlinable.ts'
import { inspection } from './conformance/inspection.ts'
import { misbehaviour } from './conformance/misbehaviour.ts'
import { parts } from './conformance/parts.ts'
import { poison } from './conformance/poison.ts'
import { replay } from './conformance/replay.ts'
import { replies } from './conformance/replies.ts'
import { restarts } from './conformance/restarts.ts'
import { size } from './conformance/size-limits.ts'
import { upgrade } from './conformance/state-migration.ts'
import { supervision } from './conformance/supervision.ts'
import { supervisors } from './conformance/supervisors.ts'
import { timers } from './conformance/timers.ts'
import { traces } from './conformance/traces.ts'
import { watch } from './conformance/watch.ts'

const CHAPTERS: { readonly [title: string]: Chapter } = {
  delivery,
  atomicity,
  replay,
  effects,
  misbehaviour,
  parts,
  timers,
  replies,
  inlinable,
  events,
  index,
  inspection,
  cancellation,
  cancelledMail,
  supervision,
  supervisors,
  restarts,
  deadLetters,
  watch,
  traces,
  stopping,
  poison,
  upgrade,
  stop,
  size,
}

export type { EngineUnderTest, OpenEngine, OpenOptions } from '../src/testing/openers/opened.ts'

/** An engine under test. Each exemption names the titles of its tests and gives the reason. */
export type EngineSuite = {
  readonly name: string
  readonly open: OpenEngine
  readonly skip?: readonly { readonly reason: string; readonly tests: readonly string[] }[]
}

/** Registers the tests that every engine must pass, as vitest suites. */
export function exerciseEngine({ name, open, skip = [] }: EngineSuite): void {
  const reasons = new Map(skip.flatMap(({ reason, tests }) => tests.map((title) => [title, reason] as const)))
  const titles = new Set<string>()
  describe(name, () => {
    for (const [title, chapter] of Object.entries(CHAPTERS)) describe(title, () => chapter(register))
    it('has only exemptions that name a test', ({ expect }) => {
      expect([...reasons.keys()].filter((title) => !titles.has(title))).toEqual([])
    })
  })

  function register(title: string, body: Parameters<DefineTest>[1]): void {
    titles.add(title)
    const reason = reasons.get(title)
    if (reason !== undefined) it.skip(`${title} (${reason})`)
    else
      it(title, () =>
        body(async (actors, options) => {
          const bench = await openBench(open, actors, options)
          onTestFinished(bench.close)
          return bench
        }),
      )
  }
}
