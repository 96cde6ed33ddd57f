import { InvalidError } from '../../errors.ts'
import { nearestWord } from '../../lib/suggest.ts'
import { domainField, GENERAL_DOMAIN } from '../../worker/pool-id.ts'
import type { PhaseRegistry } from '../protocol/phase.ts'

/** The domains a question may name: those of phases by name, and those of pools as they appear in pool ids. */
export type Domains = { readonly phases: readonly string[]; readonly pools: readonly string[] }

/** The domains of these phases and pools. */
export function listDomains(phases: PhaseRegistry, pools: readonly string[] = []): Domains {
  return { phases: [...new Set([...phases.values()].flatMap(({ domain }) => domain ?? []))], pools }
}

const MAX_LISTED_DOMAINS = 20

/** Throws an InvalidError `unknown_domain` for a domain without a phase and a pool. */
export function checkDomain(domain: string, { phases, pools }: Domains): void {
  if (domain === GENERAL_DOMAIN || phases.includes(domain) || pools.includes(domainField(domain))) return
  const known = [...new Set([GENERAL_DOMAIN, ...phases, ...pools])]
  const meant = nearestWord(domain, known)
  throw new InvalidError(`no phase and no pool serves the domain ${domain}`, {
    code: 'unknown_domain',
    hint:
      meant === undefined
        ? `The domains are: ${known.slice(0, MAX_LISTED_DOMAINS).join(', ')}.`
        : `Did you mean ${meant}?`,
  })
}
