import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type {
  ClientCapabilities,
  McpServerFactory,
  RequestStateCodec,
  ServerContext,
} from '@modelcontextprotocol/server'
import type { McpServing } from '../../config/mcp-serving.ts'
import { is } from '../../errors.ts'
import { allows } from '../../house/scope.ts'
import { ignoreMissing } from '../../store/files/private.ts'
import { TASKS_EXTENSION } from '../../tool/mcp/transport/tasks.ts'
import { documentOf } from '../wire/problem.ts'
import { type CallState, callTool } from './call.ts'
import type { McpCaller, McpIdentity } from './caller.ts'
import { type CallInput, listTools } from './offers/offers.ts'
import { pinServedFiles } from './offers/served-files.ts'
import { ARTIFACT_TEMPLATE, listArtifacts, readArtifact } from './resources.ts'
import type { ServerSdk } from './sdk.ts'
import { serveTasks } from './tasks.ts'

/** Seconds for which a client may come back with the state of a call. */
const STATE_TTL_S = 30 * 24 * 60 * 60

type FactoryContext = Parameters<McpServerFactory>[0]

/** Makes servers of the protocol, each for one caller: the operations of antiphon as tools and resources. */
export function mcpServerFactory(
  sdk: ServerSdk,
  serving: McpServing,
  identityOf: (context: FactoryContext) => McpIdentity,
): McpServerFactory {
  pinServedFiles(serving)
  return (made) => {
    const { owner, scopes, client, host } = identityOf(made)
    // the person at the client answers as the key may
    const mayAnswer = allows(scopes, 'approve')
    const callerNow = async (): Promise<McpCaller> => {
      const present = await client()
      return { owner, scopes, client: present, host: host ?? present }
    }
    let codec: RequestStateCodec<CallState> | undefined
    // the folder of the key exists once a question is answered
    const codecNow = () =>
      (codec ??= sdk.createRequestStateCodec<CallState>({
        key: readStateKey(serving.keyFolder),
        ttlSeconds: STATE_TTL_S,
        bind: () => owner,
      }))
    const server = new sdk.Server(
      { name: 'antiphon', version: '1' },
      {
        capabilities: {
          tools: {},
          resources: {},
          ...(made.era === 'modern' && { extensions: { [TASKS_EXTENSION]: {} } }),
        },
        instructions:
          'Tools are agents, pipelines and single tools. Each call is a durable run or goal. A call may wait for a person.',
        requestState: { verify: async (state, context) => client().then(() => codecNow().verify(state, context)) },
      },
    )
    server.setRequestHandler('tools/list', async () => ({
      tools: await plainly(sdk, async () => listTools(await callerNow(), serving)),
    }))
    server.setRequestHandler('tools/call', ({ params: { name, arguments: input = {} } }, context) =>
      plainly(sdk, async () =>
        callTool(name, input as CallInput, {
          caller: await callerNow(),
          serving,
          context,
          canAsk: mayAnswer && canShowForms(capabilitiesOf(context) ?? server.getClientCapabilities()),
          takesTasks: made.era === 'modern' && knowsTasks(capabilitiesOf(context)),
          sign: (state) => codecNow().mint(state, context),
        }),
      ),
    )
    server.setRequestHandler('resources/list', async () => ({
      resources: await plainly(sdk, async () => listArtifacts(await client())),
    }))
    server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: [ARTIFACT_TEMPLATE] }))
    server.setRequestHandler('resources/read', ({ params: { uri } }, { mcpReq: { signal } }) =>
      plainly(sdk, async () => readArtifact(await client(), uri, signal), uri),
    )
    if (made.era === 'modern')
      serveTasks(server, {
        async handle(context, act) {
          const capabilities = capabilitiesOf(context)
          if (!knowsTasks(capabilities))
            throw new sdk.MissingRequiredClientCapabilityError({
              requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } },
            })
          return plainly(sdk, async () =>
            act({ caller: await callerNow(), canAsk: mayAnswer && canShowForms(capabilities) }),
          )
        },
      })
    return server
  }
}

const knowsTasks = (capabilities: ClientCapabilities | undefined) =>
  capabilities?.extensions?.[TASKS_EXTENSION] !== undefined

/** The revision of 2026 says with each request what the client can do. */
const capabilitiesOf = ({ mcpReq: { envelope } }: ServerContext) =>
  (envelope as { readonly [key: string]: unknown } | undefined)?.['io.modelcontextprotocol/clientCapabilities'] as
    | ClientCapabilities
    | undefined

/** A client that says nothing about the kind shows forms. */
function canShowForms(capabilities: ClientCapabilities | undefined): boolean {
  const elicitation = capabilities?.elicitation
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined)
}

/** Gives a client the code and the hint of an error, and of one that is not antiphon's nothing: it may say anything. */
async function plainly<T>(sdk: ServerSdk, act: () => Promise<T>, uri?: string): Promise<T> {
  const { ProtocolError, ResourceNotFoundError } = sdk
  try {
    return await act()
  } catch (error) {
    if (!is(error)) throw new ProtocolError(INTERNAL_ERROR, 'The server failed.')
    if (uri !== undefined && error.code === 'not_found') throw new ResourceNotFoundError(uri, error.message)
    const { code, detail, hint, status } = documentOf(error)
    const data = { code, ...(hint !== undefined && { hint }) }
    throw new ProtocolError(status < 500 || code === 'unknown_tool' ? INVALID_PARAMS : INTERNAL_ERROR, detail, data)
  }
}

// numbers of JSON-RPC
const INVALID_PARAMS = -32_602
const INTERNAL_ERROR = -32_603

const FILE = 'mcp-key'
const KEY_BYTES = 32

/** The key that signs what clients keep between two calls. It is made at first use, in the folder, and stays. */
export function readStateKey(folder: string): Uint8Array {
  const file = join(folder, FILE)
  const known = read(file)
  if (known) return known
  // a draft becomes the key whole, or not at all: of two processes one wins
  const draft = join(folder, `${FILE}.${randomBytes(8).toString('hex')}`)
  writeFileSync(draft, randomBytes(KEY_BYTES), { mode: 0o600, flag: 'wx' })
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return read(file)!
}

function read(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file)
  } catch (error) {
    return ignoreMissing(error as NodeJS.ErrnoException)
  }
}
