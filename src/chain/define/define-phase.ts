import { InvalidError, type Problem } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { Modality } from '../../thread/protocol/modality.ts'
import type { PhaseInput, PhaseName, PhaseResult } from '../../thread/protocol/phase-types.ts'
import { checkOneOf, checkPhase, type PhaseContext } from '../protocol/phase.ts'

/** The result of a phase of your own, with the state that it keeps until the next ask of the thread. */
export type OwnPhaseResult<Name extends PhaseName = PhaseName, State extends Json = Json> = Omit<
  PhaseResult<Name>,
  'state'
> & { readonly state: State }

/** A phase of your own, for a modality (`default`: any) and a domain (absent: general). */
export type PhaseDefinition<Name extends PhaseName = PhaseName, State extends Json = Json> = {
  readonly name: Name
  readonly modality: Modality | 'default'
  readonly domain?: string
  /** of its state; a whole number from 1, and 1 if it is absent */
  readonly version?: number
  /**
   * Converts a state from version `from` to `from + 1`; called once for each version in between. Without it, the phase
   * starts afresh after a change of its version, and says so.
   */
  upgrade?(state: Json, from: number): Json
  /** The state before the first ask of a thread, and after an ask of another modality. */
  initial(modality: Modality): State
  /** Runs the phase. If it throws, `fallback` or the policy of the chain decides. */
  run(state: State, input: PhaseInput, context: PhaseContext): Promise<OwnPhaseResult<Name, State>>
  /** The result to continue with after `run` failed; absent: there is none. */
  fallback?(state: State, input: PhaseInput, problem: Problem): OwnPhaseResult<Name, State>
}

// another copy of this package may have made the phase
const MARK = Symbol.for('antiphon.phase')

export const isDefinedPhase = (value: unknown): value is PhaseDefinition =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, MARK)

const KEYS = ['name', 'modality', 'domain', 'version', 'upgrade', 'initial', 'run', 'fallback'] as const

/**
 * Types and checks a phase of your own. Name its file under `phases:` in antiphon.yaml, or give it to `createRuntime`.
 * InvalidError for a phase that could never be used, and for an unknown key.
 */
export function definePhase<const Name extends PhaseName, State extends Json>(
  definition: PhaseDefinition<Name, State>,
): PhaseDefinition<Name, State> {
  const { name, domain, version, upgrade, fallback } = definition
  checkPhase(definition)
  for (const key of Object.keys(definition)) checkOneOf(KEYS, key, `a key of phase ${name}`)
  if (domain !== undefined && (typeof domain !== 'string' || domain.trim() === ''))
    throw new InvalidError(`\`domain\` of phase ${name}: expected a name, got ${JSON.stringify(domain)}.`)
  if (version !== undefined && !(Number.isSafeInteger(version) && version > 0))
    throw new InvalidError(`\`version\` of phase ${name}: expected a whole number from 1, got ${version}.`)
  for (const [key, value] of Object.entries({ upgrade, fallback }))
    if (value !== undefined && typeof value !== 'function')
      throw new InvalidError(`\`${key}\` of phase ${name}: expected a function, got ${typeof value}.`)
  return Object.freeze({ ...definition, [MARK]: true })
}
