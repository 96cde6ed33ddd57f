import { type InvalidError, TerminalError } from '../../errors.ts'
import { checkSize } from '../../kernel/limits.ts'
import type { Json } from '../../kernel/schema.ts'
import { checkJson } from '../../tool/once/check-json.ts'
import { phaseKey } from '../phases/registry.ts'
import type { OwnState } from '../phases/states.ts'
import type { Modality } from '../protocol/modality.ts'
import type { PhaseDefinition } from './define-phase.ts'

/** A state as the phase gets it, and what was lost on the way, a sentence each. */
type Opened = { readonly state: Json; readonly lacks: readonly string[] }

/** Characters of JSON that a state may have: the actor of the phase stores it with other things. */
const MAX_STATE = 48 * 1024

/**
 * The state of a defined phase, as its actor stores it: with the key of the phase and its version. `what` names the
 * phase in errors.
 */
export function ownState(phase: PhaseDefinition, what: string) {
  const { version = 1 } = phase
  const key = phaseKey(phase)

  function initial(modality: Modality): Json {
    return checkJson({ name: `\`initial\` of ${what}` }, phase.initial(modality), 'invalid_phase_result')
  }

  function upgraded(stored: OwnState['own']): Json {
    let { state } = stored
    for (let from = stored.version; from < version; from++)
      state = checkJson({ name: `\`upgrade\` of ${what}` }, phase.upgrade?.(state, from), 'invalid_phase_result')
    return state
  }

  return {
    /** The state for the phase. The state of another phase counts as none. Error `newer_state` for a newer version. */
    open(stored: { readonly modality: Modality }): Opened {
      const { own } = stored as Partial<OwnState>
      if (own?.key !== key) return { state: initial(stored.modality), lacks: [] }
      if (own.version > version) throw newerState(what, own.version, version)
      if (own.version === version || phase.upgrade) return { state: upgraded(own), lacks: [] }
      const lack = `${what} has version ${version} and no \`upgrade\`, so its state of version ${own.version} was dropped`
      return { state: initial(stored.modality), lacks: [lack] }
    },
    /** The state to store. */
    close(state: Json, modality: Modality): OwnState {
      checkSize(state, MAX_STATE, `the state of ${what}`)
      return { modality, own: { key, version, state } }
    },
  }
}

function newerState(what: string, found: number, known: number): InvalidError | TerminalError {
  return new TerminalError(`${what} has version ${known}, and its state on this thread has version ${found}`, {
    code: 'newer_state',
    hint: 'Use the newer code of the phase, or ask on another thread.',
  })
}
