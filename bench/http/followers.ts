// Followers of event streams in a process of their own, each on a connection of its own.
import { once } from 'node:events'
import { connect } from 'node:net'
import { answer } from '../children.ts'
import { requestOf } from './wire.ts'

export type Question =
  /** follow these, until each has said that it is there */
  | { readonly type: 'open'; readonly port: number; readonly paths: readonly string[] }
  /** resolve with when (ms since the epoch) each got the first durable event after that number */
  | { readonly type: 'hear'; readonly after: number }

type Follower = { last: number; at: number; wanted: number }

const followers: Follower[] = []
let left = 0
let heard = Promise.withResolvers<void>()

answer(async (question: Question): Promise<readonly number[]> => {
  if (question.type === 'hear') return hear(question.after)
  // so many at a time as a server has room for at its door
  for (let from = 0; from < question.paths.length; from += 200)
    await Promise.all(question.paths.slice(from, from + 200).map((path) => open(question.port, path)))
  return []
})

// all read into the same piece of memory: what the followers cost is not to be measured
const memory = Buffer.alloc(64 * 1024)

async function open(port: number, path: string): Promise<void> {
  const follower: Follower = { last: 0, at: 0, wanted: Number.POSITIVE_INFINITY }
  followers.push(follower)
  const there = Promise.withResolvers<void>()
  const read = (length: number) => {
    take(follower, memory.toString('latin1', 0, length))
    there.resolve()
    return true
  }
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer: memory, callback: read } })
  socket.on('close', () => there.reject(new Error('the server closed a stream')))
  await once(socket, 'connect')
  socket.write(requestOf('GET', path))
  await there.promise
}

function take(follower: Follower, text: string): void {
  const at = text.lastIndexOf('\nid: ')
  if (at === -1) return
  const before = follower.last
  follower.last = Number.parseInt(text.slice(at + 5, at + 25), 10)
  if (before >= follower.wanted || follower.last < follower.wanted) return
  follower.at = now()
  if (--left === 0) heard.resolve()
}

const now = () => performance.timeOrigin + performance.now()

async function hear(after: number): Promise<readonly number[]> {
  heard = Promise.withResolvers()
  left = followers.length
  for (const follower of followers) {
    follower.wanted = after + 1
    if (follower.last > after) throw new Error(`event ${follower.last} came before it was waited for`)
  }
  await heard.promise
  return followers.map(({ at }) => at)
}
