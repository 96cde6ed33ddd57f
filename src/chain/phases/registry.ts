import { InvalidError, NotFoundError } from '../../errors.ts'
import { GENERAL, type PoolPhase } from '../../worker/pool-id.ts'
import { MODALITIES, type Modality } from '../protocol/modality.ts'
import type { AnyPhase, Phase, Phases } from '../protocol/phase.ts'
import { PHASES, type PhaseName } from '../protocol/phase-types.ts'
import { actionPhase } from './action.ts'
import { vectorsLeg, webLeg } from './experience.ts'
import { intentionPhase } from './intention.ts'
import { observationPhase } from './observation.ts'
import { understandingPhase } from './understanding.ts'
import { yieldPhase } from './yield.ts'

/** What was found for a phase, and each key that was looked up on the way. */
export type Selection = { readonly phase: Phase; readonly trace: readonly string[] }

/** The six phases for text, which also serve questions about code. */
export function createPhases(): Phases {
  const phases = [actionPhase, vectorsLeg, webLeg, intentionPhase, observationPhase, understandingPhase, yieldPhase]
  const modalities = ['text', 'code'] as const
  const all = modalities.flatMap((modality) => phases.map((phase) => ({ ...phase, modality })))
  return all.reduce<Phases>(registerPhase, new Map())
}

/**
 * The registry with this phase in it; the last one for a phase, modality and domain is the one that serves. InvalidError for one that never
 * would.
 */
export function registerPhase(phases: Phases, phase: AnyPhase | Phase): Phases {
  checkPhase(phase)
  return new Map([...phases, [keyOf(phase.name, phase.modality, phase.domain ?? GENERAL), phase as unknown as Phase]])
}

function checkPhase({ name, modality, initial, run }: AnyPhase | Phase): void {
  checkOneOf(PHASES, name, 'the name of a phase')
  checkOneOf([...MODALITIES, 'default'], modality, `the modality of phase ${name}`)
  if (typeof initial !== 'function' || typeof run !== 'function')
    throw new InvalidError(`\`initial\` and \`run\` of phase ${name} for ${modality} are not both functions`)
}

function checkOneOf(known: readonly string[], given: string, what: string): void {
  if (!known.includes(given))
    throw new InvalidError(`${JSON.stringify(given)} is not ${what}`, { hint: `One of ${known.join(', ')}.` })
}

/**
 * The implementation closest to what is wanted: of this modality and domain, of the modality, of any modality in the
 * domain, of any. NotFoundError `actor_not_found` with all that was tried.
 */
export function selectPhase(phases: Phases, name: PhaseName, modality: Modality, domain: string): Selection {
  const trace: string[] = []
  for (const key of ladder(name, modality, domain)) {
    trace.push(key)
    const phase = phases.get(key)
    if (phase) return { phase, trace }
  }
  throw new NotFoundError(`no ${name} for ${modality}: tried ${trace.join(', ')}`, {
    code: 'actor_not_found',
    hint: `It can be asked about ${modalitiesOf(phases, name).join(' and ')}; a phase for ${modality} can be registered.`,
  })
}

function modalitiesOf(phases: Phases, name: PhaseName): readonly string[] {
  return [...new Set([...phases.values()].flatMap((phase) => (phase.name === name ? [phase.modality] : [])))]
}

/** What a phase is in the names of pools; both legs of Experience share one. */
export function poolPhase(name: PhaseName): PoolPhase {
  return name.split('.')[0] as PoolPhase
}

/** Whether some implementation takes what is of that modality. */
export function serves(phases: Phases, modality: Modality): boolean {
  return [...phases.values()].some((phase) => phase.modality === 'default' || phase.modality === modality)
}

function ladder(name: PhaseName, modality: Modality, domain: string): readonly string[] {
  const domains = domain === GENERAL ? [GENERAL] : [domain, GENERAL]
  return [modality, 'default' as const].flatMap((kind) => domains.map((field) => keyOf(name, kind, field)))
}

function keyOf(name: PhaseName, modality: Modality | 'default', domain: string): string {
  return `${name}/${modality}/${domain}`
}
