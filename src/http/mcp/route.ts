/**
 * The server side of the Model Context Protocol: pipelines, tools and questions of a runtime as tools of an MCP
 * client. Use `tool/mcp/` for the other direction, where steps call foreign MCP servers.
 */

import type { McpHttpHandler } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { McpServing } from '../../config/mcp-serving.ts'
import { json } from '../../document.ts'
import { type CallerContext, type Route, route } from '../routing/route.ts'
import type { McpIdentity } from './caller.ts'
import { pinServedFiles } from './offers/served-files.ts'
import { loadServerSdk } from './sdk.ts'
import { mcpServerFactory } from './server.ts'

const message = z.union([z.record(z.string(), json), z.array(json)])

/**
 * `POST /mcp`: the Model Context Protocol over HTTP, in both revisions. What a message starts or reads is asked of the
 * operations under `/v1` on behalf of the caller, so that their scopes, owners, limits and audit apply.
 */
export function mcpRoute(serving: McpServing): Route {
  pinServedFiles(serving)
  let handler: Promise<McpHttpHandler> | undefined
  return route({
    method: 'post',
    path: '/mcp',
    foreign: true,
    scope: 'read',
    asksOnly: true,
    checksOrigin: true,
    summary: 'The Model Context Protocol',
    body: message,
    answer: { about: 'a message of the protocol' },
    async handle({ body, ...behalf }) {
      // one that cannot be loaded now may be installed later
      handler ??= openHandler(serving).catch((error) => {
        handler = undefined
        throw error
      })
      const { fetch } = await handler
      return fetch(behalf.request, { parsedBody: body, authInfo: authOf(behalf) })
    },
  })
}

async function openHandler(serving: McpServing): Promise<McpHttpHandler> {
  const sdk = await loadServerSdk()
  return sdk.createMcpHandler(
    mcpServerFactory(sdk, serving, ({ authInfo }) => authInfo!.extra!.identity as McpIdentity),
  )
}

/** Carries the caller through the package, which wants a token beside it. */
function authOf({ caller: { owner, scopes }, client }: CallerContext) {
  const identity: McpIdentity = { client: async () => client(), owner, scopes, host: THIS_PROCESS }
  return { token: '', clientId: owner, scopes: [...scopes], extra: { identity } }
}

const THIS_PROCESS = {}
