import { NotFoundError } from '../../errors.ts'
import { nearestWord } from '../../lib/suggest.ts'
import { requireNeeds } from '../../model/choose/requirements.ts'
import type { Models } from '../../model/models.ts'
import { describeTool } from '../../tool/describe.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import type { CataloguePort } from '../ports/catalogue.ts'

/** The tools and models of a runtime. */
export function createCatalogue({
  toolbox,
  models,
}: {
  readonly toolbox: Toolbox
  readonly models: Pick<Models, 'list' | 'default' | 'judge'>
}): CataloguePort {
  const described = () =>
    toolbox
      .list()
      .map(describeTool)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  return {
    tools(name) {
      if (name === undefined) return described()
      const found = described().filter((tool) => tool.name === name || tool.name.startsWith(`${name}:`))
      if (found.length === 0) throw noTool(name, toolbox.names())
      return found
    },
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
