import { InvalidError } from '../../errors.ts'
import { nearestWord } from '../../lib/suggest.ts'
import type { ConfiguredDomains } from '../../thread/protocol/domain.ts'
import { AUTO_DOMAIN, domainField, GENERAL_DOMAIN } from '../../worker/pool-id.ts'
import type { PhaseRegistry } from '../protocol/phase.ts'

/** The domains a question may name: those of phases and antiphon.yaml (`own`) by name, and those of pool ids. */
export type Domains = {
  readonly phases: readonly string[]
  readonly pools: readonly string[]
  readonly own: ConfiguredDomains
}

const NONE: ConfiguredDomains = new Map()

export function listDomains(phases: PhaseRegistry, pools: readonly string[] = [], own = NONE): Domains {
  return { phases: [...new Set([...phases.values()].flatMap(({ domain }) => domain ?? []))], pools, own }
}

const MAX_LISTED_DOMAINS = 20

/** Throws an InvalidError `unknown_domain` for a domain without settings, a phase and a pool. */
export function checkDomain(domain: string, { phases, pools, own }: Domains): void {
  if (domain === AUTO_DOMAIN) checkAuto(own)
  const isKnown = [GENERAL_DOMAIN, AUTO_DOMAIN, ...own.keys(), ...phases].includes(domain)
  if (isKnown || pools.includes(domainField(domain))) return
  const known = [...new Set([GENERAL_DOMAIN, ...own.keys(), ...phases, ...pools])]
  const meant = nearestWord(domain, known)
  throw new InvalidError(`There is no domain ${domain}: no setting, no phase and no pool is for it.`, {
    code: 'unknown_domain',
    hint:
      meant === undefined
        ? `The domains are: ${known.slice(0, MAX_LISTED_DOMAINS).join(', ')}.`
        : `Did you mean ${meant}?`,
  })
}

function checkAuto(own: ConfiguredDomains): void {
  if ([...own.values()].some(({ about }) => about !== undefined)) return
  throw new InvalidError('There is no domain to choose: none has an `about`.', {
    code: 'unknown_domain',
    hint: 'Describe a domain in antiphon.yaml: `domains: { legal: { about: contracts and statutes } }`.',
  })
}
