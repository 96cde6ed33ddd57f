import { randomUUID } from 'node:crypto'
import { mkdir, realpath, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { InvalidError, TerminalError } from '../../errors.ts'
import { ownValue } from '../../lib/own.ts'
import type { EnvironmentVariables } from '../../secret/redaction.ts'
import { textOf } from './lock-file.ts'
import { digestOf, type ServerPins } from './pins.ts'
import { type McpServerSettings, plainText, targetOf, targetText } from './settings.ts'

/** Whether a person trusts a server. `changed`: its command line, URL or pins have changed since. */
export type TrustState = 'trusted' | 'untrusted' | 'changed'

/** The servers that a person trusts in a project folder, recorded outside of the folder, which may be anybody's. */
export interface ServerTrust {
  /** A server of antiphon.yaml is trusted by the person who wrote it. */
  stateOf(name: string, server: McpServerSettings, pins: ServerPins | undefined): Promise<TrustState>
  record(name: string, server: McpServerSettings, pins: ServerPins): Promise<void>
}

const entry = z.object({ target: z.string(), pins: z.string() })
const shape = z.record(z.string(), z.record(z.string(), entry))
type Entries = z.infer<typeof shape>

/** The file that records trust: in $XDG_CONFIG_HOME/antiphon, else in ~/.config/antiphon. */
export function trustFile(environment: EnvironmentVariables): string {
  const base = environment.XDG_CONFIG_HOME || join(environment.HOME || homedir(), '.config')
  return join(base, 'antiphon', 'mcp-trust.json')
}

/** The trust of the person whose environment this is. */
export function trustOf(folder: string, environment: EnvironmentVariables): ServerTrust {
  const file = trustFile(environment)
  return {
    async stateOf(name, server, pins) {
      if (server.from === 'antiphon.yaml') return 'trusted'
      const known = ownValue((await read(file))[await realpath(folder)] ?? {}, name)
      if (!known) return 'untrusted'
      const isSame = known.target === digestOf(targetOf(server)) && pins && known.pins === digestOf(pins)
      return isSame ? 'trusted' : 'changed'
    },
    async record(name, server, pins) {
      const all = await read(file)
      const key = await realpath(folder)
      // digests: the environment of a server may hold keys
      const trusted = { target: digestOf(targetOf(server)), pins: digestOf(pins) }
      await write(file, { ...all, [key]: { ...all[key], [name]: trusted } })
    },
  }
}

async function read(file: string): Promise<Entries> {
  const text = await textOf(file)
  if (text === undefined) return {}
  try {
    return shape.parse(JSON.parse(text))
  } catch (cause) {
    const hint = 'Remove it: antiphon then asks again which servers you trust.'
    throw new InvalidError('The record of trusted MCP servers cannot be read.', { place: { file }, hint, cause })
  }
}

async function write(file: string, entries: Entries): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, `${JSON.stringify(entries, null, 2)}\n`, { flag: 'wx', mode: 0o600 })
  await rename(draft, file)
}

export function notTrusted(name: string, server: McpServerSettings, state: TrustState): TerminalError {
  const why =
    state === 'changed'
      ? 'its command line, URL or pinned tools changed since a person trusted it'
      : `it comes from ${server.from}, and you have not trusted it yet`
  return new TerminalError(`The MCP server ${plainText(name, 100)} does not start: ${why} (${targetText(server)}).`, {
    code: 'mcp_untrusted',
    hint: `If you trust it: antiphon mcp trust ${plainText(name, 100)}`,
  })
}
