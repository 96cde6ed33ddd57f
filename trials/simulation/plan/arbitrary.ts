import type * as FastCheck from 'fast-check'
import type { TrialPlan } from './plan.ts'

/**
 * Generates all plans: faults, their times, and the order of steps.
 * When a failing plan is shrunk, small plans come first.
 */
export function planArbitrary(check: typeof FastCheck): FastCheck.Arbitrary<TrialPlan> {
  const number = check.nat(0xffff)
  const step = check.oneof(check.integer({ min: 1, max: 40 }), check.integer({ min: 1, max: 160 }))
  const flush = check.integer({ min: 1, max: 60 })
  const ms = check.integer({ min: 0, max: 600_000 })
  const reason = check.constantFrom('database or disk is full', 'database is locked')
  const fault = check.oneof(
    { weight: 4, arbitrary: check.record({ type: check.constant('crash' as const), step, hops: check.nat(30) }) },
    {
      weight: 1,
      arbitrary: check.record({
        type: check.constant('restart' as const),
        step,
        grace: check.constantFrom(null, 0, 50),
      }),
    },
    {
      weight: 1,
      arbitrary: check.record({
        type: check.constant('jump' as const),
        step,
        ms: check.integer({ min: -600_000, max: 600_000 }),
      }),
    },
    {
      weight: 1,
      arbitrary: check.record({ type: check.constant('refuse' as const), flush, reason, written: check.boolean() }),
    },
    { weight: 2, arbitrary: check.record({ type: check.constantFrom('unheard' as const, 'torn' as const), flush }) },
    { weight: 1, arbitrary: check.record({ type: check.constant('slow' as const), flush, ms }) },
    {
      weight: 2,
      arbitrary: check.record({
        type: check.constant('effect' as const),
        call: check.integer({ min: 1, max: 30 }),
        problem: check.constantFrom('busy' as const, 'retry' as const, 'terminal' as const),
      }),
    },
  )
  return check.record({
    seed: number,
    clients: check.array(check.array(number, { minLength: 3, maxLength: 12, size: 'max' }), {
      minLength: 1,
      maxLength: 3,
      size: 'max',
    }),
    faults: check.array(fault, { maxLength: 6, size: 'max' }),
    checkpoint: check.constantFrom(
      { bytes: 4 << 20, chunk: 512, trim: 64 },
      { bytes: 1, chunk: 1, trim: 1 },
      { bytes: 2_000, chunk: 3, trim: 2, stay: 1_500 },
    ),
    batch: check.constantFrom(1024, 1, 3),
    over: check.constantFrom(0, 1, 3),
  })
}
