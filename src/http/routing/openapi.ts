import { OpenAPIHono, type RouteConfig } from '@hono/zod-openapi'
import { z } from 'zod'
import { problemDocument } from '../../contract/documents/problem.ts'
import { type FaultCode, faultCode, meaningOf, statusOf } from '../../contract/error-codes.ts'
import { maybe } from '../../document.ts'
import type { Contract } from '../../house/describe.ts'
import { BYTES, NDJSON } from '../../house/operation.ts'
import { scopesIn } from '../../house/scope.ts'
import { getOrInsert } from '../../lib/collections/get-or-insert.ts'
import { KEY_HEADER } from './idempotency.ts'

type Registry = OpenAPIHono['openAPIRegistry']
type Document = ReturnType<OpenAPIHono['getOpenAPI31Document']>
type Responses = RouteConfig['responses']

const made = new WeakMap<readonly Contract[], Document>()

/** Builds the OpenAPI 3.1 document of these routes. The result is cached. */
export const openApi = (routes: readonly Contract[]): Document => getOrInsert(made, routes, documentOf)

function documentOf(routes: readonly Contract[]): Document {
  // only the registry of this app is used; `answer` validates requests
  const app = new OpenAPIHono()
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', { type: 'http', scheme: 'bearer' })
  for (const route of routes) register(app.openAPIRegistry, route)
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'antiphon', version: '1', description: 'Pipelines, asks, and the actors that execute them.' },
    servers: [{ url: '/v1' }],
  })
}

function register(registry: Registry, route: Contract): void {
  const { method, path, scope, summary, params, query, body, idempotent, sends } = route
  registry.registerPath({
    method,
    path,
    summary,
    tags: [path.split('/')[1]!],
    description: descriptionOf(route),
    security: scope === null ? [] : [{ key: [] }],
    request: {
      ...(params && { params: params as z.ZodObject }),
      ...(query && { query: query as z.ZodObject }),
      ...(idempotent && { headers: idempotencyHeader }),
      ...(sends && { body: { content: { [sends === 'bytes' ? BYTES : NDJSON]: TEXT } } }),
      ...(body && { body: { content: { 'application/json': { schema: body } } } }),
    },
    responses: { ...responsesOf(route), ...faults(route) },
  })
}

const TEXT = { schema: { type: 'string' as const } }

const idempotencyHeader = z.object({
  [KEY_HEADER]: maybe(z.string().max(255)).meta({
    description: 'the same key and body within 24 hours have effect only once',
  }),
})

function descriptionOf({ scope, local, description }: Contract): string {
  const needs =
    scope === null
      ? 'Needs no key.'
      : `Needs the scope ${scopesIn(scope)
          .map((one) => `\`${one}\``)
          .join(' or ')}.`
  return [description, local ? `${needs} Only over the socket of the data folder.` : needs].filter(Boolean).join(' ')
}

function responsesOf({ answer }: Contract): Responses {
  const { about, status = 200, schema, type = 'application/json', over, location } = answer
  const headers = location && {
    location: { schema: { type: 'string' as const }, description: 'path of the created resource' },
  }
  const content = { [type]: { schema: schema ?? { type: 'string' as const } } }
  return {
    [status]: { description: about, content, ...(headers && { headers }) },
    ...(over !== undefined && { 204: { description: over } }),
  }
}

function faults(route: Contract): Responses {
  const byStatus = Object.entries(Object.groupBy(codesOf(route), (code) => String(statusOf(code))))
  return Object.fromEntries(byStatus.map(([status, codes = []]) => [status, faultsOf(codes)]))
}

function faultsOf(codes: readonly FaultCode[]) {
  const description = codes.map((code) => `\`${code}\`: ${meaningOf(code)}`).join('; ')
  return { description, content: { 'application/problem+json': { schema: problemDocument } } }
}

/** The declared error codes of a route and the codes that its kind of request can cause. */
export function codesOf(route: Contract): readonly FaultCode[] {
  const { scope, unlimited, local, params, query, body, idempotent, errors = [] } = route
  const codes = [
    ...((params ?? query ?? body) ? ['invalid_input'] : []),
    ...(scope === null ? [] : ['unauthenticated', 'scope_missing']),
    ...(local ? ['local_only'] : []),
    ...(body ? ['too_large', 'unsupported_type'] : []),
    ...(idempotent ? ['key_reused'] : []),
    ...(unlimited ? [] : ['too_many_requests']),
    ...errors,
  ]
  return [...new Set(codes)].map(faultCode)
}
