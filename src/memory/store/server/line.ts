import { extname } from 'node:path'
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { errorOf, type Problem, TerminalError } from '../../../errors.ts'
import type { SqlValue } from '../connection.ts'

/** A libSQL server and the token that it asks for. */
export type ServerAddress = { readonly url: string; readonly token: string | undefined }

export type Statement = readonly [sql: string, values: readonly SqlValue[]]

/**
 * A request. `read`: the statements see one state. `write`: they are one transaction, and it is sent again until there
 * is an answer. `script`: several statements in one text.
 */
export type ServerRequest =
  | { readonly type: 'read' | 'write'; readonly statements: readonly Statement[] }
  | { readonly type: 'script'; readonly sql: string }

/** The rows of each statement. `refused`: the first statement of a write broke a constraint; nothing was written. */
export type ServerReply =
  | { readonly type: 'rows'; readonly rows: readonly (readonly unknown[])[] }
  | { readonly type: 'refused' }
  | { readonly type: 'failed'; readonly problem: Problem }

/** A line to a server. A request blocks this thread until it is answered. */
export type Line = {
  /** @throws RetryableError `memory_unreachable`, TerminalError `memory_refused`, `storage` */
  send(request: ServerRequest): Exclude<ServerReply, { readonly type: 'failed' }>
  close(): void
}

/** The thread of the line gives up long before. */
const MAX_WAIT_MS = 120_000

/** Opens a line. The functions of the store are synchronous, so a thread of its own sends the requests. */
export function openLine(server: ServerAddress): Line {
  const { port1, port2 } = new MessageChannel()
  const answers = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  const entry = new URL(`./line-entry${extname(import.meta.url)}`, import.meta.url)
  const thread = new Worker(entry, { workerData: { server, port: port2, answers }, transferList: [port2] })
  thread.unref()
  return {
    send(request) {
      const seen = Atomics.load(answers, 0)
      port1.postMessage(request)
      Atomics.wait(answers, 0, seen, MAX_WAIT_MS)
      const reply = receiveMessageOnPort(port1)?.message as ServerReply | undefined
      if (!reply) throw new TerminalError('The thread that calls the libSQL server has ended.', { code: 'storage' })
      if (reply.type === 'failed') throw errorOf(reply.problem)
      return reply
    },
    close: () => port1.close(),
  }
}
