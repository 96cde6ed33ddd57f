import type { Command } from 'commander'
import type { Client } from '../http/client/client.ts'
import { parseLimit } from './arguments/options.ts'
import {
  type ArgumentRecord,
  type ArgumentsOf,
  type Cli,
  type CommandRecord,
  type ConnectionTarget,
  type OptionRecord,
  type OptionsOf,
  targetOf,
} from './cli.ts'
import { type Session, type SessionOptions, withReader, withRuntime } from './connect/session.ts'
import { showList } from './render/print.ts'
import type { Terminal } from './terminal/terminal.ts'

type Arguments = readonly ArgumentRecord[]
type Options = readonly OptionRecord[]

/** The options that belong to the request: not those that say where it is made, or that its answer is JSON. */
type QueryOf<Own extends Options> = Omit<OptionsOf<Own>, 'json'>
type Given<Args extends Arguments, Own extends Options> = [...ArgumentsOf<Args>, QueryOf<Own>]

/** A command that makes a request, in a data folder or at a server. */
type RequestRecord<Args extends Arguments, Own extends Options, Answer> = Partial<Pick<CommandRecord, 'name'>> &
  Omit<CommandRecord, 'name' | 'args' | 'options' | 'at' | 'commands' | 'run'> & {
    readonly args?: Args
    readonly options?: Own
    /** how it opens the data folder; absent: it only reads one that exists */
    readonly opens?: Pick<SessionOptions, 'serve' | 'creates'>
    readonly ask: (client: Client, ...given: [...Given<Args, Own>, Terminal]) => Promise<Answer>
  }

/** A command that prints a list, as a table or as JSON. A missing data folder is an empty list. */
export function listCommand<Item, const Args extends Arguments = [], const Own extends Options = []>({
  none,
  head,
  row,
  isFailed,
  after,
  ...record
}: RequestRecord<Args, Own, readonly Item[]> & {
  /** the sentence for an empty list */
  readonly none: string | ((query: QueryOf<Own>) => string)
  readonly head: readonly string[]
  readonly row: (item: Item, terminal: Terminal) => readonly string[]
  /** tells which rows are red */
  readonly isFailed?: (row: readonly string[]) => boolean
  /** says more to people after the table */
  readonly after?: (items: readonly Item[], terminal: Terminal, session: Session) => Promise<void> | void
}): CommandRecord {
  const show: Show<Args, Own, readonly Item[]> = async (items, given, { terminal, json, session }) => {
    const query = given.at(-1) as QueryOf<Own> & { readonly limit?: number }
    const { limit = Number.POSITIVE_INFINITY } = query
    const print = () =>
      terminal.table(
        head,
        items.map((item) => row(item, terminal)),
        isFailed,
      )
    showList(terminal, items, { json, limit, none: typeof none === 'string' ? none : none(query), print })
    if (!json && session) await after?.(items, terminal, session)
    return 0
  }
  return requestCommand({ name: 'list', ...record }, show, [])
}

/** A command that prints the answer to a request, for people or as JSON. */
export function showCommand<Answer, const Args extends Arguments = [], const Own extends Options = []>({
  empty,
  print,
  json: asJson,
  exitCode = () => 0,
  ...record
}: RequestRecord<Args, Own, Answer> & {
  /** the answer of a missing data folder; absent: it is an error */
  readonly empty?: Answer
  readonly print: (answer: Answer, terminal: Terminal, ...given: Given<Args, Own>) => void
  /** what `--json` prints; absent: the answer */
  readonly json?: (answer: Answer, ...given: Given<Args, Own>) => unknown
  readonly exitCode?: (answer: Answer) => number
}): CommandRecord {
  const show: Show<Args, Own, Answer> = (answer, given, { terminal, json }) => {
    if (json) terminal.json(asJson ? asJson(answer, ...given) : answer)
    else print(answer, terminal, ...given)
    return exitCode(answer)
  }
  return requestCommand({ name: 'show', ...record }, show, empty)
}

/** Prints an answer, and returns the exit code. Without a session there is no data folder. */
type Show<Args extends Arguments, Own extends Options, Answer> = (
  answer: Answer,
  given: Given<Args, Own>,
  output: { readonly terminal: Terminal; readonly json: boolean; readonly session?: Session },
) => Promise<number> | number

function requestCommand<Args extends Arguments, Own extends Options, Answer>(
  { opens, ask, ...record }: RequestRecord<Args, Own, Answer> & Pick<CommandRecord, 'name'>,
  show: Show<Args, Own, Answer>,
  empty: Answer | undefined,
): CommandRecord {
  async function run(cli: Cli, ...values: readonly unknown[]): Promise<number> {
    const { terminal } = cli
    const [options, parsed] = values.slice(-2) as [ConnectionTarget & { readonly json?: boolean }, Command]
    const { json = false, data: _, server: __, key: ___, ...query } = options
    const given = [...values.slice(0, -2), query] as Given<Args, Own>
    const where = { command: pathOf(parsed), ...targetOf(options) }
    const work = async (session: Session) =>
      show(await ask(session.client, ...given, terminal), given, { terminal, json, session })
    if (opens) return withRuntime(cli, { ...where, ...opens }, work)
    const without = empty !== undefined && { empty: async () => show(empty, given, { terminal, json }) }
    return withReader(cli, { ...where, ...without }, work)
  }
  return { ...record, at: 'server', run }
}

/** The words of a command, such as `antiphon agent list`. */
const pathOf = (parsed: Command): string =>
  parsed.parent ? `${pathOf(parsed.parent)} ${parsed.name()}` : parsed.name()

/** The maximum number of items that a command lists. */
export const limitOption = (items: string, standard: number, most: 100 | 1000 = 1000) =>
  ['--limit <number>', `maximum number of ${items}, up to ${most}`, { parse: parseLimit, default: standard }] as const
