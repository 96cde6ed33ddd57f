import { z } from 'zod'
import { search } from '../../../web/search/search.ts'
import { defineTool, servicesOf } from '../../tool.ts'

const result = z.object({ title: z.string(), url: z.string(), snippet: z.string(), rank: z.int() })

/** `web-search:search`: asks the service under `search:` in antiphon.yaml. Titles and snippets are strangers' text. */
export const webSearchTool = defineTool({
  name: 'web-search:search',
  description: 'Searches the web with the service that antiphon.yaml names',
  input: z.object({
    query: z.string().min(1).max(1000),
    max_results: z.int().min(1).max(50).default(10),
    region: z.string().max(20).optional(),
    safesearch: z.union([z.boolean(), z.enum(['on', 'moderate', 'strict', 'off'])]).default(true),
    // older pipelines name one here: the configuration decides
    backend: z.string().optional(),
  }),
  output: z.object({
    query: z.string(),
    results: z.array(result),
    total_results: z.int(),
    backend: z.string(),
  }),
  effect: 'idempotent',
  paid: true,
  async execute({ query, max_results: count, region, safesearch }, context) {
    const services = servicesOf(context)
    const safe = safesearch !== false && safesearch !== 'off'
    const asked = { query, count, safe, ...(region !== undefined && { region }) }
    const web = await services.web()
    const call = () => search(web, services.search, asked, context.signal)
    const { cost = 0 } = services.search ?? {}
    const found = cost > 0 && context.pay ? await context.pay({ cost, signal: context.signal, call }) : await call()
    const results = found.map((one, index) => ({ ...one, rank: index + 1 }))
    return { query, results, total_results: results.length, backend: services.search!.backend }
  },
})
