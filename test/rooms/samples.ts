import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '../../src/http/client/client.ts'
import type { Runtime } from '../../src/runtime/ports.ts'

/** What the tests of all routes have made: the id of a run that waits for a person. In paths, `{run}` names it, too. */
export type Around = { readonly run: string }

/** The requests with which the tests of all routes try the operations of a room. */
export type RoomSample = {
  /** each method of its client, once */
  calls(client: Client): readonly (Promise<unknown> | AsyncIterable<unknown>)[]
  /** each read that answers with a document, after what it needs: route, path and body */
  readonly answers: readonly Answer[] | ((around: Around) => readonly Answer[])
  /** the body of each route that needs one */
  readonly bodies?: Bodies | ((around: Around) => Bodies)
  /** The scope of each operation, decided once more, unless `needed-scopes.ts` has it. */
  readonly scopes?: { readonly [operation: string]: string }
  /** routes with which another owner makes something of its own */
  readonly makesOwn?: readonly string[]
  /** makes something of the owner `ann` that is called `gate` */
  prepare?(runtime: Runtime): Promise<unknown>
}

type Answer = readonly [route: string, path: string, body?: object]
type Bodies = { readonly [route: string]: object }

const TESTS = join(import.meta.dirname, '..')
const files = readdirSync(TESTS).map((folder) => join(TESTS, folder, 'room-sample.ts'))

/** The samples of all rooms: a room has one in `test/ROOM/room-sample.ts`. */
export const roomSamples: readonly RoomSample[] = await Promise.all(
  files.filter((file) => existsSync(file)).map(async (file) => (await import(file)).sample as RoomSample),
)

/** The reads of all rooms. */
export const answersAround = (around: Around): readonly Answer[] =>
  roomSamples.flatMap(({ answers }) => (typeof answers === 'function' ? answers(around) : answers))

/** The bodies of the routes of all rooms. */
export const bodiesAround = (around: Around): Bodies =>
  Object.assign({}, ...roomSamples.map(({ bodies }) => (typeof bodies === 'function' ? bodies(around) : bodies)))
