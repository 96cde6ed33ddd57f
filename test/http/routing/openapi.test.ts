import { describe, expect, it } from 'vitest'
import { type FaultCode, meaningOf, statusOf } from '../../../src/contract/error-codes.ts'
import { ROUTES } from '../../../src/http/routes/route-table.ts'
import { codesOf, openApi } from '../../../src/http/routing/openapi.ts'
import { openApp } from '../bench.ts'

type Schema = { readonly properties?: object; readonly required?: readonly string[]; readonly [key: string]: unknown }

it('is served to everybody', async () => {
  const { app } = openApp()
  const response = await app.request('/v1/openapi.json')
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ openapi: '3.1.0', paths: { '/runs': { post: {}, get: {} } } })
})

it('tells of every route what it takes and answers', () => {
  const { paths = {} } = openApi(ROUTES)
  const told = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item ?? {}).map((method) => `${method} ${path}`),
  )
  expect(told.sort()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort())
  for (const { method, path, params, body, sends, answer } of ROUTES) {
    const operation = paths[path]![method]!
    const inPath = (operation.parameters ?? []).flatMap((found) =>
      'in' in found && found.in === 'path' ? [found.name] : [],
    )
    expect(inPath, path).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
    expect(params !== undefined, path).toBe(inPath.length > 0)
    expect(operation.requestBody !== undefined, path).toBe((body ?? sends) !== undefined)
    expect(answer.schema !== undefined || answer.type !== undefined, path).toBe(true)
    expect(operation.responses, path).toHaveProperty(String(answer.status ?? 200))
  }
})

it('says what may be left out, and names what comes again', () => {
  const { paths = {}, components } = openApi(ROUTES)
  const schema = JSON.parse(JSON.stringify(paths['/runs/{run}/signal']!.post!.requestBody)).content['application/json']
    .schema as Schema
  expect(schema).toMatchObject({ required: ['name', 'value'], additionalProperties: false })
  expect(Object.keys(schema.properties!)).toContain('id')
  expect(JSON.stringify(components!.schemas!.Branch)).toContain('#/components/schemas/Branch')
})

describe('the faults', () => {
  it.each<[FaultCode, number]>([
    ['invalid_input', 400],
    ['invalid_pipeline', 400],
    ['unauthenticated', 401],
    ['scope_missing', 403],
    ['local_only', 403],
    ['not_found', 404],
    ['method_not_allowed', 405],
    ['id_taken', 409],
    ['too_large', 413],
    ['unsupported_type', 415],
    ['key_reused', 422],
    ['too_many_requests', 429],
    ['busy', 503],
  ])('have a status: %s is %i', (code, status) => {
    expect(statusOf(code)).toBe(status)
  })

  it('are listed once for each route', () => {
    for (const route of ROUTES) expect(codesOf(route), route.path).toEqual([...new Set(codesOf(route))])
  })

  it('are listed with their meaning', () => {
    const responses = JSON.stringify(openApi(ROUTES).paths!['/backup']!.post!.responses)
    for (const code of ['local_only', 'storage'] as const) expect(responses).toContain(meaningOf(code))
  })
})
