import { CATALOGUE } from '../../contract/catalogue.ts'
import type { Described } from '../../house/describe.ts'
import { INBOX_CONTRACT } from '../../inbox/room/contract.ts'
import { LEDGER_CONTRACT } from '../../ledger/room/contract.ts'
import { toInvalidError } from '../../pipeline/language/diagnostics/finding.ts'
import { UPLOADS } from '../../pipeline/room/contract.ts'
import { CONTRACT } from '../../rooms/contract.ts'
import { ANY_TYPE, RUNS } from '../../run/room/contract.ts'
import { type Handlers, handlers, type Route } from '../routing/route.ts'
import { linkHandlers } from './access.ts'
import { approvalFor, inTime } from './approval.ts'
import { feedHandlers } from './feed.ts'
import { fileHandlers } from './files.ts'
import { frontendHandlers } from './frontends.ts'
import { hookHandlers } from './hooks.ts'
import { linesAnswer, memoryHandlers } from './memory.ts'
import { idUnder, plainHandler } from './plain.ts'
import { streamHandlers } from './streams.ts'
import { systemHandlers } from './system.ts'
import { threadHandlers } from './threads.ts'

const runHandlers = handlers(RUNS, {
  async 'runs.page'({ runtime, params }) {
    const headers = {
      'content-type': 'text/html; charset=utf-8',
      // as a download: its text must not run in the origin of the server
      'content-disposition': 'attachment',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'x-content-type-options': 'nosniff',
    }
    return new Response(await runtime.runs.page(params.run), { headers })
  },
  async 'runs.artifact'({ runtime, params, signal }) {
    const { bytes, mime = ANY_TYPE } = await runtime.runs.artifact(params.run, params.step, { signal })
    // as a download: a browser must not run what may be in it
    return new Response(bytes, { headers: { 'content-type': mime, 'content-disposition': 'attachment' } })
  },
})

const approvalHandlers = handlers(INBOX_CONTRACT, {
  async 'inbox.approve'({ runtime, params: { run }, body, made }) {
    const { signal, id, ...decision } = body
    const under = id === undefined ? idUnder(INBOX_CONTRACT['inbox.approve'], made, body) : { id }
    const name = signal ?? (await approvalFor(runtime, run, under.id))
    return inTime(runtime.runs.signal(run, name, decision, under))
  },
})

const uploadHandlers = handlers(UPLOADS, {
  async 'pipelines.put'({ runtime, params: { name }, body: { strict, ...source } }) {
    const { kept: stored, findings } = await runtime.pipelines.put(name, source, strict === undefined ? {} : { strict })
    if (!stored) throw toInvalidError(findings)
    return { name, ...stored, findings }
  },
  'pipelines.start': ({ runtime, params, body, made }) =>
    runtime.runs.start({ ...body, pipeline: params.name, ...idUnder({ makes: 'run' }, made) }),
})

/** The list of tools leaves out their fields. */
const catalogueHandlers = handlers(CATALOGUE, {
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

/** The export of the ledger is a stream of lines. */
const ledgerHandlers = handlers(LEDGER_CONTRACT, {
  'ledger.export': ({ runtime }) => linesAnswer(runtime.ledger.export()),
})

/** Handlers of operations that do more than call the method of their name. */
const HANDLERS: Handlers = {
  ...uploadHandlers,
  ...runHandlers,
  ...approvalHandlers,
  ...threadHandlers,
  ...streamHandlers,
  ...frontendHandlers,
  ...catalogueHandlers,
  ...linkHandlers,
  ...systemHandlers,
  ...feedHandlers,
  ...memoryHandlers,
  ...fileHandlers,
  ...ledgerHandlers,
  ...hookHandlers,
}

/** All routes, in the order of the documentation: one for each operation of the contract. */
export const ROUTES: readonly (Route & Pick<Described, 'name'>)[] = CONTRACT.map(
  (operation) => ({ ...operation, ...(HANDLERS[operation.name] ?? plainHandler(operation)) }) as Route & Described,
)
