import type * as FastCheck from 'fast-check'
import { InvalidError, TerminalError } from '../../src/errors.ts'
import { planArbitrary } from './plan/arbitrary.ts'
import type { ClientCommand, TrialPlan } from './plan/plan.ts'
import { createSeededRandom, type SeededRandom } from './plan/random.ts'
import { runTrial, type SimulationSetup, type TrialResult } from './trial.ts'

/** The setup of `simulate`, and the number of trials. */
export type SimulateOptions = Omit<SimulationSetup, 'engine' | 'commandOf'> & {
  /** creates a random client command */
  readonly command: (random: SeededRandom) => ClientCommand
  /** absent: both */
  readonly engine?: SimulationSetup['engine']
  /** the number of seeds; absent: 100 */
  readonly seeds?: number
  /** the first seed; absent: 1 */
  readonly seed?: number
  /** the position in the shrinking of a failing plan, as printed together with its seed */
  readonly path?: string
  /** Called after each seed. */
  readonly onTrial?: (seed: number, trial: TrialResult) => void
}
/** The number of trials and their size. */
export type SimulationResult = { readonly trials: number; readonly steps: number; readonly lives: number }

/**
 * Runs actors on a simulated engine, clock and disk. Seeds determine the clients and the
 * faults: crashes at any step, failing and slow flushes, clock jumps. Throws an error
 * that names the violations, the smallest plan that shows them, and how to repeat it.
 */
export async function simulate({
  seeds = 100,
  seed = 1,
  path,
  engine,
  onTrial,
  command,
  ...setup
}: SimulateOptions): Promise<SimulationResult> {
  const check = await loadFastCheck()
  const plan = planArbitrary(check)
  const engines = engine ? [engine] : (['inline', 'libsql'] as const)
  const commandOf = (number: number) => command(createSeededRandom(number))
  const sum = { trials: 0, steps: 0, lives: 0 }
  for (let current = seed; current < seed + seeds; current++) {
    for (const one of engines) {
      const trial = await tryOne(check, plan, { ...setup, engine: one, commandOf }, current, path)
      sum.trials++
      sum.steps += trial.steps
      sum.lives += trial.lives
      onTrial?.(current, trial)
    }
  }
  return sum
}

async function tryOne(
  check: typeof FastCheck,
  plan: FastCheck.Arbitrary<TrialPlan>,
  setup: SimulationSetup,
  seed: number,
  path: string | undefined,
): Promise<TrialResult> {
  let last: TrialResult | undefined
  const holds = check.asyncProperty(plan, async (given) => {
    last = await runTrial(given, setup)
    return last.violations.length === 0
  })
  const run = await check.check(holds, { seed, numRuns: 1, unbiased: true, ...(path !== undefined && { path }) })
  if (!run.failed || !run.counterexample) return last!
  const [smallest] = run.counterexample
  const repeat = `--engine ${setup.engine} --seed ${seed} --path ${run.counterexamplePath}`
  throw new TerminalError(describe(await runTrial(smallest, setup), smallest, setup, repeat), { code: 'simulation' })
}

const MAX_TRACE_LINES = 60

function describe(
  { violations, trace }: TrialResult,
  plan: TrialPlan,
  { commandOf }: SimulationSetup,
  repeat: string,
): string {
  const clients = plan.clients.map((numbers, n) =>
    numbers.map((number) => `  client${n} ${JSON.stringify(commandOf(number))}`),
  )
  return [
    ...violations,
    `repeat with: npm run simulate -- ${repeat}`,
    'clients:',
    ...clients.flat(),
    'faults:',
    ...plan.faults.map((fault) => `  ${JSON.stringify(fault)}`),
    `the last of ${trace.length} steps:`,
    ...trace.slice(-MAX_TRACE_LINES).map((line) => `  ${line.slice(0, 200)}`),
  ].join('\n')
}

async function loadFastCheck(): Promise<typeof FastCheck> {
  try {
    return await import('fast-check')
  } catch (cause) {
    throw new InvalidError('simulate needs fast-check', {
      cause,
      hint: 'Install it: npm install --save-dev fast-check',
    })
  }
}
