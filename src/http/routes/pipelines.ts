import { CATALOGUE } from '../../contract/catalogue.ts'
import { UPLOADS } from '../../contract/pipelines.ts'
import { toInvalidError } from '../../pipeline/language/diagnostics/finding.ts'
import { handlers } from '../routing/route.ts'
import { idUnder } from './plain.ts'

/** Uploaded pipelines: upload, and run. */
export const uploadHandlers = handlers(UPLOADS, {
  async 'pipelines.put'({ runtime, params: { name }, body: { strict, ...source } }) {
    const { kept: stored, findings } = await runtime.pipelines.put(name, source, strict === undefined ? {} : { strict })
    if (!stored) throw toInvalidError(findings)
    return { name, ...stored, findings }
  },
  'pipelines.start': ({ runtime, params, body, made }) =>
    runtime.runs.start({ ...body, pipeline: params.name, ...idUnder({ makes: 'run' }, made) }),
})

/** The list of tools leaves out their fields. */
export const catalogueHandlers = handlers(CATALOGUE, {
  'catalogue.tools': ({ runtime }) => ({
    items: runtime.catalogue.tools().map(({ name, description, effect, missing }) => ({
      name,
      description,
      effect,
      ...(missing !== undefined && { missing }),
    })),
  }),
  'catalogue.tool': ({ runtime, params }) => ({ items: runtime.catalogue.tools(params.tool) }),
})
