import type {
  ClientCapabilities,
  McpServerFactory,
  RequestStateCodec,
  ServerContext,
} from '@modelcontextprotocol/server'
import type { McpServing } from '../../config/mcp-serving.ts'
import { is } from '../../errors.ts'
import { documentOf } from '../wire/problem.ts'
import { type CallState, callTool } from './call.ts'
import type { McpCaller, McpIdentity } from './caller.ts'
import { type CallInput, offersFor } from './offers.ts'
import { ARTIFACT_TEMPLATE, listArtifacts, readArtifact } from './resources.ts'
import type { ServerSdk } from './sdk.ts'
import { readStateKey } from './state-key.ts'

/** Seconds for which a client may come back with the state of a call. */
const STATE_TTL_S = 30 * 24 * 60 * 60

type FactoryContext = Parameters<McpServerFactory>[0]

/** Makes servers of the protocol, each for one caller: the operations of antiphon as tools and resources. */
export function mcpServerFactory(
  sdk: ServerSdk,
  serving: McpServing,
  identityOf: (context: FactoryContext) => McpIdentity,
): McpServerFactory {
  return (made) => {
    const { owner, scopes, client } = identityOf(made)
    const callerNow = async (): Promise<McpCaller> => ({ owner, scopes, client: await client() })
    let codec: RequestStateCodec<CallState> | undefined
    // the folder of the key is there once somebody answers
    const codecNow = () =>
      (codec ??= sdk.createRequestStateCodec<CallState>({
        key: readStateKey(serving.keyFolder),
        ttlSeconds: STATE_TTL_S,
        bind: () => owner,
      }))
    const server = new sdk.Server(
      { name: 'antiphon', version: '1' },
      {
        capabilities: { tools: {}, resources: {} },
        instructions: 'Tools are pipelines and single tools. Each call is a durable run. A call may wait for a person.',
        requestState: { verify: async (state, context) => client().then(() => codecNow().verify(state, context)) },
      },
    )
    server.setRequestHandler('tools/list', async () => {
      const offers = await offersFor(await callerNow(), serving)
      const tools = await Promise.all([...offers.values()].map((offer) => offer.describe()))
      return { tools: tools.filter((tool) => tool !== undefined) }
    })
    server.setRequestHandler('tools/call', async ({ params: { name, arguments: input = {} } }, context) =>
      callTool(name, input as CallInput, {
        ...{ caller: await callerNow(), serving, context },
        canAsk: canShowForms(capabilitiesOf(context) ?? server.getClientCapabilities()),
        sign: (state) => codecNow().mint(state, context),
      }),
    )
    server.setRequestHandler('resources/list', async () => ({ resources: await listArtifacts(await client()) }))
    server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: [ARTIFACT_TEMPLATE] }))
    server.setRequestHandler('resources/read', async ({ params: { uri } }, { mcpReq: { signal } }) => {
      try {
        return await readArtifact(await client(), uri, signal)
      } catch (error) {
        throw resourceError(sdk, uri, error)
      }
    })
    return server
  }
}

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

function resourceError({ ProtocolError, ResourceNotFoundError }: ServerSdk, uri: string, error: unknown): unknown {
  if (!is(error)) return new ProtocolError(-32_603, 'The server failed.')
  if (error.code === 'not_found') return new ResourceNotFoundError(uri, error.message)
  const { code, detail, hint } = documentOf(error)
  return new ProtocolError(-32_602, detail, { code, ...(hint !== undefined && { hint }) })
}
