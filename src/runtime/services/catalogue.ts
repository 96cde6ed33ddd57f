import { describePhases, explainPhases } from '../../chain/define/describe-phases.ts'
import { checkDomain, listDomains } from '../../chain/domains/known.ts'
import type { PhaseRegistry } from '../../chain/protocol/phase.ts'
import { NotFoundError } from '../../errors.ts'
import { nearestWord } from '../../lib/suggest.ts'
import { requireNeeds } from '../../model/choose/requirements.ts'
import type { Models } from '../../model/models.ts'
import type { ConfiguredDomains } from '../../thread/protocol/domain.ts'
import { describeTool } from '../../tool/describe.ts'
import { askHealth } from '../../tool/plugin/health.ts'
import { isToolNamed } from '../../tool/tool.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import type { Pools } from '../../worker/pools.ts'
import type { CataloguePort } from '../ports/catalogue.ts'

/** The tools, models and phases of a runtime. */
export function createCatalogue({
  toolbox,
  models,
  phases,
  pools,
  domains,
  ownDomains,
  redact,
}: {
  readonly toolbox: Toolbox
  readonly models: Pick<Models, 'list' | 'default' | 'judge'>
  readonly phases: PhaseRegistry
  readonly pools: Pools
  readonly domains: readonly string[]
  readonly ownDomains: ConfiguredDomains
  redact(text: string): string
}): CataloguePort {
  const all = listDomains(phases, domains, ownDomains)
  let asking: ReturnType<CataloguePort['health']> | undefined
  const described = () =>
    toolbox
      .list()
      .map(describeTool)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  return {
    tools(name) {
      if (name === undefined) return described()
      const found = described().filter((tool) => isToolNamed(tool.name, name))
      if (found.length === 0) throw noTool(name, toolbox.names())
      return found
    },
    health() {
      // callers at the same time get one answer
      asking ??= askHealth(toolbox.list(), redact).finally(() => (asking = undefined))
      return asking
    },
    phases: () => describePhases(phases),
    selectPhases: (query = {}) =>
      explainPhases({ phases, pools, checkDomain: (domain) => checkDomain(domain, all) }, query),
    judgeModels: (needs) => models.judge(requireNeeds(needs)),
    models: () =>
      models
        .list()
        .map(({ id, offline }) => ({ id, offline, ...(id === models.default.id && { default: true as const }) })),
  }
}

function noTool(name: string, known: readonly string[]): NotFoundError {
  const near = nearestWord(name, known)
  return new NotFoundError(`There is no tool ${name}.`, near === undefined ? {} : { hint: `Did you mean ${near}?` })
}
