import { createLimits } from '../../chain/protocol/limits.ts'
import { limitsOf } from '../../chain/settings.ts'
import type { Setup } from '../cli.ts'
import { formatCount } from '../terminal/format.ts'

/** Reports on the domains of antiphon.yaml. @throws InvalidError for a file that cannot be read, and for wrong terms */
export async function describeDomains({ ofChain: config }: Setup): Promise<string> {
  if (!config || Object.keys(config.domains ?? {}).length === 0) return 'none in antiphon.yaml'
  const { readDomains } = await import('../../chain/domains/read-domains.ts')
  const { ownDomains } = await readDomains(config, createLimits(limitsOf(config.chain)))
  const about = [...ownDomains].map(([name, { sources, termsIn }]) => {
    const files = formatCount(sources.length, 'source')
    return `${name} (${termsIn ? `${files}, with terms` : files})`
  })
  return about.join(', ')
}
