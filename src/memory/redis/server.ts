import { RetryableError } from '../../errors.ts'
import { loadRedis, socketOptions } from '../../store/load-redis.ts'
import type { RedisAddress } from '../../store/redis.ts'
import type { MirrorEntry } from '../store/upkeep/mirror.ts'

/**
 * The hashes of a mirror on a Redis server, two for each owner. Both hold the same *mark*, which each write replaces.
 * A write names the mark that it expects and does nothing if there is another one, so a late write is lost. Each
 * function rejects with a RetryableError while the server is away, frozen or full.
 */
export interface MirrorServer {
  /** The mark of an owner; '' when a hash is missing. */
  mark(owner: string): Promise<string>
  /** Removes everything of an owner and sets a new mark. False: the mark is not the expected one. */
  reset(owner: string, expected: string, mark: string): Promise<boolean>
  /** Writes entries and the new mark. Gives the ids of removed fields; undefined as `reset` gives false. */
  write(owner: string, marks: WriteMarks, entries: readonly MirrorEntry[]): Promise<readonly string[] | undefined>
  /** Removes the hashes of an owner. */
  drop(owner: string): Promise<void>
  /** Rewrites the files of the server, if it has any, so that removed text is not in them either. */
  cleanDisk(): Promise<void>
  close(): void
}

type WriteMarks = { readonly expected: string; readonly mark: string }

/** ms: the longest wait for the first connection, for a command, and for the files of the server. */
const LIMITS = { connect: 1_000, command: 750, disk: 30_000 }
/** ms without commands after one that was not answered, and between two looks at the files. */
const PAUSES = { unanswered: 750, disk: 20 }

/** The field with the mark. No record has such an id, because ids have no control characters. */
const MARK = '\u0000mark'

const keysOf = (owner: string) =>
  ['short', 'intermediate'].map((tier) => `antiphon:memory:{${encodeURIComponent(owner)}}:${tier}`)

const SEEN = `local a, b = redis.call('HGET', KEYS[1], ARGV[1]), redis.call('HGET', KEYS[2], ARGV[1])
local seen = (a == b and a) or ''
if seen ~= ARGV[2] then return false end
`
const SET_MARK = `for k = 1, 2 do redis.call('HSET', KEYS[k], ARGV[1], ARGV[3]) end
`
const READ = `local a, b = redis.call('HGET', KEYS[1], ARGV[1]), redis.call('HGET', KEYS[2], ARGV[1])
return (a == b and a) or ''`
const RESET = `${SEEN}redis.call('DEL', KEYS[1], KEYS[2])
${SET_MARK}return 1`
const WRITE = `${SEEN}${SET_MARK}local removed = {}
for i = 4, #ARGV, 3 do
  for k = 1, 2 do
    if ARGV[i + 1] == tostring(k) then redis.call('HSET', KEYS[k], ARGV[i], ARGV[i + 2])
    elseif redis.call('HDEL', KEYS[k], ARGV[i]) == 1 then removed[#removed + 1] = ARGV[i] end
  end
end
return removed`

/**
 * Connects in the background, and again whenever the connection ends. `ready`: called at each connection, since the
 * server may have lost or restored copies; `failed`: called with each error.
 * @throws InvalidError if the package is missing
 */
export async function openMirrorServer(
  address: RedisAddress,
  { ready, failed }: { ready(): void; failed(error: Error): void },
): Promise<MirrorServer> {
  const { createClient } = await loadRedis()
  const client = createClient({ ...address, socket: socketOptions(), disableOfflineQueue: true })
  let silentUntil = 0
  client.on('error', failed)
  const { promise: settled, resolve } = Promise.withResolvers<void>()
  const patience = setTimeout(resolve, LIMITS.connect)
  for (const event of ['ready', 'error'] as const) client.once(event, () => resolve())
  client.on('ready', ready)
  client.connect().catch(failed)
  await settled.finally(() => clearTimeout(patience))

  /** A command that is not answered in time may still be done later: the marks make that harmless. */
  async function ask<Answer>(command: () => Promise<unknown>): Promise<Answer> {
    if (!client.isReady) throw away('it is not connected')
    if (performance.now() < silentUntil) throw away('it does not answer')
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      silentUntil = performance.now() + PAUSES.unanswered
      reject(away('it does not answer'))
    }, LIMITS.command)
    try {
      return (await Promise.race([command(), late])) as Answer
    } catch (error) {
      throw error instanceof RetryableError ? error : away((error as Error).message)
    } finally {
      clearTimeout(timer)
    }
  }
  const run = <Answer>(script: string, owner: string, ...given: readonly string[]) =>
    ask<Answer>(() => client.eval(script, { keys: keysOf(owner), arguments: [MARK, ...given] }))

  async function rewrite(command: 'BGSAVE' | 'BGREWRITEAOF', isBusy: RegExp): Promise<void> {
    const until = performance.now() + LIMITS.disk
    const idle = async () => {
      while (isBusy.test(await ask<string>(() => client.info('persistence')))) {
        if (performance.now() > until) throw away(`its ${command} does not end`)
        await new Promise((resolve) => setTimeout(resolve, PAUSES.disk))
      }
    }
    // one that runs already may have begun before the removal
    await idle()
    await ask(() => client.sendCommand([command]))
    await idle()
    const said = await ask<string>(() => client.info('persistence'))
    if (/(rdb_last_bgsave|aof_last_bgrewrite)_status:err/.test(said)) throw away(`its ${command} failed`)
  }

  return {
    mark: (owner) => run<string>(READ, owner),
    reset: async (owner, expected, mark) => (await run<number | null>(RESET, owner, expected, mark)) !== null,
    async write(owner, { expected, mark }, entries) {
      const fields = entries.flatMap(({ id, tier, text }) => [
        id,
        tier === 'short' ? '1' : tier ? '2' : '0',
        text ?? '',
      ])
      return (await run<readonly string[] | null>(WRITE, owner, expected, mark, ...fields)) ?? undefined
    },
    drop: async (owner) => void (await ask(() => client.del(keysOf(owner)))),
    async cleanDisk() {
      const said = await ask<string>(() => client.info('persistence'))
      const saves = await ask<{ readonly save?: string }>(() => client.configGet('save'))
      if (/aof_enabled:1/.test(said)) await rewrite('BGREWRITEAOF', /aof_rewrite_(in_progress|scheduled):1/)
      if (saves.save) await rewrite('BGSAVE', /rdb_bgsave_in_progress:1/)
    },
    close: () => client.destroy(),
  }
}

const away = (why: string) => new RetryableError(`The Redis server of memory cannot be used: ${why}.`)
