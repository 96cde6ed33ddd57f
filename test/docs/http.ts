import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FaultCode, meaningOf, statusOf } from '../../src/contract/error-codes.ts'
import { CODES } from '../../src/contract/facts.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { scopesIn } from '../../src/house/scope.ts'
import { ROUTES } from '../../src/http/routes/route-table.ts'
import { codesOf, openApi } from '../../src/http/routing/openapi.ts'
import type { Route } from '../../src/http/routing/route.ts'
import { anchorOf } from './anchor.ts'

/** Generates the page from the routes, below the hand-written part. */
export const PAGE = join(import.meta.dirname, '../../docs/http.md')
const MARK = '<!-- From here on this page is written by `node test/docs/http.ts` from the OpenAPI document. -->\n'

type Schema = {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: { readonly [name: string]: Schema }
  readonly additionalProperties?: boolean | Schema
  readonly required?: readonly string[]
  readonly default?: unknown
  readonly description?: string
}
type Parameter = {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly schema: Schema
  readonly description?: string
}
type Body = { readonly content: { readonly [type: string]: { readonly schema: Schema } } }
type Operation = {
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: Body
  readonly responses: { readonly [status: string]: Body }
}

export function page(): string {
  // as JSON, like a client sees it
  const { paths, components } = JSON.parse(JSON.stringify(openApi(ROUTES))) as {
    readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } }
    readonly components: { readonly schemas: { readonly [name: string]: Schema } }
  }
  const routes = ROUTES.map((route) => section(route, paths[route.path]![route.method]!))
  const shapes = Object.entries(components.schemas).map(([name, schema]) => shape(name, schema))
  const [written = ''] = readFileSync(PAGE, 'utf8').split(MARK)
  const names = Object.keys(components.schemas).map((name) => `[${name}](#${anchorOf(name)})`)
  return [
    ...[written, MARK, '\n## Routes\n', routeList(), ...routes, faults()],
    ...['\n## Shapes\n', `\n${names.join(', ')}.\n`, ...shapes],
  ].join('')
}

function routeList(): string {
  const rows = ROUTES.map((route) => `| [${titleOf(route)}](#${anchorOf(titleOf(route))}) | ${route.summary} |`)
  return `\n| route | |\n|---|---|\n${rows.join('\n')}\n`
}

const titleOf = ({ method, path }: Route) => `${method.toUpperCase()} /v1${path}`

function section(route: Route, operation: Operation): string {
  const { scope, local, summary, idempotent, answer } = route
  const whose = scope === null ? 'no key needed' : `scope ${scopesIn(scope).map(quoted).join(' or ')}`
  const facts = [whose, ...(local ? ['only over the socket'] : []), ...(idempotent ? ['takes `Idempotency-Key`'] : [])]
  return [
    `\n### ${titleOf(route)}\n\n${summary}. *${facts.join('; ')}*\n`,
    fieldTable([...inRequest(operation), ...inBody(operation)]),
    `\n${answer.status ?? 200}: ${answer.about}${answered(route, operation)}.${answer.over === undefined ? '' : ` 204: ${answer.over}.`}`,
    ` Errors: ${codesOf(route).filter(isOwn(route)).map(quoted).join(', ') || 'only common errors'}.\n`,
  ].join('')
}

const quoted = (code: string) => `\`${code}\``

/** Errors that every route of a kind can return are listed once. */
const isOwn = (route: Route) => (code: FaultCode) => (route.errors ?? []).includes(code)

type Field = { readonly name: string; readonly required: boolean; readonly schema: Schema; readonly where: string }

function inRequest({ parameters = [] }: Operation): readonly Field[] {
  return parameters
    .filter((parameter) => parameter.in !== 'header')
    .map(({ name, required = false, schema, description, in: where }) => ({
      name,
      required,
      where,
      schema: { ...schema, ...(description !== undefined && { description }) },
    }))
}

function inBody({ requestBody }: Operation): readonly Field[] {
  const schema = requestBody?.content['application/json']?.schema
  return schema ? fieldsOf(schema).map((field) => ({ ...field, where: 'body' })) : []
}

function fieldsOf({ anyOf, properties = {}, required = [] }: Schema): readonly Omit<Field, 'where'>[] {
  if (anyOf) return fieldsOfAny(anyOf.map(fieldsOf))
  return Object.entries(properties).map(([name, schema]) => ({ name, required: required.includes(name), schema }))
}

/** The fields of a union, each once. A field is required if every member requires it. */
function fieldsOfAny(members: readonly (readonly Omit<Field, 'where'>[])[]): readonly Omit<Field, 'where'>[] {
  const byName = new Map(members.flat().map((field) => [field.name, field]))
  const isIn = (name: string) =>
    members.every((fields) => fields.some((field) => field.name === name && field.required))
  return [...byName.values()].map((field) => ({ ...field, required: isIn(field.name) }))
}

function fieldTable(fields: readonly Field[]): string {
  if (fields.length === 0) return ''
  const rows = fields.map(({ where, ...field }) => `| ${cells(field)} | ${where} |`)
  return `\n| field | type | | in |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

function cells({ name, required, schema }: Omit<Field, 'where'>): string {
  const given = schema.default === undefined ? '' : `default \`${JSON.stringify(schema.default)}\``
  const notes = [schema.description, given].filter(Boolean).join('; ')
  return [required ? `**${name}**` : name, typeOf(schema), notes].map(inCell).join(' | ')
}

function answered({ answer }: Route, { responses }: Operation): string {
  const schema = responses[answer.status ?? 200]?.content['application/json']?.schema
  if (answer.type !== undefined) return ` (\`${answer.type.split(';')[0]}\`)`
  return schema ? ` (${typeOf(schema)})` : ''
}

function typeOf({ $ref, type, enum: words, anyOf, items, properties, additionalProperties }: Schema): string {
  if ($ref !== undefined) return linkTo($ref.split('/').at(-1)!)
  if (words) return words.map((word) => `\`${word}\``).join(', ')
  if (anyOf) return [...new Set(anyOf.map(typeOf))].join(' or ')
  if (items) return `list of ${typeOf(items)}`
  if (properties) return `{ ${Object.keys(properties).join(', ')} }`
  if (typeof additionalProperties === 'object') return `map of ${typeOf(additionalProperties)}`
  return type === undefined ? 'any JSON' : [type].flat().join(' or ')
}

const linkTo = (name: string) => `[${name}](#${name.toLowerCase()})`
const inCell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

function shape(name: string, schema: Schema): string {
  if (schema.anyOf) return `\n### ${name}\n\nOne of: ${schema.anyOf.map(oneOf).join('; ')}.\n`
  const rows = fieldsOf(schema).map((field) => `| ${cells(field)} |`)
  return `\n### ${name}\n\n| field | type | |\n|---|---|---|\n${rows.join('\n')}\n`
}

/** One member of a union: the value of its first field, then the other fields. */
function oneOf({ $ref, properties = {} }: Schema): string {
  if ($ref !== undefined) return typeOf({ $ref })
  const [[name = '', { enum: words = [] } = {}] = [], ...others] = Object.entries(properties)
  return `\`${name}: ${words.join()}\`${others.length > 0 ? ` with ${others.map(([other]) => other).join(', ')}` : ''}`
}

function faults(): string {
  const rows = Object.entries<ErrorCode>(CODES)
    .filter(([, { means }]) => means !== undefined)
    .map(([code]) => code as FaultCode)
    .toSorted((a, b) => statusOf(a) - statusOf(b) || (a < b ? -1 : 1))
    .map((code) => `| ${statusOf(code)} | \`${code}\` | ${meaningOf(code)} |`)
  return `\n## Errors\n\n| status | code | |\n|---|---|---|\n${rows.join('\n')}\n`
}

if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, page())
