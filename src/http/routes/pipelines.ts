import { pageOf } from '../../contract/documents/basic.ts'
import { PIPELINES, UPLOADS } from '../../contract/pipelines.ts'
import { toInvalidError } from '../../pipeline/language/diagnostics/finding.ts'
import { cursorOfPipeline } from '../../runtime/ports/pipelines.ts'
import { type Route, routes } from '../routing/route.ts'

/** Pipelines without an upload: validate and plan. */
export const pipelineRoutes: readonly Route[] = routes(PIPELINES, {
  'pipelines.validate': ({ runtime, body }) => runtime.pipelines.validate(body, body),
  'pipelines.plan': ({ runtime, body }) => runtime.pipelines.plan(body, body),
})

/** Uploaded pipelines: upload, list, read, run, delete. */
export const uploadRoutes: readonly Route[] = routes(UPLOADS, {
  async 'pipelines.put'({ runtime, params: { name }, body: { strict, ...source } }) {
    const { kept, findings } = await runtime.pipelines.put(name, source, strict === undefined ? {} : { strict })
    if (!kept) throw toInvalidError(findings)
    return { name, ...kept, findings }
  },
  'pipelines.list': async ({ runtime, query }) =>
    pageOf(await runtime.pipelines.list(query), query.limit, cursorOfPipeline),
  'pipelines.get': ({ runtime, params, query }) => runtime.pipelines.get(params.name, query),
  async 'pipelines.remove'({ runtime, params }) {
    await runtime.pipelines.remove(params.name)
    return params
  },
  'pipelines.start': ({ runtime, params, body, made }) =>
    runtime.runs.start({ ...body, pipeline: params.name, ...(made && { id: `run_${made.slice(0, 32)}` }) }),
})
