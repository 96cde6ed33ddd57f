import { TerminalError } from '../../errors.ts'
import { checkSize } from '../../kernel/limits.ts'
import { type Json, parseNow } from '../../kernel/schema.ts'
import type { Modality } from '../../thread/protocol/modality.ts'
import type { PhaseResult } from '../../thread/protocol/phase-types.ts'
import { checkJson } from '../../tool/once/check-json.ts'
import { phaseKey } from '../phases/registry.ts'
import { type OwnState, PHASE_STATE_SCHEMAS } from '../phases/states.ts'
import type { AnyPhase } from '../protocol/phase.ts'
import { isDefinedPhase, type PhaseDefinition } from './define-phase.ts'

type Stored = PhaseResult['state']

/** The state of a phase between its code and the actor that stores it. */
type KeptState = {
  /** absent: the state is that of the built-in phase in its place */
  readonly version?: number
  initial(modality: Modality): Stored
  /** The state for the phase, and what was lost on the way, a sentence each. */
  open(stored: Stored): { readonly state: Json; readonly lacks: readonly string[] }
  /** The state to store. */
  close(state: Json, modality: Modality): Stored
}

/** Characters of JSON that a state may have: the actor of the phase stores it with other things. */
const MAX_STATE = 48 * 1024

/** The state of a phase of your own, which `what` names in errors. */
export function keptState(phase: PhaseDefinition | AnyPhase, what: string): KeptState {
  if (isDefinedPhase(phase)) return versionedState(phase, what)
  return {
    initial: (modality) => phase.initial(modality) as Stored,
    open: (stored) => ({ state: stored as Json, lacks: [] }),
    close(state) {
      parseNow(PHASE_STATE_SCHEMAS[phase.name], state, `the state of ${what}`)
      return state as Stored
    },
  }
}

/** The state of a defined phase is stored with the key of the phase and its version. */
function versionedState(phase: PhaseDefinition, what: string): KeptState {
  const { version = 1, upgrade } = phase
  const key = phaseKey(phase)
  const checked = (state: unknown, by: 'initial' | 'upgrade') =>
    checkJson({ name: `\`${by}\` of ${what}` }, state, 'invalid_phase_result')

  return {
    version,
    initial: (modality) => ({ modality }) as Stored,
    // the state of another phase counts as none
    open(stored) {
      const { modality, own } = stored as Partial<OwnState> & Stored
      const fresh = () => checked(phase.initial(modality), 'initial')
      if (own?.key !== key) return { state: fresh(), lacks: [] }
      if (own.version > version) throw newerState(what, own.version, version)
      if (own.version < version && !upgrade) {
        const lack = `${what} has version ${version} and no \`upgrade\`, so its state of version ${own.version} was dropped`
        return { state: fresh(), lacks: [lack] }
      }
      let { state } = own
      for (let from = own.version; from < version; from++) state = checked(phase.upgrade?.(state, from), 'upgrade')
      return { state, lacks: [] }
    },
    close(state, modality) {
      checkSize(state, MAX_STATE, `the state of ${what}`)
      return { modality, own: { key, version, state } } satisfies OwnState as unknown as Stored
    },
  }
}

function newerState(what: string, found: number, known: number): TerminalError {
  return new TerminalError(`${what} has version ${known}, and its state on this thread has version ${found}.`, {
    code: 'newer_state',
    hint: 'Use the newer code of the phase, or ask on another thread.',
  })
}
