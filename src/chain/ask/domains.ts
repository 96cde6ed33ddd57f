import { InvalidError } from '../../errors.ts'
import { nearest } from '../../lib/suggest.ts'
import { domainField, GENERAL } from '../../worker/pool-id.ts'
import type { Phases } from '../protocol/phase.ts'

/** The domains that a question may name: those of phases, by name, and those of pools, as they stand in ids of pools. */
export type Domains = { readonly phases: readonly string[]; readonly pools: readonly string[] }

/** The domains of these phases and pools. */
export function domainsOf(phases: Phases, pools: readonly string[] = []): Domains {
  return { phases: [...new Set([...phases.values()].flatMap(({ domain }) => domain ?? []))], pools }
}

const SHOWN = 20

/** Throws an InvalidError `unknown_domain` for a domain that no phase and no pool is for. */
export function checkDomain(domain: string, { phases, pools }: Domains): void {
  if (domain === GENERAL || phases.includes(domain) || pools.includes(domainField(domain))) return
  const known = [...new Set([GENERAL, ...phases, ...pools])]
  const meant = nearest(domain, known)
  throw new InvalidError(`no phase and no pool is for the domain ${domain}`, {
    code: 'unknown_domain',
    hint: meant === undefined ? `The domains are: ${known.slice(0, SHOWN).join(', ')}.` : `Did you mean ${meant}?`,
  })
}
