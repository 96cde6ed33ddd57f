import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { TerminalError } from '../../../errors.ts'
import { proofFile, provenHere } from '../../wire/peer-headers.ts'
import { type Closed, holdsOpen, isOfTool, startOf } from './process-lineage.ts'

/** Challenges and verifies processes at the socket. */
export interface Peers {
  /** Verifies a peer by its header: a session for its next requests, or an error of code `unauthenticated`. */
  letIn(said: string | undefined): Promise<{ readonly session?: string }>
  /** A challenge that only the peer itself can answer. */
  challenge(): string
}

/** ms in which a peer must answer, and ms of the session of another user. */
const ANSWER_TIME = 30_000
const SESSION_TIME = 24 * 3_600_000
/** Maximum number of remembered challenges, and of sessions. */
const MAX_REMEMBERED = 10_000

type Session = { readonly until: number; readonly pid?: number; readonly start?: string }

/**
 * Distinguishes processes of tools from others of the same user, on Linux. Node cannot query the peer of a Unix socket.
 * So the peer creates a file with a fresh name beside the socket and holds it open; /proc shows that only for this
 * process. Another user who may use the socket (root) proves its identity by owning the file.
 */
export function createPeers(folder: string, closed: Closed, now: () => number = Date.now): Peers {
  const asked = new Map<string, number>()
  const sessions = new Map<string, Session>()

  async function prove(nonce: string, pid: number): Promise<{ readonly session: string }> {
    const until = asked.get(nonce)
    asked.delete(nonce)
    if (until === undefined || until < now()) throw unproven('This challenge has expired.')
    const file = await readProof(join(folder, proofFile(nonce)), nonce)
    if (!file) throw unproven('The file of the proof does not exist.')
    const session = randomBytes(32).toString('hex')
    if (Number(file.uid) !== process.getuid!()) {
      remember(sessions, session, { until: now() + SESSION_TIME })
      return { session }
    }
    if (!(await isProven(pid, nonce, file))) throw unseen(pid)
    if (await isOfTool(pid, closed)) throw ofTool()
    const start = await startOf(pid)
    if (start === undefined) throw unproven(`There is no process ${pid}.`)
    remember(sessions, session, { until: Number.POSITIVE_INFINITY, pid, start })
    return { session }
  }

  async function checkSession(session: string): Promise<void> {
    const known = sessions.get(session)
    const isOver = !known || known.until < now()
    if (isOver || (known.pid !== undefined && (await startOf(known.pid)) !== known.start)) {
      sessions.delete(session)
      throw unproven('This process has not proven its identity.')
    }
  }

  return {
    async letIn(said) {
      const [, nonce, pid] = /^([0-9a-f]{64}):([1-9]\d{0,9})$/.exec(said ?? '') ?? []
      if (nonce !== undefined) return prove(nonce, Number(pid))
      await checkSession(said ?? '')
      return {}
    },
    challenge() {
      const nonce = randomBytes(32).toString('hex')
      remember(asked, nonce, now() + ANSWER_TIME)
      return nonce
    },
  }
}

/** A tool may make this process open a file: requests of this process are recognised without a file. */
async function isProven(pid: number, nonce: string, file: Parameters<typeof holdsOpen>[1]): Promise<boolean> {
  return pid === process.pid ? provenHere.has(nonce) : holdsOpen(pid, file)
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  if (map.size >= MAX_REMEMBERED) map.delete(map.keys().next().value!)
  map.set(key, value)
}

/** Reads the proof: a plain file with the nonce. Does not follow links, so renaming another file does not help. */
async function readProof(path: string, nonce: string) {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  )
  try {
    if (!handle) return undefined
    const file = await handle.stat({ bigint: true })
    if (!file.isFile() || file.size !== BigInt(nonce.length)) return undefined
    return (await handle.readFile('latin1')) === nonce ? file : undefined
  } finally {
    await handle?.close()
  }
}

function unproven(why: string): TerminalError {
  return new TerminalError(why, {
    code: 'unauthenticated',
    hint: 'The antiphon commands do this automatically. Other programs use an API key over the network (antiphon serve --listen).',
  })
}

/** The process has the file, so it is of this user, and /proc does not show it: it may be in another container. */
function unseen(pid: number): TerminalError {
  return new TerminalError(`Process ${pid} does not hold the file open.`, {
    code: 'unauthenticated',
    hint: 'A process in another container is seen if both share their process ids: pid: host in compose, or shareProcessNamespace in Kubernetes. Others use an API key over the network.',
  })
}

function ofTool(): TerminalError {
  return new TerminalError('A process that a tool started may not use the socket of the data folder.', {
    code: 'unauthenticated',
    hint: 'Use an API key over the network.',
  })
}
