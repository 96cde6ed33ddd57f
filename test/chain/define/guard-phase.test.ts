import { expect, test } from 'vitest'
import { definePhase, type PhaseDefinition } from '../../../src/chain/define/define-phase.ts'
import { withOwnPhases } from '../../../src/chain/define/load-phases.ts'
import { createPhases } from '../../../src/chain/phases/registry.ts'
import { createLimits } from '../../../src/chain/protocol/limits.ts'
import { type InlineDisk, inlineDisk } from '../../../src/engine/inline/disk.ts'
import { gate } from '../../../src/testing/gate.ts'
import { until } from '../../../src/testing/until.ts'
import type { PhaseOutputs } from '../../../src/thread/protocol/phase-types.ts'
import { setUp } from '../fixture.ts'

type Run = PhaseDefinition<'observation', never>['run']

/** Asks of a thread whose Observation is defined so. */
function observing(run: unknown, more: object = {}, { disk = inlineDisk(), deadline = 10_000 } = {}) {
  const phase = definePhase({
    name: 'observation',
    modality: 'default',
    initial: () => ({ asks: 0 }),
    run: run as Run,
    ...more,
  } as never) as PhaseDefinition
  const limits = createLimits({ phaseDeadlines: { observation: deadline } })
  const origin = { file: './noting.mts', hash: 'abc' }
  const phases = withOwnPhases(createPhases(), [{ phase: { ...phase, modality: 'text' } as never, origin }], limits)
  const { ask, engine, ...rest } = setUp({ phases, disk, limits })
  const reasons = async () => (await ask('why?')).degraded.map(({ reason }) => reason)
  const stateOf = () => engine.view.peek({ kind: 'phase', key: 't.observation' })
  return { ...rest, ask, reasons, stateOf }
}

const output: PhaseOutputs['observation'] = { observations: ['noted'], connections: [] }
const done = { output, text: 'noted', status: 'completed' } as const
const count: Run = async ({ asks }: { asks: number }) => ({ ...done, state: { asks: asks + 1 } as never })

test.each<[unknown, string]>([
  [() => Promise.reject(new Error('no ink')), 'phase observation of ./noting.mts: no ink'],
  [() => new Promise(() => {}), 'phase observation of ./noting.mts took longer than its deadline, 0.02 s.'],
  [async () => new Map(), 'The result of phase observation of ./noting.mts is wrong: expected JSON, got a Map'],
  [async () => {}, 'The result of phase observation of ./noting.mts is wrong: it is missing, expected a map'],
  [async () => ({ ...done, state: { seen: new Set() } }), 'wrong at `state.seen`: expected JSON, got a Set'],
  [async () => ({ ...done, state: 1, output: { observations: 'one' } }), 'wrong at `output.observations`:'],
  [async () => ({ ...done, state: 1, status: 'done' }), 'wrong at `status`:'],
  [
    async () => ({ ...done, state: 'x'.repeat(50_000) }),
    'the state of phase observation of ./noting.mts is larger than',
  ],
  [async () => ({ ...done, state: 1, text: 'x'.repeat(70_000) }), 'the result of phase observation'],
])('%# degrades the phase by name, and the ask goes on', async (run, reason) => {
  const { reasons } = observing(run, {}, { deadline: 20 })
  expect(await reasons()).toEqual([expect.stringContaining(reason)])
})

test('code that ran on after the deadline starts no effect', async () => {
  let late: Promise<unknown> | undefined
  const held = gate()
  const run: Run = async (_state, _input, context) => {
    await held.pass()
    late = context.run('late', () => {}, { effect: 'pure' })
    return (await late) as never
  }
  const { reasons } = observing(run, {}, { deadline: 10 })
  expect(await reasons()).toEqual([expect.stringContaining('longer than its deadline')])
  held.release()
  await until(() => late !== undefined)
  await expect(late).rejects.toThrow('The phase has ended.')
})

test('its fallback answers for it, and is checked as well', async () => {
  const run = () => Promise.reject(new Error('no ink'))
  const fallback = (_state: never, _input: never, problem: object) => ({
    ...done,
    state: 1,
    status: 'degraded',
    problem,
  })
  expect(await observing(run, { fallback }).reasons()).toEqual(['phase observation of ./noting.mts: no ink'])
  expect(await observing(run, { fallback: () => 7 }).reasons()).toEqual([expect.stringContaining('is wrong')])
})

/** The state after an ask by code of each version in turn. */
async function versions(...codes: readonly { readonly version: number; readonly upgrade?: unknown }[]) {
  const disk: InlineDisk = inlineDisk()
  const seen: unknown[] = []
  for (const code of codes) {
    const phase = observing(count, code, { disk })
    seen.push([await phase.reasons(), ((await phase.stateOf()) as { own: object }).own])
  }
  return seen
}
const key = 'observation/text/general'

test('a state goes through `upgrade` from version to version; without one the phase starts afresh and says so', async () => {
  const upgrade = ({ asks }: { asks: number }, from: number) => ({ asks: asks + 10 ** from })
  expect(await versions({ version: 1 }, { version: 1 }, { version: 3, upgrade })).toEqual([
    [[], { key, version: 1, state: { asks: 1 } }],
    [[], { key, version: 1, state: { asks: 2 } }],
    [[], { key, version: 3, state: { asks: 113 } }],
  ])
  const lost = 'phase observation of ./noting.mts has version 2 and no `upgrade`, so its state of version 1 was dropped'
  expect((await versions({ version: 1 }, { version: 2 }))[1]).toEqual([[lost], { key, version: 2, state: { asks: 1 } }])
})

test('code that is older than its state is refused, and the state stays', async () => {
  const newer = 'phase observation of ./noting.mts has version 1, and its state on this thread has version 2.'
  expect((await versions({ version: 2 }, { version: 1 }))[1]).toEqual([
    [newer],
    { key, version: 2, state: { asks: 1 } },
  ])
})

test('the built-in phase and one of your own do not read the state of each other', async () => {
  const disk = inlineDisk()
  await setUp({ disk }).ask('why?')
  expect(await observing(count, {}, { disk }).reasons()).toEqual([])
  expect(await setUp({ disk }).ask('why?')).toMatchObject({ degraded: [] })
})

const named = { name: 'yield', modality: 'text', initial: () => null, run: count }
test.each<[object, string, string | undefined]>([
  [{ name: 'yeild' }, '"yeild" is not the name of a phase.', 'Did you mean yield?'],
  [{ modality: 'kode' }, '"kode" is not the modality of phase yield.', 'Did you mean code?'],
  [{ upgarde: () => null }, '"upgarde" is not a key of phase yield.', 'Did you mean upgrade?'],
  [{ run: undefined }, '`initial` and `run` of phase yield for text are not both functions.', undefined],
  [{ version: 0 }, '`version` of phase yield: expected a whole number from 1, got 0.', undefined],
  [{ domain: '' }, '`domain` of phase yield: expected a name, got "".', undefined],
  [{ upgrade: 1 }, '`upgrade` of phase yield: expected a function, got number.', undefined],
])('definePhase refuses %o', (wrong, message, hint) => {
  const define = () => definePhase({ ...named, ...wrong } as never)
  expect(define).toThrow(expect.objectContaining({ name: 'InvalidError', message, ...(hint && { hint }) }))
})
