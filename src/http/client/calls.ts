import { OPERATIONS, type Operation, type OperationName } from '../../contract/operations.ts'
import type { From } from './event-stream.ts'
import { type Asking, once, queryOf } from './request.ts'

/** Calls an operation by its name, with the arguments from the table. */
export type CallOperation = <Result>(name: OperationName, ...given: readonly unknown[]) => Result

/** Calls operations through a transport. */
export function callsOf(asking: Asking): CallOperation {
  return (name, ...given) => perform(asking, OPERATIONS[name], given) as never
}

function perform(asking: Asking, operation: Operation, given: readonly unknown[]): unknown {
  const { method, path, takes = [], gives, last, makes } = operation
  const { fields, signal, body } = readArguments(takes, given)
  const named = makes ? once(makes, fields) : fields
  const [address, rest] = fill(path, named)
  const target = method === 'get' ? `${address}${queryOf(rest as Query)}` : address
  if (gives === 'events') return asking.follow(target, given[takes.length] as From | undefined, last)
  if (gives === 'text') return asking.text(target)
  if (gives === 'bytes') return asking.bytes(target, signal)
  const answer = asking.json(method, target, bodyOf(operation, body, rest), signal)
  if (gives === 'items') return answer.then((document) => (document as { readonly items: unknown }).items)
  return gives === 'nothing' ? answer.then(() => undefined) : answer
}

function bodyOf({ method, takes }: Operation, body: unknown, rest: Fields): unknown {
  if (method === 'get' || method === 'delete') return undefined
  return takes?.includes('body') ? body : rest
}

type Fields = { readonly [field: string]: unknown }
type Query = { readonly [field: string]: string | number | undefined }
type Arguments = { readonly fields: Fields; readonly signal?: AbortSignal; readonly body?: unknown }

function readArguments(takes: readonly string[], given: readonly unknown[]): Arguments {
  const spread: { [field: string]: unknown } = {}
  const named: { [field: string]: unknown } = {}
  const apart: { [name: string]: unknown } = {}
  for (const [place, name] of takes.entries()) {
    if (name === '...') Object.assign(spread, given[place])
    else if (given[place] !== undefined) (APART.has(name) ? apart : named)[name] = given[place]
  }
  return { fields: { ...spread, ...named }, ...apart }
}

/** Arguments that are not fields of the request. */
const APART: ReadonlySet<string> = new Set(['signal', 'body'])

/** The path with its parameters filled in, and the remaining fields. */
function fill(path: string, fields: Fields): [address: string, rest: Fields] {
  const rest = { ...fields }
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    delete rest[name]
    return encodeURIComponent(String(fields[name]))
  })
  return [address, rest]
}
