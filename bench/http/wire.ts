import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** What a server answered. */
type Answered = { readonly status: number; readonly body: string }

/** A connection that is kept, for one request after another. It does next to nothing, so that the server is what is measured. */
export interface Wire {
  exchange(request: string): Promise<Answered>
  close(): void
}

/** Connects to a server on this machine. */
export async function openWire(port: number): Promise<Wire> {
  const socket = connect(port, '127.0.0.1').setNoDelay().setEncoding('latin1')
  await once(socket, 'connect')
  const answers = readAnswers(socket)
  return {
    exchange(request) {
      socket.write(request)
      return answers.next()
    },
    close: () => void socket.destroy(),
  }
}

/** A request as it goes over the wire. */
export function requestOf(method: 'GET' | 'POST', path: string, body?: object): string {
  const text = body === undefined ? '' : JSON.stringify(body)
  const lines = [`${method} ${path} HTTP/1.1`, 'host: 127.0.0.1', 'accept: */*']
  if (body) lines.push('content-type: application/json', `content-length: ${Buffer.byteLength(text)}`)
  return `${lines.join('\r\n')}\r\n\r\n${text}`
}

function readAnswers(socket: Socket): { next(): Promise<Answered> } {
  let pending = ''
  let waiting: PromiseWithResolvers<Answered> | undefined
  socket.on('data', (text: string) => {
    pending += text
    const answered = parse(pending)
    if (!answered) return
    pending = ''
    waiting?.resolve(answered)
  })
  const fail = () => waiting?.reject(new Error('the server closed the connection'))
  socket.on('error', fail).on('close', fail)
  return {
    next() {
      waiting = Promise.withResolvers<Answered>()
      if (socket.destroyed) fail()
      return waiting.promise
    },
  }
}

/** The answer when all of it is there; one that does not tell its length is none we know. */
function parse(text: string): Answered | undefined {
  const head = text.indexOf('\r\n\r\n')
  if (head === -1) return undefined
  const length = /content-length: (\d+)/i.exec(text.slice(0, head))?.[1]
  if (length === undefined) throw new Error(`an answer without a length: ${text.slice(0, head)}`)
  const body = text.slice(head + 4)
  return body.length < Number(length) ? undefined : { status: Number(text.slice(9, 12)), body }
}
