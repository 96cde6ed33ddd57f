import { nameOf } from '../../../kernel/ref.ts'
import type { QueryRow } from '../client/client.ts'
import { actorKey } from '../names.ts'
import { sqlText } from './mail.ts'

/** Whether a service belongs to an application. */
export const isOwn = (namespace: string, service: string): boolean =>
  service.startsWith(`${namespace}.`) || service.startsWith(`${namespace}_`)

/** The same condition for an SQL column. */
export const isOwnColumn = (namespace: string, column: string): string =>
  `(starts_with(${column}, ${sqlText(`${namespace}.`)}) or starts_with(${column}, ${sqlText(`${namespace}_`)}))`

/** The kind of actors that a service runs; undefined for internal services of the engine. */
export const kindOf = (namespace: string, service: string): string | undefined =>
  service.startsWith(`${namespace}.`) ? service.slice(namespace.length + 1) : undefined

/** The target of an invocation: an actor as kind/key, else an internal service. */
export function targetOf(namespace: string, { service, key }: QueryRow): string {
  const kind = kindOf(namespace, String(service))
  const plain = actorKey(String(key ?? ''))
  return nameOf({ kind: kind ?? String(service).slice(namespace.length + 1), key: plain })
}
