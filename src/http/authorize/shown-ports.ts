import { lazily } from '../../lib/own.ts'
import type { ServingPort } from '../../runtime/ports/serving.ts'
import { documentOf, thrownFrom } from '../wire/problem.ts'

type Show = ServingPort['shown']
type Cut = <Value>(value: Value) => Value

/**
 * Ports whose results, events and errors lack secrets, however deep a method lies. A caller has no other ports, so
 * every route, stream, link and protocol that is made from them cuts the same.
 */
export function shownPorts<Ports extends object>(ports: Ports, shown: Show): Ports {
  const members = Object.keys(ports) as (keyof Ports & string)[]
  return lazily(Object.fromEntries(members.map((name) => [name, () => shownMember(ports, name, shown)]))) as Ports
}

function shownMember<Ports extends object>(ports: Ports, name: keyof Ports, shown: Show): unknown {
  const member: unknown = ports[name]
  if (typeof member === 'function')
    return (...request: readonly unknown[]) => shownCall(() => member.apply(ports, request), cutFor(request, shown))
  return typeof member === 'object' && member !== null ? shownPorts(member, shown) : member
}

/** Cuts what leaves for a request. A text that the caller sent as a whole, such as an id, comes back as it was. */
function cutFor(request: readonly unknown[], shown: Show): Cut {
  const texts = request.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : [one]))
  const own = new Set(texts.filter((text) => typeof text === 'string' && shown(text) !== text) as string[])
  return (value) => shown(value, own)
}

function shownCall(call: () => unknown, cut: Cut): unknown {
  const fail = (error: unknown): never => {
    throw shownError(error, cut)
  }
  const show = (result: unknown) => (isStream(result) ? shownInTurn(result, cut) : cut(result))
  try {
    const result = call()
    return result instanceof Promise ? result.then(show, fail) : show(result)
  } catch (error) {
    return fail(error)
  }
}

async function* shownInTurn(stream: AsyncIterable<unknown>, cut: Cut): AsyncGenerator<unknown> {
  try {
    for await (const item of stream) yield cut(item)
  } catch (error) {
    throw shownError(error, cut)
  }
}

const isStream = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

/** The error as a caller gets it: the same, unless its texts have a secret. */
export function shownError(error: unknown, cut: Cut): unknown {
  const document = documentOf(error, true)
  const safe = cut(document)
  return safe === document ? error : thrownFrom(safe)
}
