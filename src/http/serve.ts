import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'
import { BusyError } from '../errors.ts'
import { problemResponse } from './problem.ts'
import { countVisitors, type Visitors } from './visitors.ts'

/** An app that answers on a Unix socket. */
export interface Served {
  readonly socket: string
  readonly visitors: Visitors
  /** From now on requests are refused with BusyError. */
  refuse(): void
  /** Breaks off what is open and removes the socket; may be called twice. */
  close(): Promise<void>
}

// the system's limit is 104 or 108 bytes, the zero at the end included
const LONGEST_PATH = 100

/** Answers on `<folder>/socket`, for this user alone; in a folder of its own below the temporary one where that path is too long. */
export async function serveSocket(app: Hono, folder: string): Promise<Served> {
  const place = placeFor(folder)
  let refusing = false
  const server = createAdaptorServer({
    fetch: (request) =>
      refusing ? problemResponse(new BusyError('This process is about to end.')) : app.fetch(request),
    overrideGlobalObjects: false,
  }) as Server
  const visitors = countVisitors(server)
  rmSync(place.socket, { force: true })
  server.listen(place.socket)
  await once(server, 'listening')
  chmodSync(place.socket, 0o600)
  return {
    socket: place.socket,
    visitors,
    refuse: () => (refusing = true),
    async close() {
      refusing = true
      await closeServer(server)
      if (place.temporary) rmSync(dirname(place.socket), { recursive: true, force: true })
    },
  }
}

function placeFor(folder: string): { readonly socket: string; readonly temporary: boolean } {
  const socket = join(folder, 'socket')
  if (Buffer.byteLength(socket) <= LONGEST_PATH) return { socket, temporary: false }
  return { socket: join(mkdtempSync(join(tmpdir(), 'antiphon-')), 'socket'), temporary: true }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
