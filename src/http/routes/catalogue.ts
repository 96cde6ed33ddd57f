import { CATALOGUE } from '../../contract/catalogue.ts'
import { type Route, routes } from '../routing/route.ts'

/** The catalogue: tools, models and pools. */
export const abilityRoutes: readonly Route[] = routes(CATALOGUE, {
  'catalogue.tools': ({ runtime }) => ({
    items: runtime.catalogue.tools().map(({ name, description, effect, missing }) => ({
      ...{ name, description, effect },
      ...(missing !== undefined && { missing }),
    })),
  }),
  'catalogue.tool': ({ runtime, params }) => ({ items: runtime.catalogue.tools(params.tool) }),
  'catalogue.models': ({ runtime }) => ({ items: runtime.catalogue.models() }),
  'catalogue.judgeModels': ({ runtime, query }) => ({ items: runtime.catalogue.judgeModels(query.needs) }),
  'inspector.pools': ({ runtime }) => runtime.inspector.pools(),
})
