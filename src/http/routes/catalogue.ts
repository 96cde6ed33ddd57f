import { CATALOGUE, TOOLS } from '../../contract/catalogue.ts'
import { type Route, routes } from '../routing/route.ts'
import { runId } from './runs.ts'

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

/** Calls of tools as runs. */
export const toolRoutes: readonly Route[] = routes(TOOLS, {
  'tools.call': ({ runtime, body: { calls, ...options }, made }) =>
    runtime.tools.call(calls, { ...(made && { id: runId(made) }), ...options }),
})
