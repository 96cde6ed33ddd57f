import { CATALOGUE } from '../../contract/catalogue.ts'
import { unlessMissing } from '../../errors.ts'
import { FILES } from '../../file/room/contract.ts'
import type { Described } from '../../house/describe.ts'
import { NDJSON } from '../../house/operation.ts'
import { INBOX_CONTRACT } from '../../inbox/room/contract.ts'
import { LEDGER_CONTRACT } from '../../ledger/room/contract.ts'
import { MEMORY_CONTRACT } from '../../memory/room/contract.ts'
import { toInvalidError } from '../../pipeline/language/diagnostics/finding.ts'
import { UPLOADS } from '../../pipeline/room/contract.ts'
import { CONTRACT } from '../../rooms/contract.ts'
import { ANY_TYPE, RUNS } from '../../run/room/contract.ts'
import { ASKS } from '../../thread/room/asks-contract.ts'
import { THREADS } from '../../thread/room/threads-contract.ts'
import type { ScopedRuntime } from '../authorize/scoped-runtime.ts'
import { bytesOf, piecesOf } from '../routing/body.ts'
import { type Handlers, handlers, type Route } from '../routing/route.ts'
import { accessHandlers } from './access.ts'
import { approvalFor, inTime } from './approval.ts'
import { feedHandlers } from './feed.ts'
import { fileAnswer } from './file-answer.ts'
import { frontendHandlers } from './frontends.ts'
import { hookHandlers } from './hooks.ts'
import { idUnder, plainHandler } from './plain.ts'
import { streamHandlers } from './streams.ts'
import { systemHandlers } from './system.ts'

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
    items: runtime.catalogue.tools().map(({ name, description, effect }) => ({ name, description, effect })),
  }),
  'catalogue.tool': ({ runtime, params }) => ({ items: runtime.catalogue.tools(params.tool) }),
})

/** The export of the ledger is a stream of lines. */
const ledgerHandlers = handlers(LEDGER_CONTRACT, {
  'ledger.export': ({ runtime }) => linesAnswer(runtime.ledger.export()),
})

/** Files: an upload is read while it arrives, and a file is sent while it is read. */
const fileHandlers = handlers(FILES, {
  'files.add': ({ runtime, query, request, clock, signal }) =>
    runtime.files.add(bytesOf(request, clock), { ...query, signal }),
  async 'files.open'({ runtime, params: { file }, query, request }) {
    const document = await runtime.files.get(file, query)
    return fileAnswer(document, request, (range) => runtime.files.open(file, { ...query, ...range }))
  },
  async 'files.thumbnail'({ runtime, params: { file: id }, query, request }) {
    const { file, name } = await runtime.files.get(id, query)
    const { type, data } = await runtime.files.thumbnail(id, query)
    const small = { file: `${file}-thumbnail`, type, name, bytes: data.length }
    const content = async function* (start: number, end: number) {
      yield data.subarray(start, end)
    }
    return fileAnswer(small, request, async ({ start, end }) => ({ content: () => content(start, end) }))
  },
})

/** Export and import of memory: streams of lines. */
const memoryHandlers = handlers(MEMORY_CONTRACT, {
  'memory.export': ({ runtime, query }) => linesAnswer(runtime.memory.export(query)),
  'memory.import': ({ runtime, query, request, clock, made }) =>
    runtime.memory.import(piecesOf(request, clock), { ...query, ...(made !== undefined && { id: made.slice(0, 32) }) }),
})

/** An answer of lines, which is sent while it is read. An error before the first line is an answer of its own. */
async function linesAnswer(lines: AsyncIterable<string>): Promise<Response> {
  const pieces = lines[Symbol.asyncIterator]()
  const first = await pieces.next()
  return new Response(ReadableStream.from(encoded(first, pieces)), { headers: { 'content-type': NDJSON } })
}

async function* encoded(first: IteratorResult<string>, rest: AsyncIterator<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  for (let next = first; !next.done; next = await rest.next()) yield encoder.encode(next.value)
}

/** Asks: ask and wait for the answer, or under an id of one's own without waiting; consent to summaries. */
const threadHandlers = {
  ...handlers(THREADS, {
    'threads.startAsk': ({ runtime, params: { thread, ask }, body }) =>
      runtime.threads.startAsk({ ...body, thread, id: ask }),
  }),
  ...handlers(ASKS, {
    'threads.ask': {
      handle: ({ runtime, params, body, made, signal }) =>
        runtime.threads.ask({ ...idUnder(ASKS['threads.ask'], made), ...body, ...params }, { signal }),
      isMade: ({ runtime, params: { thread }, body: { id }, made }) =>
        isAsked(runtime, thread, id ?? idUnder(ASKS['threads.ask'], made).id!),
    },
    async 'inbox.consent'({ runtime, params, body: { thread, ...said } }) {
      const answers = 'answers' in said ? said.answers : [said]
      return { items: await runtime.inbox.consent(params.ask, answers, thread === undefined ? {} : { thread }) }
    },
  }),
}

const isAsked = async ({ threads }: ScopedRuntime, thread: string, ask: string): Promise<boolean> =>
  (await threads.getAsk(thread, ask).catch(unlessMissing)) !== undefined

/** Handlers of operations that do more than call the method of their name. */
const HANDLERS: Handlers = {
  ...uploadHandlers,
  ...runHandlers,
  ...approvalHandlers,
  ...threadHandlers,
  ...streamHandlers,
  ...frontendHandlers,
  ...catalogueHandlers,
  ...accessHandlers,
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
