import { setTimeout as sleep } from 'node:timers/promises'
import type { EffectOutcome, Envelope } from '../../../kernel/types.ts'
import { type Mail, type RunningTurn, startTurn } from '../../mailbox.ts'
import type { QueryRow, RestateClient } from '../client/client.ts'
import { parseBytes, sqlText } from './mail.ts'

/** The effects in the server's journal of a turn. */
type JournalState = {
  readonly outcomes: ReadonlyMap<string, EffectOutcome>
  readonly effects: RunningTurn['effects']
  readonly until: number | undefined
}

export async function readJournalState(
  client: Pick<RestateClient, 'query'>,
  invocation: string,
): Promise<JournalState> {
  return parseJournalState(
    await client.query(
      `select entry_json as entry, appended_at as at from sys_journal where id = ${sqlText(invocation)} order by index`,
    ),
  )
}

/** When an open effect of an invocation began, in ms since the epoch; undefined: the server does not say. */
export async function effectBegan(
  client: Pick<RestateClient, 'query'>,
  invocation: string,
  name: string,
): Promise<number | undefined> {
  const asked = client.query(
    `select appended_at as at from sys_journal where id = ${sqlText(invocation)} and name = ${sqlText(name)} order by index desc limit 1`,
  )
  // the effect is worth more than its time, and its end does not wait for a server that cannot be reached
  const rows = await Promise.race([asked.catch(() => []), sleep(MAX_LOOK_MS, [], { ref: false })])
  return rows[0] && Date.parse(String(rows[0].at))
}

const MAX_LOOK_MS = 2_000

/** Parses journal rows, which are in order. */
export function parseJournalState(journal: readonly QueryRow[]): JournalState {
  const entries = journal.map(entryOf)
  const results = new Map(entries.flatMap(({ Notification: ended }) => resultsOf(ended?.Completion)))
  const runs = entries.flatMap(({ Command: begun, at }) => (begun?.Run ? [{ ...begun.Run, at }] : []))
  const open = runs.filter(({ completion_id: id }) => !results.has(id))
  const sleep = entries.findLast(({ Command: begun }) => begun?.Sleep)?.Command?.Sleep
  return {
    outcomes: new Map(
      runs.flatMap(({ name, completion_id: id }) => (results.has(id) ? [[name, outcomeOf(results.get(id))]] : [])),
    ),
    effects: open.map(({ name, at }) => ({ key: name, since: at })),
    until: sleep && !results.has(sleep.completion_id) ? sleep.wake_up_time : undefined,
  }
}

/** The turn in the form that a view shows. */
export function runningOf(envelope: Envelope, { outcomes, effects, until }: JournalState) {
  return {
    ...startTurn<Mail & { readonly outcomes: JournalState['outcomes'] }>({ envelope, outcomes }),
    effects,
    until,
  }
}

type StartedEntry = { readonly completion_id: number }
type Result = { readonly Success?: readonly number[] } | 'Void'
type Entry = {
  readonly at: number
  readonly Command?: {
    readonly Run?: StartedEntry & { readonly name: string }
    readonly Sleep?: StartedEntry & { readonly wake_up_time: number }
  }
  readonly Notification?: { readonly Completion?: Completion }
}
type Completion = { readonly [kind: string]: StartedEntry & { readonly result?: Result } }

function entryOf({ entry, at }: QueryRow): Entry {
  return { ...(JSON.parse(String(entry)) as Omit<Entry, 'at'>), at: Date.parse(String(at)) }
}

function resultsOf(completion: Completion | undefined): [number, Result | undefined][] {
  return Object.values(completion ?? {}).map(({ completion_id: id, result }) => [id, result])
}

function outcomeOf(result: Result | undefined): EffectOutcome {
  return parseBytes((result as { readonly Success: readonly number[] }).Success) as EffectOutcome
}
