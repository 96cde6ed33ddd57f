import { errorOf, InvalidError, type Problem, problemOf, TerminalError } from '../../errors.ts'
import { isInterruption } from '../../kernel/faults.ts'
import type { Json } from '../../kernel/json.ts'
import type { EffectCall, EffectClass } from '../../kernel/types.ts'
import { checkJson } from '../../tool/once/check-json.ts'
import { inHands, type PaidOptions } from '../../work/payer.ts'
import type { WorkPool } from '../../worker/work-pool.ts'
import type { PhaseContext } from '../protocol/phase.ts'
import { type Memo, RUN } from './memo.ts'

/** The services of `run` for one phase in one turn. */
type OwnScope = {
  readonly pool: Pick<WorkPool, 'submit'>
  readonly memo: Memo
  /** Journals an effect, which ends at the deadline of the phase. */
  perform(name: string, act: (call: EffectCall) => Promise<Json>, effect: EffectClass): Promise<Json>
  task(call: EffectCall): PaidOptions
}

/** The call as the code sees it. */
type Called = Pick<EffectCall, 'signal' | 'idempotencyKey' | 'attempt'>

/** The recorded outcome of `run`. A failure is recorded as well: a failed effect may have taken place. */
type Outcome = { readonly value: Json } | { readonly failed: Problem }

const EFFECTS: readonly string[] = ['pure', 'idempotent', 'at-most-once'] satisfies readonly EffectClass[]
const atOnce = <T>(work: () => T): T => work()
const NAME = /^[\w-]{1,64}$/
/** Characters of JSON that all results of `run` in one phase may have: a phase that waits stores them. */
const MAX_RESULTS = 128 * 1024

export function createRun({ pool, memo, perform, task }: OwnScope): PhaseContext['run'] {
  const counts = new Map<string, number>()
  let size = 0

  async function attempt(name: string, effect: EffectClass, work: (call: Called) => unknown): Promise<Outcome> {
    const act = async (call: EffectCall) => {
      const once = effect === 'at-most-once' ? { once: true as const } : {}
      const { idempotencyKey, attempt, begin = atOnce } = call
      const given = await inHands(pool, { ...task(call), ...once }, (signal) =>
        begin(() => work({ signal, idempotencyKey, attempt })),
      )
      const value = checkJson({ name }, given, 'invalid_phase_result')
      checkResults(size + JSON.stringify(value).length, name)
      return value
    }
    try {
      return { value: await perform(name, act, effect) }
    } catch (error) {
      if (isInterruption(error)) throw error
      return { failed: problemOf(error) }
    }
  }

  return async (given, work, options) => {
    const effect = effectOf(given, work, options)
    const count = (counts.get(given) ?? 0) + 1
    counts.set(given, count)
    const name = count === 1 ? `${RUN}${given}` : `${RUN}${given}.${count}`
    checkResults(size, name)
    const outcome = await memo.once(name, () => attempt(name, effect, work))
    size += JSON.stringify(outcome).length
    if ('failed' in outcome) throw errorOf(outcome.failed)
    return outcome.value as never
  }
}

function checkResults(size: number, name: string): void {
  if (size <= MAX_RESULTS) return
  const most = MAX_RESULTS / 1024
  throw new TerminalError(`${name}: the results of all \`run\` of a phase have more than ${most} KiB.`, {
    code: 'too_large',
    hint: 'Return less, such as the name of a file.',
  })
}

/** The effect class of a call of `run`. InvalidError for a call that a program without types got wrong. */
function effectOf(name: string, work: unknown, options: { readonly effect: EffectClass } | undefined): EffectClass {
  if (typeof name !== 'string' || !NAME.test(name))
    throw new InvalidError(`run: expected a name of letters, digits, - and _, got ${JSON.stringify(name)}.`)
  if (typeof work !== 'function') throw new InvalidError(`\`run\` ${name}: expected a function, got ${typeof work}.`)
  const effect = options?.effect
  if (effect !== undefined && EFFECTS.includes(effect)) return effect
  throw new InvalidError(`\`run\` ${name}: expected \`effect\` to be one of ${EFFECTS.join(', ')}, got ${effect}.`, {
    hint: '`pure`: it reads only. `idempotent`: it may be repeated. `at-most-once`: it is never repeated.',
  })
}
