import { z } from 'zod'
import { maybe, type Plain } from '../../document.ts'
import { PHASES } from '../../thread/protocol/phase-types.ts'
import { GENERAL_DOMAIN } from '../../worker/pool-id.ts'
import type { Pools } from '../../worker/pools.ts'
import { createPhases, phaseKey, phaseLadder, poolPhaseOf, servedModalities } from '../phases/registry.ts'
import { checkOneOf, type PhaseRegistry, type RegisteredPhase } from '../protocol/phase.ts'

const phaseName = z.enum(PHASES)

/** A phase that serves asks. */
export const phaseSummary = z
  .object({
    phase: phaseName,
    modality: z.string().meta({ description: '`default`: any' }),
    domain: z.string(),
    servedBy: z.string().meta({ description: '`antiphon`, `program`, or a file under `phases:` in antiphon.yaml' }),
    version: maybe(z.number()).meta({ description: 'of its state' }),
    hash: maybe(z.string()).meta({
      description: 'of the text of the file, and of what it imports, when it was loaded',
    }),
    changed: maybe(z.boolean()).meta({
      description: 'the file, or one that it imports, has changed since; a restart loads it',
    }),
    replaces: maybe(z.boolean()).meta({ description: 'it takes the place of a built-in phase' }),
  })
  .meta({ id: 'PhaseSummary' })
export type PhaseSummary = Plain<typeof phaseSummary>

/** How the phase and the pool of a question are chosen. */
export const phaseChoice = z
  .object({
    phase: phaseName,
    keys: z
      .array(z.object({ key: z.string(), servedBy: maybe(z.string()) }))
      .meta({ description: 'the ladder: the first key that a phase serves is chosen' }),
    chosen: maybe(z.string()).meta({ description: 'absent: no phase serves such questions' }),
    pools: z
      .array(z.object({ id: z.string(), exists: z.boolean() }))
      .meta({ description: 'the ladder of pools: the first that may exist is chosen' }),
    pool: maybe(z.string()),
    why: z.string(),
  })
  .meta({ id: 'PhaseChoice' })
export type PhaseChoice = Plain<typeof phaseChoice>

/** A question by its modality and domain (absent: text, general), and one of its phases (absent: all). */
export type PhaseQuery = { readonly modality?: string; readonly domain?: string; readonly phase?: string }

type PhaseRoutes = {
  readonly phases: PhaseRegistry
  readonly pools: Pick<Pools, 'ladder'>
  checkDomain(domain: string): void
}

const servedBy = ({ origin }: RegisteredPhase) => (origin ? (origin.file ?? 'program') : 'antiphon')

/** All phases, in the order of the chain. Files are read again, to tell whether they have changed. */
export async function describePhases(phases: PhaseRegistry): Promise<readonly PhaseSummary[]> {
  const builtIn = createPhases()
  const described = [...phases.values()].map(async (phase): Promise<PhaseSummary> => {
    const { name, modality, domain = GENERAL_DOMAIN, version, origin } = phase
    const { hash } = origin ?? {}
    const isChanged = origin?.hashNow !== undefined && (await origin.hashNow()) !== hash
    return {
      phase: name,
      modality,
      domain,
      servedBy: servedBy(phase),
      ...(version !== undefined && { version }),
      ...(hash !== undefined && { hash }),
      ...(isChanged && { changed: true }),
      ...(origin && builtIn.has(phaseKey(phase)) && { replaces: true }),
    }
  })
  const place = ({ phase }: PhaseSummary) => PHASES.indexOf(phase)
  return (await Promise.all(described)).sort((one, other) => place(one) - place(other))
}

/**
 * The ladders of a question, phase by phase. InvalidError for an unknown modality or phase, and the error of
 * `checkDomain` for a domain that an ask could not name.
 */
export function explainPhases(
  { phases, pools, checkDomain }: PhaseRoutes,
  { modality = 'text', domain = GENERAL_DOMAIN, phase }: PhaseQuery,
): readonly PhaseChoice[] {
  checkOneOf(servedModalities(phases), modality, 'a modality')
  checkDomain(domain)
  if (phase !== undefined) checkOneOf([...PHASES, 'experience'], phase, 'the name of a phase')
  const named = PHASES.filter((name) => phase === undefined || name === phase || poolPhaseOf(name) === phase)
  return named.map((name) => {
    const keys = phaseLadder(name, modality, domain).map((key) => {
      const found = phases.get(key)
      return { key, ...(found && { servedBy: servedBy(found) }) }
    })
    const chosen = keys.find((one) => one.servedBy !== undefined)
    const missing = keys.slice(0, chosen && keys.indexOf(chosen)).map(({ key }) => key)
    const ladder = pools.ladder({ phase: poolPhaseOf(name), modality, domain, reduced: true })
    const pool = ladder.find(({ exists }) => exists)
    return {
      phase: name,
      keys,
      ...(chosen && { chosen: chosen.key }),
      pools: ladder,
      ...(pool && { pool: pool.id }),
      why: missing.length === 0 ? 'a phase for exactly this' : `there is none for ${missing.join(', ')}`,
    }
  })
}
