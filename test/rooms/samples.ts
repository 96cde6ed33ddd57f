import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '../../src/http/client/client.ts'
import type { Runtime } from '../../src/runtime/ports.ts'

/** The requests with which the tests of all routes try the operations of a room. */
export type RoomSample = {
  /** each method of its client, once */
  calls(client: Client): readonly (Promise<unknown> | AsyncIterable<unknown>)[]
  /** each read that answers with a document, after what it needs: route, path and body */
  readonly answers: readonly (readonly [route: string, path: string, body?: object])[]
  /** the body of each route that needs one */
  readonly bodies?: { readonly [route: string]: object }
  /** routes with which another owner makes something of its own */
  readonly makesOwn?: readonly string[]
  /** makes something of the owner `ann` that is called `gate` */
  prepare?(runtime: Runtime): Promise<unknown>
}

const TESTS = join(import.meta.dirname, '..')
const ROOMS = [TESTS, join(TESTS, 'work')]
const files = ROOMS.flatMap((rooms) => readdirSync(rooms).map((folder) => join(rooms, folder, 'room-sample.ts')))

/** The samples of all rooms: a room has one in `test/ROOM/room-sample.ts` or `test/work/ROOM/room-sample.ts`. */
export const roomSamples: readonly RoomSample[] = await Promise.all(
  files.filter((file) => existsSync(file)).map(async (file) => (await import(file)).sample as RoomSample),
)
