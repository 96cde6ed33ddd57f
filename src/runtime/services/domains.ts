import { toolNames } from '../../chain/calls/ask-tools.ts'
import { createLimits } from '../../chain/protocol/limits.ts'
import type { ChainServices } from '../../chain/protocol/phase.ts'
import { limitsOf } from '../../chain/settings.ts'
import type { Config } from '../../config/config.ts'
import type { Models } from '../../model/models.ts'
import type { ConfiguredDomains } from '../../thread/protocol/domain.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import { placing } from '../../yaml/placing.ts'
import { checkModel } from './pools.ts'

/** The domains of the configuration, read. InvalidError, with its place, for a wrong file, or unknown model or tool. */
export const configuredDomains: typeof readConfigured = (config, models, toolbox) =>
  readConfigured(config, models, toolbox).catch(placing(config.file))

async function readConfigured(
  config: Config,
  { resolve }: Pick<Models, 'resolve'>,
  toolbox: Toolbox,
): Promise<{ readonly ownDomains: ConfiguredDomains } & Pick<ChainServices, 'domainFiles'>> {
  const { domains = {}, chain } = config
  if (Object.keys(domains).length === 0) return { ownDomains: new Map() }
  for (const [name, { models = {} }] of Object.entries(domains))
    for (const [phase, chosen] of Object.entries(models))
      for (const model of [chosen].flat()) checkModel(model, `domains.${name}.models.${phase}`, resolve)
  const { readDomains } = await import('../../chain/domains/read-domains.ts')
  const named = Object.entries(domains).map(([name, { tools, ...domain }]) => {
    const found = tools && toolNames(tools, toolbox, `domains.${name}.tools`)
    return [name, { ...domain, ...(found && { tools: [...found] }) }] as const
  })
  return readDomains({ ...config, domains: Object.fromEntries(named) }, createLimits(limitsOf(chain)))
}
