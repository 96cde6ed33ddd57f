import type { Contract } from '../../contract/operation.ts'
import { LAST_EVENT, type Operation } from '../../contract/operations.ts'
import type { Room } from '../../rooms/room.ts'
import { ROOMS, type RoomViews } from '../../rooms/rooms.ts'
import type { Call, Route } from '../routing/route.ts'
import { startAfter } from '../stream/event-stream.ts'

type Fields = { readonly [field: string]: unknown }
type RoomCall = Call<Fields | undefined, Fields | undefined, Fields | undefined>
type Method = (...given: readonly unknown[]) => unknown

/** The routes of all rooms. Each calls the method of its name, as the caller may use the port. */
export const roomRoutes: readonly Route[] = Object.entries<Room>(ROOMS).flatMap(([port, room]) =>
  Object.entries<Contract & Operation>(room.contract).map(([name, operation]) => {
    const method = name.slice(port.length + 1)
    const handle = async (call: RoomCall) => {
      const view = call.runtime[port as keyof RoomViews] as unknown as { readonly [method: string]: Method }
      if (operation.gives === 'events')
        return stream(call, room, view, (from) => view[method]!(...argumentsOf(operation, call), from))
      return (await view[method]!(...argumentsOf(operation, call))) ?? call.params
    }
    return { ...operation, handle } as Route
  }),
)

async function stream(call: RoomCall, room: Room, view: object, read: Method): Promise<Response> {
  const { caller, follow, params = {}, query = {}, header } = call
  return follow(caller, {
    topic: await room.topicOf!(view, params),
    after: startAfter(query, header(LAST_EVENT)),
    durable: (from) => read(from) as never,
  })
}

/** The arguments that `takes` names. `...` is every other field of the request, with the id that its key gives. */
function argumentsOf({ takes = [] }: Operation, { params, query, body, made, signal }: RoomCall): readonly unknown[] {
  const fields: Fields = { ...query, ...body, ...(made !== undefined && { id: made }), ...params }
  const rest = Object.fromEntries(Object.entries(fields).filter(([name]) => !takes.includes(name)))
  const apart: Fields = { signal, body, '...': rest }
  return takes.map((name) => (Object.hasOwn(apart, name) ? apart[name] : fields[name]))
}
