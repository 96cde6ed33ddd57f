import { hash } from 'node:crypto'
import { pageOf } from '../../house/common-fields.ts'
import type { Described } from '../../house/describe.ts'
import type { Method } from '../../house/guard.ts'
import type { Operation } from '../../house/operation.ts'
import type { Room } from '../../house/room.ts'
import { ROOMS } from '../../rooms/rooms.ts'
import { canonicalJson } from '../../store/cache/key.ts'
import type { Call, Handled } from '../routing/route.ts'
import { inTime } from './approval.ts'
import { followFrom } from './streams.ts'

type Fields = { readonly [field: string]: unknown }
type PlainCall = Call<Fields | undefined, Fields | undefined, Fields | undefined>
type Port = { readonly [name: string]: unknown }

/** The handler of an operation `PORT.METHOD`: calls the caller's method with the arguments that `takes` names. */
export function plainHandler(operation: Described): Handled<PlainCall, unknown> {
  const ports = operation.name.split('.')
  const method = ports.pop()!
  const argumentsOf = reader(operation)
  const portOf = ({ runtime }: PlainCall) => ports.reduce((at, name) => at[name] as Port, runtime as Port)
  if (operation.gives === 'events')
    return {
      async handle(call) {
        const port = portOf(call)
        const { topicOf }: Room = ROOMS[ports[0] as keyof typeof ROOMS]
        return followFrom(call, {
          topic: await topicOf!(port, call.params ?? {}),
          durable: (from) => (port[method] as Method)(...argumentsOf(call), from) as never,
        })
      },
    }
  return {
    handle: async (call) => answerOf(operation, call, await (portOf(call)[method] as Method)(...argumentsOf(call))),
  }
}

/** Reads the arguments that `takes` names from a request, with the id that its key gives. */
function reader(operation: Operation & Pick<Described, 'idempotent'>): (call: PlainCall) => readonly unknown[] {
  const { takes = [] } = operation
  const groups = takes.map((name) => (/^\.\.\.\w/.test(name) ? name.slice(3).split(',') : undefined))
  const apart = new Set([...takes, ...groups.flatMap((names = []) => names)])
  return ({ params, query, body, made, signal }) => {
    const fields: Fields = { ...idUnder(operation, made, body), ...query, ...body, ...params }
    const pick = (isPicked: (name: string) => boolean) =>
      Object.fromEntries(Object.entries(fields).filter(([name]) => isPicked(name)))
    return takes.map((name, place) => {
      const group = groups[place]
      if (group) return pick((field) => group.includes(field))
      if (name === '...') return pick((field) => !apart.has(field))
      if (name === 'signal') return signal
      return name === 'body' ? body : fields[name]
    })
  }
}

/** The id of a request without one of its own, from its Idempotency-Key. */
export function idUnder(
  { makes, idempotent }: Pick<Described, 'makes' | 'idempotent'>,
  made: string | undefined,
  body?: Fields,
): { readonly id?: string } {
  if (made === undefined) return {}
  if (makes === undefined) return { id: idempotent === 'short' ? made.slice(0, 16) : made }
  // a rejection of a signal is remembered under its id, so another body has another one
  const { id: _, ...sent } = body ?? {}
  const digits = makes === 'sig' ? hash('sha256', made + canonicalJson(sent as never)) : made
  return { id: `${makes}_${digits.slice(0, 32)}` }
}

/** The answer to a request, made from the result of the method. */
function answerOf({ answer, gives, makes }: Described, { params, query }: PlainCall, value: unknown): unknown {
  if (makes === 'sig') return inTime(Promise.resolve(value as { readonly status: string }))
  if (gives === 'text') return new Response(value as string, { headers: { 'content-type': answer.type! } })
  if (value === undefined) return answer.names === undefined ? params : { id: params![answer.names] }
  if (!Array.isArray(value)) return value
  return answer.cursor ? pageOf(value as never[], query!.limit as number, answer.cursor) : { items: value }
}
