import { NotFoundError } from '../../errors.ts'
import { isOwnModality, MODALITIES, type Modality } from '../../thread/protocol/modality.ts'
import type { PhaseName } from '../../thread/protocol/phase-types.ts'
import { GENERAL_DOMAIN, type PoolPhase } from '../../worker/pool-id.ts'
import { type AnyPhase, checkPhase, type Phase, type PhaseRegistry, type RegisteredPhase } from '../protocol/phase.ts'
import { actionPhase } from './action.ts'
import { vectorsPhase, webPhase } from './experience.ts'
import { intentionPhase } from './intention.ts'
import { observationPhase } from './observation.ts'
import { understandingPhase } from './understanding.ts'
import { yieldPhase } from './yield.ts'

/** The implementation found for a phase, and the keys that were looked up. */
type SelectedPhase = { readonly phase: RegisteredPhase; readonly trace: readonly string[] }

/** The six phases. They serve text and code by name, and files of all other kinds, whose readings are texts. */
export function createPhases(): PhaseRegistry {
  const phases = [actionPhase, vectorsPhase, webPhase, intentionPhase, observationPhase, understandingPhase, yieldPhase]
  const modalities = ['text', 'code', 'default'] as const
  const all = modalities.flatMap((modality) => phases.map((phase) => ({ ...phase, modality })))
  return all.reduce<PhaseRegistry>(registerPhase, new Map())
}

/** The registry with this phase, which replaces one of its name, modality and domain. InvalidError if unusable. */
export function registerPhase(phases: PhaseRegistry, phase: AnyPhase | Phase | RegisteredPhase): PhaseRegistry {
  checkPhase(phase)
  return new Map([...phases, [phaseKey(phase), phase as RegisteredPhase]])
}

/**
 * The implementation closest to the request: for this modality and domain, then the modality, then any modality in the
 * domain, then any. NotFoundError `actor_not_found` with all keys that were tried.
 */
export function selectPhase(phases: PhaseRegistry, name: PhaseName, modality: Modality, domain: string): SelectedPhase {
  const trace: string[] = []
  for (const key of phaseLadder(name, modality, domain)) {
    trace.push(key)
    const phase = phases.get(key)
    if (phase) return { phase, trace }
  }
  throw new NotFoundError(`No ${name} for ${modality}: tried ${trace.join(', ')}.`, {
    code: 'actor_not_found',
    hint: `It can be asked about ${modalitiesOf(phases, name).join(' and ')}; a phase for ${modality} can be registered.`,
  })
}

function modalitiesOf(phases: PhaseRegistry, name: PhaseName): readonly string[] {
  return [...new Set([...phases.values()].flatMap((phase) => (phase.name === name ? [phase.modality] : [])))]
}

/** The phase as pool ids name it; both phases of Experience share a name. */
export const poolPhaseOf = (name: PhaseName): PoolPhase => name.split('.')[0] as PoolPhase

/** The modalities that questions may have: antiphon's own, and those of phases. */
export const servedModalities = (phases: PhaseRegistry): readonly Modality[] => {
  const own = [...phases.values()].map(({ modality }) => modality).filter(isOwnModality)
  return [...MODALITIES, ...new Set(own)]
}

/** The keys under which a phase is looked up, the best first. */
export function phaseLadder(name: PhaseName, modality: Modality, domain: string): readonly string[] {
  const domains = domain === GENERAL_DOMAIN ? [GENERAL_DOMAIN] : [domain, GENERAL_DOMAIN]
  return [modality, 'default' as const].flatMap((kind) =>
    domains.map((domain) => phaseKey({ name, modality: kind, domain })),
  )
}

export function phaseKey({
  name,
  modality,
  domain = GENERAL_DOMAIN,
}: Pick<Phase, 'name' | 'modality' | 'domain'>): string {
  return `${name}/${modality}/${domain}`
}
