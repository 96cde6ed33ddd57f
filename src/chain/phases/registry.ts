import { InvalidError, NotFoundError } from '../../errors.ts'
import { GENERAL_DOMAIN, type PoolPhase } from '../../worker/pool-id.ts'
import { MODALITIES, type Modality } from '../protocol/modality.ts'
import type { AnyPhase, Phase, PhaseRegistry } from '../protocol/phase.ts'
import { PHASES, type PhaseName } from '../protocol/phase-types.ts'
import { actionPhase } from './action.ts'
import { vectorsPhase, webPhase } from './experience.ts'
import { intentionPhase } from './intention.ts'
import { observationPhase } from './observation.ts'
import { understandingPhase } from './understanding.ts'
import { yieldPhase } from './yield.ts'

/** The implementation found for a phase, and the keys that were looked up. */
type SelectedPhase = { readonly phase: Phase; readonly trace: readonly string[] }

/** The six phases for text, which also serve questions about code. */
export function createPhases(): PhaseRegistry {
  const phases = [actionPhase, vectorsPhase, webPhase, intentionPhase, observationPhase, understandingPhase, yieldPhase]
  const modalities = ['text', 'code'] as const
  const all = modalities.flatMap((modality) => phases.map((phase) => ({ ...phase, modality })))
  return all.reduce<PhaseRegistry>(registerPhase, new Map())
}

/**
 * The registry with this phase added. The last phase for a name, modality
 * and domain is used. InvalidError for a phase that could never be used.
 */
export function registerPhase(phases: PhaseRegistry, phase: AnyPhase | Phase): PhaseRegistry {
  checkPhase(phase)
  return new Map([...phases, [keyOf(phase.name, phase.modality, phase.domain ?? GENERAL_DOMAIN), phase as Phase]])
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
 * The implementation closest to the request: for this modality and domain, then the modality, then any modality in the
 * domain, then any. NotFoundError `actor_not_found` with all keys that were tried.
 */
export function selectPhase(phases: PhaseRegistry, name: PhaseName, modality: Modality, domain: string): SelectedPhase {
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

function modalitiesOf(phases: PhaseRegistry, name: PhaseName): readonly string[] {
  return [...new Set([...phases.values()].flatMap((phase) => (phase.name === name ? [phase.modality] : [])))]
}

/** The phase as pool ids name it; both phases of Experience share a name. */
export function poolPhaseOf(name: PhaseName): PoolPhase {
  return name.split('.')[0] as PoolPhase
}

/** Whether an implementation accepts the modality. */
export function servesModality(phases: PhaseRegistry, modality: Modality): boolean {
  return [...phases.values()].some((phase) => phase.modality === 'default' || phase.modality === modality)
}

function ladder(name: PhaseName, modality: Modality, domain: string): readonly string[] {
  const domains = domain === GENERAL_DOMAIN ? [GENERAL_DOMAIN] : [domain, GENERAL_DOMAIN]
  return [modality, 'default' as const].flatMap((kind) => domains.map((field) => keyOf(name, kind, field)))
}

function keyOf(name: PhaseName, modality: Modality | 'default', domain: string): string {
  return `${name}/${modality}/${domain}`
}
