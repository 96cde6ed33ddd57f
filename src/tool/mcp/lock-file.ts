import { randomUUID } from 'node:crypto'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { InvalidError } from '../../errors.ts'
import { type ValidationIssue, validationIssues } from '../../kernel/schema-issues/validation-issues.ts'
import { readPlainFile } from '../../lib/encoding/plain-file.ts'
import { anyJson } from '../builtin/any-json.ts'
import type { ServerPins } from './pins.ts'

const LOCK_FILE = 'mcp.lock.json'

const pin = z.strictObject({ description: z.string(), input: anyJson, output: anyJson.exactOptional() })
const shape = z.strictObject({ version: z.literal(1), servers: z.record(z.string(), z.record(z.string(), pin)) })

/** The pins in a folder, by server. */
export interface LockFile {
  readonly file: string
  read(): Promise<{ readonly [server: string]: ServerPins }>
  /** The pins of one server; undefined: it has none yet. */
  pins(server: string): Promise<ServerPins | undefined>
  /** Replaces the pins of one server. */
  write(server: string, pins: ServerPins): Promise<void>
}

export function lockFileIn(folder: string): LockFile {
  const file = join(folder, LOCK_FILE)
  let writing: Promise<unknown> = Promise.resolve()

  async function read(): Promise<{ readonly [server: string]: ServerPins }> {
    const text = await textOf(file)
    return text === undefined ? {} : parse(text, file)
  }

  async function replace(server: string, pins: ServerPins): Promise<void> {
    const servers = { ...(await read()), [server]: pins }
    const sorted = Object.fromEntries(Object.entries(servers).sort(([a], [b]) => (a < b ? -1 : 1)))
    const draft = `${file}.${randomUUID()}`
    try {
      await writeFile(draft, `${JSON.stringify({ version: 1, servers: sorted }, null, 2)}\n`, { flag: 'wx' })
      await rename(draft, file)
    } catch (cause) {
      throw new InvalidError(`The tools of the MCP server ${server} cannot be pinned: ${(cause as Error).message}`, {
        place: { file },
        hint: `Where the folder can be written, run: antiphon mcp trust ${server}`,
        cause,
      })
    }
  }

  return {
    file,
    read,
    async pins(server) {
      const all = await read()
      return Object.hasOwn(all, server) ? all[server] : undefined
    },
    write(server, pins) {
      const done = writing.then(() => replace(server, pins))
      writing = done.catch(() => {})
      return done
    },
  }
}

/** The text of a file; undefined where there is none. */
export async function textOf(file: string): Promise<string | undefined> {
  try {
    return String(await readPlainFile(file))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new InvalidError(`${file} cannot be read: ${message}`, { place: { file }, cause: error })
  }
}

function parse(text: string, file: string) {
  const hint = 'Restore it, or remove it: antiphon then pins the tools of each server again.'
  try {
    const content: unknown = JSON.parse(text)
    const result = shape.safeParse(content)
    if (result.success) return result.data.servers as { readonly [server: string]: ServerPins }
    const [{ path, message }] = validationIssues(result.error.issues, content) as [ValidationIssue]
    const place = path.join('.')
    throw new InvalidError(place === '' ? message : `\`${place}\`: ${message}`, { place: { file, path: place }, hint })
  } catch (cause) {
    if (cause instanceof SyntaxError)
      throw new InvalidError(`Expected JSON: ${cause.message}`, { place: { file }, hint, cause })
    throw cause
  }
}
